public import Decisions

/// PostgreSQL's COPY BINARY format of the table `decision_vectors`.
///
/// The table has the columns `id text, embedding vector(384), metadata jsonb, created_at timestamp`.
///
/// PostgreSQL has no zero character: in identifiers and metadata U+FFFD stands in its place. The
/// identifier is the table's only key, so an identifier that several tenants have is written `ID~H` for all but
/// the first, and the metadata keeps the original.
///
/// Source: PostgreSQL documentation, "COPY", section "Binary Format"; pgvector's `vector_send`.
public enum CopyBinary {
    /// The eleven bytes every file begins with.
    static let signature: [UInt8] = [0x50, 0x47, 0x43, 0x4F, 0x50, 0x59, 0x0A, 0xFF, 0x0D, 0x0A, 0x00]
    /// Columns per row.
    static let columns = 4
    /// The largest field that is read, in bytes.
    public static let maximumFieldBytes = 16 << 20
    /// Seconds from 1970 to 2000, where PostgreSQL's timestamps begin.
    static let epochSeconds: Int64 = 946_684_800
    /// The metadata key that holds the identifier a row had before it was derived.
    package static let originalIDKey = "original_id"
}

/// A row of the table as a file holds it.
public struct ArchivedRow: Sendable, Hashable {
    /// The identifier it is stored under.
    public var id: String
    /// The vector.
    public var floats: [Float]
    /// The decision's native line without its identifier, as JSON.
    public var metadata: String
    /// When it was stored; `nil` for null, for an infinity and outside the years 1 to 9999.
    public var createdAt: Timestamp?

    /// Creates a row.
    package init(id: String, floats: [Float], metadata: String, createdAt: Timestamp?) {
        self.id = id
        self.floats = floats
        self.metadata = metadata
        self.createdAt = createdAt
    }
}

/// Why a file is not a usable archive: which row, and what is wrong with it.
public struct ArchiveError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The row, from 1; 0 for the header.
    public var row: Int
    /// What is wrong.
    public var problem: String

    /// One sentence for the operator.
    public var description: String {
        row == 0 ? "the file is no archive: \(problem)" : "row \(row): \(problem)"
    }
}
