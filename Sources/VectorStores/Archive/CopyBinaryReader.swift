import Decisions

/// Reads COPY BINARY rows from bytes that come in pieces, in constant memory.
public struct CopyBinaryReader: Sendable {
    private var pending: [UInt8] = []
    private var start = 0
    private var hasHeader = false
    private var isFinished = false
    private var row = 0
    /// Why the bytes cannot be read on, once that is known.
    private var failure: ArchiveError?

    /// Creates a reader at the beginning of a file.
    public init() {}

    /// Takes in the next bytes and returns the rows that are whole by now, or why one is not usable.
    ///
    /// A row whose content is bad keeps none from being read. Throws where no row can be found any more, once
    /// those before were returned.
    public mutating func read(
        _ bytes: some Sequence<UInt8>
    ) throws(ArchiveError) -> [Result<ArchivedRow, ArchiveError>] {
        if let failure { throw failure }
        pending.removeSubrange(..<start)
        start = 0
        pending.append(contentsOf: bytes)
        var rows: [Result<ArchivedRow, ArchiveError>] = []
        do throws(ArchiveError) {
            if !hasHeader {
                guard try readHeader() else { return [] }
                hasHeader = true
            }
            while !isFinished, let next = try readRow() { rows.append(next) }
        } catch {
            failure = error
            if rows.isEmpty { throw error }
        }
        return rows
    }

    /// Says whether the file ended where it should.
    public func finish() throws(ArchiveError) {
        if let failure { throw failure }
        guard hasHeader else { throw ArchiveError(row: 0, problem: "it is shorter than its header") }
        guard isFinished else {
            throw ArchiveError(
                row: row + 1, problem: "the file breaks off here; it was not written to its end")
        }
        guard start == pending.count else {
            throw ArchiveError(row: row + 1, problem: "the file goes on after the mark of its end")
        }
    }

    private mutating func readHeader() throws(ArchiveError) -> Bool {
        let known = min(pending.count, CopyBinary.signature.count)
        guard pending[..<known].elementsEqual(CopyBinary.signature[..<known]) else {
            throw ArchiveError(row: 0, problem: "it does not begin with PostgreSQL's binary COPY signature")
        }
        var cursor = Cursor(pending, at: CopyBinary.signature.count)
        guard let flags = cursor.word32(), let extra = cursor.word32() else { return false }
        guard flags & 0xFFFF_0000 == 0 else {
            throw ArchiveError(row: 0, problem: "its flags ask for a feature that is not known")
        }
        guard extra <= UInt32(CopyBinary.maximumFieldBytes) else {
            throw ArchiveError(row: 0, problem: "its header extension is too long")
        }
        guard cursor.skip(Int(extra)) else { return false }
        start = cursor.offset
        return true
    }

    /// The next row, which may be unusable; `nil` when it is not whole yet.
    ///
    /// Throws when its frame is broken, so that nobody knows where the row behind it begins.
    private mutating func readRow() throws(ArchiveError) -> Result<ArchivedRow, ArchiveError>? {
        var cursor = Cursor(pending, at: start)
        guard let count = cursor.word16() else { return nil }
        if count == UInt16(bitPattern: -1) {
            isFinished = true
            start = cursor.offset
            return nil
        }
        let number = row + 1
        guard count == CopyBinary.columns else {
            throw ArchiveError(
                row: number, problem: "it has \(count) columns instead of \(CopyBinary.columns)")
        }
        var fields: [ArraySlice<UInt8>?] = []
        for _ in 0..<CopyBinary.columns {
            guard let length = cursor.word32() else { return nil }
            if length == .max {
                fields.append(nil)
                continue
            }
            guard length <= UInt32(CopyBinary.maximumFieldBytes) else {
                throw ArchiveError(
                    row: number, problem: "a field is longer than \(CopyBinary.maximumFieldBytes) bytes")
            }
            guard let field = cursor.bytes(Int(length)) else { return nil }
            fields.append(field)
        }
        start = cursor.offset
        row = number
        return Result { () throws(ArchiveError) in try Self.decode(fields, row: number) }
    }

