/// One row of a binary COPY from a server; its columns are read by their number, from 0.
///
/// It is there only while the closure runs that gets it, and cannot be copied out of it. COPY tells no types: each read
/// must ask for the column's own.
@safe package struct CopyRow: ~Copyable {
    // Sound: libpq keeps the bytes until the closure returns, and only this, which cannot outlive it, reads them.
    private let bytes: UnsafeRawBufferPointer
    private let fields: [Range<Int>?]

    /// How many columns it has.
    package var columnCount: Int { fields.count }
    /// How many bytes it took on the wire.
    package var byteCount: Int { unsafe bytes.count }

    /// Finds the columns of a row; `nil` where the bytes are none.
    init?(_ bytes: UnsafeRawBufferPointer) {
        unsafe self.bytes = unsafe bytes
        let span = unsafe bytes.bytes
        guard let count = FieldDecoder.integer(span) as Int16?, count >= 0 else { return nil }
        var fields: [Range<Int>?] = []
        fields.reserveCapacity(Int(count))
        var place = 2
        for _ in 0..<count {
            guard let length = FieldDecoder.integer(span, at: place) as Int32? else { return nil }
            place += 4
            if length == -1 {
                fields.append(nil)
                continue
            }
            guard length >= 0, place + Int(length) <= span.byteCount else { return nil }
            fields.append(place..<place + Int(length))
            place += Int(length)
        }
        guard place == span.byteCount else { return nil }
        self.fields = fields
    }

    /// Whether a column is null; one that is not there is none, so that reading it throws.
    package func isNull(_ column: Int) -> Bool { fields.indices.contains(column) && fields[column] == nil }

    private func read<Value>(
        _ column: Int, as wanted: String, _ body: (RawSpan) -> Value?
    ) throws(PostgresError) -> Value {
        guard fields.indices.contains(column) else {
            throw PostgresError(
                .protocolViolation, "a row has \(fields.count) columns, and no column \(column)")
        }
        guard let place = fields[column] else {
            throw PostgresError(.protocolViolation, "column \(column) of a row is null, not \(wanted)")
        }
        guard let value = unsafe body(bytes.bytes.extracting(place)) else {
            throw PostgresError(.protocolViolation, "column \(column) of a row is not \(wanted)")
        }
        return value
    }

    /// A text.
    package func text(_ column: Int) throws(PostgresError) -> String {
        try read(column, as: "text", FieldDecoder.text)
    }

    /// The text of a `jsonb`.
    package func jsonText(_ column: Int) throws(PostgresError) -> String {
        try read(column, as: "jsonb", FieldDecoder.json)
    }

    /// A whole number of two, four or eight bytes, or the microseconds of a time since the beginning of 2000.
    package func int8(_ column: Int) throws(PostgresError) -> Int64 {
        try read(column, as: "a whole number", FieldDecoder.whole)
    }

    /// A `timestamp` or `timestamptz`, in microseconds since the beginning of 2000.
    package func timestamp(_ column: Int) throws(PostgresError) -> Int64 { try int8(column) }

    /// A floating-point number.
    package func float8(_ column: Int) throws(PostgresError) -> Double {
        try read(column, as: "a floating-point number", FieldDecoder.float)
    }

    /// A truth value.
    package func bool(_ column: Int) throws(PostgresError) -> Bool {
        try read(column, as: "true or false", FieldDecoder.bool)
    }

    /// The bytes of a column as they came.
    package func bytes(_ column: Int) throws(PostgresError) -> [UInt8] {
        try read(column, as: "bytes", FieldDecoder.array)
    }

    /// A vector of pgvector, or a `real[]`, into a list that is used for row after row.
    package func floats(
        _ column: Int, isVector: Bool, into list: inout [Float]
    ) throws(PostgresError) {
        var found: [Float] = []
        swap(&found, &list)
        defer { swap(&found, &list) }
        try read(column, as: "a vector") { bytes in
            FieldDecoder.floats(bytes, isVector: isVector, into: &found) ? () : nil
        }
    }
}

extension CopyRow {
    /// How long the header of a binary COPY is; `nil` where the bytes begin otherwise.
    static func headerBytes(_ bytes: RawSpan) -> Int? {
        for (place, byte) in CopyWriter.signature.enumerated() {
            guard (FieldDecoder.integer(bytes, at: place) as UInt8?) == byte else { return nil }
        }
        let start = CopyWriter.signature.count + 4
        guard let extra = FieldDecoder.integer(bytes, at: start) as Int32?, extra >= 0,
            start + 4 + Int(extra) <= bytes.byteCount
        else { return nil }
        return start + 4 + Int(extra)
    }

    /// Whether the bytes are the mark of the end.
    static func isEnd(_ bytes: RawSpan) -> Bool {
        bytes.byteCount == 2 && (FieldDecoder.integer(bytes) as Int16?) == -1
    }
}
