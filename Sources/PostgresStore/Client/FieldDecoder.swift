/// Reads values in PostgreSQL's binary form; `nil` where the bytes are of another length or form.
enum FieldDecoder {
    static func integer<Integer: FixedWidthInteger & BitwiseCopyable>(
        _ bytes: RawSpan, at offset: Int = 0
    ) -> Integer? {
        guard offset >= 0, bytes.byteCount - offset >= MemoryLayout<Integer>.size else { return nil }
        // Sound: the guard leaves room for the whole integer, and every pattern of bits is one.
        return unsafe Integer(bigEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: Integer.self))
    }

    /// A whole number of two, four or eight bytes.
    static func whole(_ bytes: RawSpan) -> Int64? {
        switch bytes.byteCount {
        case 2: (integer(bytes) as Int16?).map(Int64.init)
        case 4: (integer(bytes) as Int32?).map(Int64.init)
        case 8: integer(bytes)
        default: nil
        }
    }

    /// A floating-point number of four or eight bytes.
    static func float(_ bytes: RawSpan) -> Double? {
        switch bytes.byteCount {
        case 4: (integer(bytes) as UInt32?).map { Double(Float(bitPattern: $0)) }
        case 8: (integer(bytes) as UInt64?).map { Double(bitPattern: $0) }
        default: nil
        }
    }

    static func bool(_ bytes: RawSpan) -> Bool? {
        guard bytes.byteCount == 1 else { return nil }
        return (integer(bytes) as UInt8?).map { $0 != 0 }
    }

    static func array(_ bytes: RawSpan) -> [UInt8] {
        unsafe bytes.withUnsafeBytes { unsafe Array($0) }
    }

    static func text(_ bytes: RawSpan) -> String? {
        unsafe bytes.withUnsafeBytes { unsafe String(validating: $0, as: UTF8.self) }
    }

    /// The text of a `jsonb`, whose first byte is the version of its form.
    static func json(_ bytes: RawSpan) -> String? {
        guard (integer(bytes) as UInt8?) == 1 else { return nil }
        return text(bytes.extracting(droppingFirst: 1))
    }

    /// Reads a vector of pgvector or a `real[]` into a list that is used again and again.
    ///
    /// A vector begins with its dimension and two zero bytes; an array with the number of its dimensions, whether it
    /// has nulls, and the type of its elements.
    static func floats(_ bytes: RawSpan, isVector: Bool, into list: inout [Float]) -> Bool {
        list.removeAll(keepingCapacity: true)
        return isVector ? vector(bytes, into: &list) : realArray(bytes, into: &list)
    }

    private static func vector(_ bytes: RawSpan, into list: inout [Float]) -> Bool {
        guard let count = integer(bytes) as UInt16?, bytes.byteCount == 4 + Int(count) * 4 else {
            return false
        }
        list.reserveCapacity(Int(count))
        for index in 0..<Int(count) {
            guard let bits = integer(bytes, at: 4 + index * 4) as UInt32? else { return false }
            list.append(Float(bitPattern: bits))
        }
        return true
    }

    private static func realArray(_ bytes: RawSpan, into list: inout [Float]) -> Bool {
        elements(bytes, of: TypeNumber.float4) { element in
            guard element.byteCount == 4, let bits = integer(element) as UInt32? else { return false }
            list.append(Float(bitPattern: bits))
            return true
        }
    }

    /// Calls a closure with each element of an array of one dimension without nulls; false once one is not as wanted.
    static func elements(
        _ bytes: RawSpan, of type: UInt32, _ element: (RawSpan) -> Bool
    ) -> Bool {
        guard let dimensions = integer(bytes) as Int32?, let found = integer(bytes, at: 8) as UInt32?,
            found == type, (0...1).contains(dimensions)
        else { return false }
        if dimensions == 0 { return true }
        guard let count = integer(bytes, at: 12) as Int32?, count >= 0 else { return false }
        var place = 20
        for _ in 0..<count {
            guard let length = integer(bytes, at: place) as Int32?, length >= 0,
                place + 4 + Int(length) <= bytes.byteCount
            else { return false }
            guard element(bytes.extracting(place + 4..<place + 4 + Int(length))) else { return false }
            place += 4 + Int(length)
        }
        return place == bytes.byteCount
    }
}
