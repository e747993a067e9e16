/// Writes numbers and texts into bytes, little-endian.
struct ByteWriter {
    private(set) var bytes: [UInt8] = []

    init() {}

    mutating func reserve(_ count: Int) { bytes.reserveCapacity(count) }

    mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    mutating func append(_ byte: UInt8) { bytes.append(byte) }

    mutating func append<Integer: FixedWidthInteger>(fixed value: Integer) {
        unsafe withUnsafeBytes(of: value.littleEndian) { unsafe bytes.append(contentsOf: $0) }
    }

    mutating func append<Integer: FixedWidthInteger>(bigEndian value: Integer) {
        unsafe withUnsafeBytes(of: value.bigEndian) { unsafe bytes.append(contentsOf: $0) }
    }

    mutating func append(varint value: some BinaryInteger) { Varint.append(UInt64(value), to: &bytes) }

    mutating func append(signed value: Int64) { Varint.append(Varint.zigzag(value), to: &bytes) }

    mutating func append(_ text: String) {
        append(varint: text.utf8.count)
        bytes.append(contentsOf: text.utf8)
    }

    /// A text that may be absent: its length plus one, or zero.
    mutating func append(optional text: String?) {
        guard let text else { return bytes.append(0) }
        append(varint: text.utf8.count + 1)
        bytes.append(contentsOf: text.utf8)
    }

    mutating func append(list: [String]) {
        append(varint: list.count)
        for element in list { append(element) }
    }

    mutating func append(raw content: some Sequence<UInt8>) { bytes.append(contentsOf: content) }

    /// Overwrites a byte written earlier.
    mutating func patch(_ value: UInt8, at offset: Int) { bytes[offset] = value }

    /// Overwrites four bytes written earlier.
    mutating func patch(_ value: UInt32, at offset: Int) {
        for index in 0..<4 { bytes[offset + index] = UInt8(truncatingIfNeeded: value >> UInt32(index * 8)) }
    }
}
