/// Values in the form in which libpq sends them.
struct BoundValues {
    let types: [UInt32]
    private var bytes: [UInt8] = []
    /// Where each value is; `nil` for null.
    private var places: [Range<Int>?] = []

    init(_ values: [PostgresValue]) {
        types = values.map(\.typeNumber)
        for value in values {
            let start = bytes.count
            places.append(value.encode(into: &bytes) ? start..<bytes.count : nil)
        }
        // Something to point at, for values that have no bytes.
        bytes.append(0)
    }

    var count: Int { places.count }

    /// Calls a closure with the pointers, lengths and formats of the values, which are all binary.
    func withPointers<Value>(
        _ body: ([UnsafePointer<CChar>?], [Int32], [Int32]) -> Value
    ) -> Value {
        unsafe bytes.withUnsafeBytes { buffer in
            let pointers = unsafe places.map { place in
                unsafe place.flatMap { place in
                    unsafe buffer.baseAddress.map {
                        unsafe ($0 + place.lowerBound).assumingMemoryBound(to: CChar.self)
                    }
                }
            }
            let lengths = places.map { Int32($0?.count ?? 0) }
            return unsafe body(pointers, lengths, Array(repeating: 1, count: places.count))
        }
    }
}
