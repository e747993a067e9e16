/// Writes numbers and texts compactly: integers as LEB128, texts with their length before them.
struct ByteWriter {
    private(set) var bytes: [UInt8] = []

    mutating func write(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(rest & 0x7f) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    mutating func write(_ value: Int) {
        write(UInt64(max(0, value)))
    }

    /// A number that may be negative, by zigzag.
    mutating func write(signed value: Int64) {
        write(UInt64(bitPattern: (value << 1) ^ (value >> 63)))
    }

    mutating func write(_ text: String) {
        write(text.utf8.count)
        bytes.append(contentsOf: text.utf8)
    }
}

/// Reads what ``ByteWriter`` wrote; every reading checks the bounds.
struct ByteReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Whether everything was read.
    var isAtEnd: Bool { position == bytes.count }

    private var damage: IncidentError {
        IncidentError(
            .damaged,
            "detector state is damaged at byte \(position) of \(bytes.count): the tenant learns anew")
    }

    mutating func number() throws(IncidentError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while position < bytes.count, shift < 64 {
            let byte = bytes[position]
            position += 1
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        throw damage
    }

    mutating func signedNumber() throws(IncidentError) -> Int64 {
        let value = try number()
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    mutating func count(limit: Int) throws(IncidentError) -> Int {
        let value = try number()
        guard value <= UInt64(limit) else { throw damage }
        return Int(value)
    }

    mutating func small() throws(IncidentError) -> UInt32 {
        guard let value = UInt32(exactly: try number()) else { throw damage }
        return value
    }

    mutating func text() throws(IncidentError) -> String {
        let length = try count(limit: bytes.count)
        guard length <= bytes.count - position else { throw damage }
        let text = String(validating: bytes[position..<position + length], as: UTF8.self)
        guard let text else { throw damage }
        position += length
        return text
    }
}