    private static func decode(_ fields: [ArraySlice<UInt8>?], row: Int) throws(ArchiveError) -> ArchivedRow {
        guard let idBytes = fields[0], let id = String(validating: idBytes, as: UTF8.self) else {
            throw ArchiveError(row: row, problem: "its identifier is missing or not UTF-8")
        }
        guard let vector = fields[1] else { throw ArchiveError(row: row, problem: "it has no vector") }
        guard let json = fields[2], json.first == 1,
            let metadata = String(validating: json.dropFirst(), as: UTF8.self)
        else {
            throw ArchiveError(row: row, problem: "its metadata is missing, of another version or not UTF-8")
        }
        var createdAt: Timestamp?
        if let time = fields[3] {
            var cursor = Cursor(Array(time), at: 0)
            guard time.count == 8, let word = cursor.word64() else {
                throw ArchiveError(row: row, problem: "its time has \(time.count) bytes instead of 8")
            }
            createdAt = Self.time(microseconds: Int64(bitPattern: word))
        }
        return ArchivedRow(
            id: id, floats: try floats(vector, row: row), metadata: metadata, createdAt: createdAt)
    }

    private static func floats(_ field: ArraySlice<UInt8>, row: Int) throws(ArchiveError) -> [Float] {
        var cursor = Cursor(Array(field), at: 0)
        guard let dimension = cursor.word16(), cursor.word16() != nil else {
            throw ArchiveError(row: row, problem: "its vector has no dimension")
        }
        guard dimension == Embedding.dimension else {
            throw ArchiveError(
                row: row, problem: "its vector has \(dimension) dimensions instead of \(Embedding.dimension)")
        }
        guard field.count == 4 + Int(dimension) * 4 else {
            throw ArchiveError(
                row: row, problem: "its vector has \(field.count) bytes, not what its dimension says")
        }
        var floats: [Float] = []
        floats.reserveCapacity(Int(dimension))
        while let word = cursor.word32() { floats.append(Float(bitPattern: word)) }
        guard floats.allSatisfy(\.isFinite) else {
            throw ArchiveError(row: row, problem: "its vector holds a value that is no finite number")
        }
        guard floats.contains(where: { $0 != 0 }) else {
            throw ArchiveError(row: row, problem: "its vector is zero and has no direction")
        }
        return floats
    }

    /// The time of PostgreSQL's microseconds; `nil` for its infinities and for years that are not written.
    private static func time(microseconds: Int64) -> Timestamp? {
        let (quotient, remainder) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
        let seconds = quotient + CopyBinary.epochSeconds - (remainder < 0 ? 1 : 0)
        guard Timestamp.writableSeconds.contains(seconds) else { return nil }
        let fraction = remainder < 0 ? remainder + 1_000_000 : remainder
        return Timestamp(seconds: seconds, nanoseconds: Int32(fraction * 1_000))
    }
}

/// A place in big-endian bytes; every read says whether enough was there.
private struct Cursor {
    private let content: [UInt8]
    private(set) var offset: Int

    init(_ content: [UInt8], at offset: Int) {
        self.content = content
        self.offset = offset
    }

    mutating func bytes(_ count: Int) -> ArraySlice<UInt8>? {
        guard count <= content.count - offset else { return nil }
        defer { offset += count }
        return content[offset..<offset + count]
    }

    mutating func skip(_ count: Int) -> Bool { bytes(count) != nil }

    mutating func word16() -> UInt16? { bytes(2).map { UInt16($0.bigEndian) } }

    mutating func word32() -> UInt32? { bytes(4).map { UInt32($0.bigEndian) } }

    mutating func word64() -> UInt64? { bytes(8).map { $0.bigEndian } }
}

extension ArraySlice<UInt8> {
    fileprivate var bigEndian: UInt64 { reduce(0) { $0 << 8 | UInt64($1) } }
}
