/// Rows in PostgreSQL's binary COPY format on their way to a server.
///
/// Each row is begun with its number of columns and then given that many values.
///
/// Source: PostgreSQL documentation, "COPY", section "Binary Format".
///
/// It is there only while the closure runs that gets it, and cannot be copied out of it.
package struct CopyWriter: ~Copyable {
    /// How many bytes are collected before they are sent.
    static let chunkBytes = 256 << 10

    /// The eleven bytes every COPY begins with.
    static let signature: [UInt8] = [0x50, 0x47, 0x43, 0x4F, 0x50, 0x59, 0x0A, 0xFF, 0x0D, 0x0A, 0x00]

    /// What is written and not sent.
    private(set) var bytes: [UInt8]
    /// How many values the row that was begun still needs.
    private var missing = 0
    /// How many rows were begun.
    private(set) var rows = 0
    private let sink: any CopySink

    init(into sink: any CopySink) {
        self.sink = sink
        bytes = Self.signature
        bytes.append(contentsOf: Array(repeating: 0, count: 8))
        bytes.reserveCapacity(Self.chunkBytes + 8_192)
    }

    /// Begins a row.
    package mutating func beginRow(columns: Int) throws(PostgresError) {
        precondition(missing == 0, "the row before has too few values")
        if bytes.count >= Self.chunkBytes { try flush() }
        bytes.append(bigEndian: Int16(columns))
        missing = columns
        rows += 1
    }

    /// A value; COPY converts nothing, so it must be of the column's own type.
    package mutating func append(_ value: PostgresValue) {
        field { bytes in
            let start = bytes.count
            bytes.append(bigEndian: Int32(-1))
            guard value.encode(into: &bytes) else { return }
            bytes.patch(Int32(bytes.count - start - 4), at: start)
        }
    }

    /// A value in the column's binary form.
    package mutating func append(raw content: some Collection<UInt8>) {
        field { $0.appendSized(content) }
    }

    /// A vector of pgvector.
    package mutating func append(vector floats: [Float]) {
        field { bytes in
            bytes.append(bigEndian: Int32(4 + floats.count * 4))
            bytes.append(bigEndian: UInt16(floats.count))
            bytes.append(bigEndian: UInt16(0))
            // All at once: this is most of what a batch costs here.
            let words = floats.map { $0.bitPattern.bigEndian }
            unsafe words.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
        }
    }

    private mutating func field(_ body: (inout [UInt8]) -> Void) {
        precondition(missing > 0, "the row has too many values")
        missing -= 1
        body(&bytes)
    }

    /// Sends what is collected.
    mutating func flush() throws(PostgresError) {
        try sink.send(bytes)
        bytes.removeAll(keepingCapacity: true)
    }

    /// Writes the mark of the end and sends the rest.
    mutating func finish() throws(PostgresError) {
        precondition(missing == 0, "the last row has too few values")
        bytes.append(bigEndian: Int16(-1))
        try flush()
    }
}

/// Where the bytes of a COPY go.
protocol CopySink {
    func send(_ bytes: [UInt8]) throws(PostgresError)
}

extension Array<UInt8> {
    /// Overwrites four bytes written earlier.
    fileprivate mutating func patch(_ value: Int32, at place: Int) {
        for index in 0..<4 { self[place + index] = UInt8(truncatingIfNeeded: value >> Int32(24 - index * 8)) }
    }
}
