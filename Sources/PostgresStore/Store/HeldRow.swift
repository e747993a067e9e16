import Decisions
import VectorStores

/// A row that can be held.
struct HeldRow: Sendable {
    var rowID: String
    var entry: Entry
    var storedID: String

    var identity: EntryIdentity { EntryIdentity(tenant: entry.decision.tenant, id: storedID) }
}

/// A row that was read, made an entry or known to be none.
struct ReadRow: Sendable {
    /// What names it among the rows of all tenants.
    var rowID: String
    /// When it was stored, where that is known.
    var storedAt: Timestamp?
    var content: Result<HeldRow, TableRow.Unusable>

    /// Makes an entry of a row; costs some tens of microseconds.
    init(_ row: TableRow, embedder: DecisionEmbedder) {
        rowID = row.rowID
        storedAt = row.storedAt
        content = Result { () throws(TableRow.Unusable) -> HeldRow in
            let (entry, storedID) = try row.held(embedder: embedder)
            return HeldRow(rowID: row.rowID, entry: entry, storedID: storedID)
        }
    }
}

/// Rows on their way from a server into a mirror.
///
/// They are made entries on threads beside the one that reads, and handed out in order.
struct RowPipeline {
    private let width: Int
    private var waiting: [TableRow] = []
    private var underWay: [Concurrent<[ReadRow]>] = []

    /// Rows that one thread takes together: enough to be worth starting it, some megabytes.
    static let rowsAtATime = 2_000

    /// Uses so many threads at once at most.
    init(threads: Int) {
        width = max(1, threads)
    }

    /// Takes a row in; answers rows that are done, most often none.
    mutating func add(_ row: TableRow) throws(PostgresError) -> [ReadRow] {
        waiting.append(row)
        if waiting.count < Self.rowsAtATime { return [] }
        begin()
        return underWay.count > width ? try next() : []
    }

    /// The rows that are left, part by part; empty once there are none.
    mutating func next() throws(PostgresError) -> [ReadRow] {
        if !waiting.isEmpty, underWay.count <= width { begin() }
        if underWay.isEmpty { return [] }
        do throws(StoreError) {
            return try underWay.removeFirst().value()
        } catch {
            throw PostgresError(.server, error.description)
        }
    }

    private mutating func begin() {
        let rows = waiting
        waiting = []
        waiting.reserveCapacity(Self.rowsAtATime)
        underWay.append(
            Concurrent { () throws(StoreError) in
                let embedder = DecisionEmbedder()
                return rows.map { ReadRow($0, embedder: embedder) }
            })
    }
}
