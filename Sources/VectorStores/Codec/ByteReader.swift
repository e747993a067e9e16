/// Reads what ``ByteWriter`` wrote; every read is checked against the end.
struct ByteReader {
    /// Why reading stopped.
    struct Truncated: Error {}

    private let bytes: ArraySlice<UInt8>
    /// Where the next read starts, an index of the slice.
    private(set) var place: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        place = bytes.startIndex
    }

    /// Bytes not read yet.
    var remaining: Int { bytes.endIndex - place }

    mutating func byte() throws(Truncated) -> UInt8 {
        guard place < bytes.endIndex else { throw Truncated() }
        place += 1
        return bytes[place - 1]
    }

    mutating func fixed<Integer: FixedWidthInteger & UnsignedInteger>(
        _ type: Integer.Type
    ) throws(Truncated) -> Integer {
        var value: Integer = 0
        for (index, byte) in try raw(MemoryLayout<Integer>.size).enumerated() {
            value |= Integer(byte) << Integer(index * 8)
        }
        return value
    }

    mutating func bigEndian<Integer: FixedWidthInteger & UnsignedInteger>(
        _ type: Integer.Type
    ) throws(Truncated) -> Integer {
        var value: Integer = 0
        for byte in try raw(MemoryLayout<Integer>.size) { value = value << 8 | Integer(byte) }
        return value
    }

    mutating func varint() throws(Truncated) -> UInt64 {
        guard let value = Varint.read(bytes, at: &place) else { throw Truncated() }
        return value
    }

    mutating func signed() throws(Truncated) -> Int64 { Varint.unzigzag(try varint()) }

    /// A count of things that each take at least a byte, so that a damaged one cannot ask for the moon.
    mutating func count() throws(Truncated) -> Int {
        let value = try varint()
        guard value <= UInt64(remaining) else { throw Truncated() }
        return Int(value)
    }

    mutating func text() throws(Truncated) -> String {
        let count = try count()
        return String(decoding: try raw(count), as: UTF8.self)
    }

    mutating func optionalText() throws(Truncated) -> String? {
        let value = try varint()
        if value == 0 { return nil }
        guard value - 1 <= UInt64(remaining) else { throw Truncated() }
        return String(decoding: try raw(Int(value - 1)), as: UTF8.self)
    }

    mutating func list() throws(Truncated) -> [String] {
        var list: [String] = []
        for _ in 0..<(try count()) { list.append(try text()) }
        return list
    }

    mutating func raw(_ count: Int) throws(Truncated) -> ArraySlice<UInt8> {
        guard count >= 0, count <= remaining else { throw Truncated() }
        place += count
        return bytes[(place - count)..<place]
    }
}

extension Array<UInt8> {
    /// Calls a closure with each little-endian number of four bytes.
    func eachNumber(_ body: (UInt32) -> Void) {
        for place in stride(from: 0, to: count, by: 4) { body(number(at: place)) }
    }

    /// The little-endian number of four bytes from a place on, which must be there.
    func number(at place: Int) -> UInt32 {
        UInt32(self[place]) | UInt32(self[place + 1]) << 8 | UInt32(self[place + 2]) << 16
            | UInt32(self[place + 3]) << 24
    }
}
