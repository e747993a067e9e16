import CPostgres

/// What a statement answered.
package struct PostgresResult: Sendable {
    /// The rows, in the server's order.
    package let rows: [PostgresRow]
    /// How many rows were changed, or read.
    package let affected: Int

    init(_ memory: ResultMemory) {
        let count = memory.rowCount
        rows = (0..<count).map { PostgresRow(memory: memory, index: $0) }
        affected = memory.affected
    }

    /// The only row.
    package func onlyRow() throws(PostgresError) -> PostgresRow {
        guard rows.count == 1 else {
            throw PostgresError(
                .protocolViolation, "the server answered \(rows.count) rows where one was asked for")
        }
        return rows[0]
    }
}

/// The memory of a result, freed with the last row that is held.
///
/// Sound although unchecked: nothing writes a result once libpq has handed it over, so that many may read it.
@safe final class ResultMemory: @unchecked Sendable {
    private let pointer: OpaquePointer

    /// Takes a result over.
    init(owning pointer: OpaquePointer) { unsafe self.pointer = pointer }

    deinit { unsafe PQclear(pointer) }

    var status: ExecStatusType { unsafe PQresultStatus(pointer) }
    var rowCount: Int { Int(unsafe PQntuples(pointer)) }
    var columnCount: Int { Int(unsafe PQnfields(pointer)) }
    /// The first words of the command that was done, such as `COMMIT`.
    var command: String { unsafe String(cString: PQcmdStatus(pointer)) }
    var affected: Int { unsafe Int(String(cString: PQcmdTuples(pointer))) ?? 0 }

    /// A part of an error, by the letter of its kind.
    func diagnostic(_ field: Character) -> String? {
        guard let code = field.asciiValue, let text = unsafe PQresultErrorField(pointer, Int32(code)) else {
            return nil
        }
        return unsafe String(cString: text)
    }

    /// The whole message of an error, for results that libpq made itself.
    var message: String { unsafe String(cString: PQresultErrorMessage(pointer)) }

    func typeNumber(of column: Int) -> UInt32 { unsafe PQftype(pointer, Int32(column)) }

    /// Calls a closure with the bytes of a field that is there; `nil` when that is null.
    func withField<Value>(row: Int, column: Int, _ body: (RawSpan) -> Value) -> Value? {
        guard unsafe PQgetisnull(pointer, Int32(row), Int32(column)) == 0 else { return nil }
        let length = Int(unsafe PQgetlength(pointer, Int32(row), Int32(column)))
        // Sound: libpq keeps this many bytes there as long as the result is held, which `self` does.
        let bytes = unsafe UnsafeRawBufferPointer(
            start: PQgetvalue(pointer, Int32(row), Int32(column)), count: length)
        return unsafe body(bytes.bytes)
    }
}

/// One row of an answer; its columns are read by their number, from 0, and each read says which type it wants.
package struct PostgresRow: Sendable {
    fileprivate let memory: ResultMemory
    fileprivate let index: Int

    private func has(_ column: Int) -> Bool { (0..<memory.columnCount).contains(column) }

    /// Whether a column is null; one that is not there is none, so that reading it throws.
    package func isNull(_ column: Int) -> Bool {
        has(column) && memory.withField(row: index, column: column) { _ in true } == nil
    }

    private func read<Value>(
        _ column: Int, as wanted: String, _ body: (RawSpan) -> Value?
    ) throws(PostgresError) -> Value {
        guard has(column) else {
            throw PostgresError(
                .protocolViolation, "the answer has \(memory.columnCount) columns, and no column \(column)")
        }
        guard let value = memory.withField(row: index, column: column, body) else {
            throw PostgresError(.protocolViolation, "column \(column) of the answer is null, not \(wanted)")
        }
        guard let value else {
            throw PostgresError(
                .protocolViolation,
                "column \(column) of the answer, of type \(memory.typeNumber(of: column)), is not \(wanted)")
        }
        return value
    }

    /// A text, varchar, name, `"char"`, json or jsonb.
    package func text(_ column: Int) throws(PostgresError) -> String {
        let isJSON = memory.typeNumber(of: column) == TypeNumber.jsonb
        return try read(column, as: "text", isJSON ? FieldDecoder.json : FieldDecoder.text)
    }

    /// A text, or nothing for null.
    package func optionalText(_ column: Int) throws(PostgresError) -> String? {
        isNull(column) ? nil : try text(column)
    }

    /// A whole number of two, four or eight bytes; times are microseconds since the beginning of 2000.
    package func int8(_ column: Int) throws(PostgresError) -> Int64 {
        try read(column, as: "a whole number", FieldDecoder.whole)
    }

    /// A whole number.
    package func int(_ column: Int) throws(PostgresError) -> Int { Int(try int8(column)) }

    /// A number that PostgreSQL counts without a sign in eight bytes, such as `xid8`.
    package func xid8(_ column: Int) throws(PostgresError) -> UInt64 {
        try read(column, as: "a number without a sign") { bytes in
            bytes.byteCount == 8 ? FieldDecoder.integer(bytes) : nil
        }
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

    /// The bytes of a field as they came.
    package func bytes(_ column: Int) throws(PostgresError) -> [UInt8] {
        try read(column, as: "bytes", FieldDecoder.array)
    }

    /// The text of a `jsonb`.
    package func jsonText(_ column: Int) throws(PostgresError) -> String {
        try read(column, as: "jsonb", FieldDecoder.json)
    }

    /// A vector of pgvector or a `real[]`.
    package func floats(_ column: Int) throws(PostgresError) -> [Float] {
        let isVector = memory.typeNumber(of: column) != TypeNumber.float4Array
        return try read(column, as: "a vector") { bytes in
            var list: [Float] = []
            return FieldDecoder.floats(bytes, isVector: isVector, into: &list) ? list : nil
        }
    }

    /// A `text[]` without nulls.
    package func texts(_ column: Int) throws(PostgresError) -> [String] {
        try read(column, as: "a list of texts") { bytes in
            var list: [String] = []
            let isWhole = FieldDecoder.elements(bytes, of: TypeNumber.text) { element in
                guard let text = FieldDecoder.text(element) else { return false }
                list.append(text)
                return true
            }
            return isWhole ? list : nil
        }
    }

    /// A `bigint[]` without nulls.
    package func int8s(_ column: Int) throws(PostgresError) -> [Int64] {
        try read(column, as: "a list of whole numbers") { bytes in
            var list: [Int64] = []
            let isWhole = FieldDecoder.elements(bytes, of: TypeNumber.int8) { element in
                guard let value = FieldDecoder.whole(element) else { return false }
                list.append(value)
                return true
            }
            return isWhole ? list : nil
        }
    }
}
