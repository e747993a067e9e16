import Decisions
import VectorStores

/// A row of somebody's own table.
struct OwnRow: Sendable {
    var stored: StoredDecision
    /// The vector, of any dimension.
    var floats: [Float]

    /// Reads the columns of ``OwnTable/columns``; `nil` for a row without an identifier or a vector.
    ///
    /// It is no decision: identifier, tenant, time and metadata are the row's, and what else a decision says is "?".
    init?(_ row: PostgresRow) throws(PostgresError) {
        guard !row.isNull(0), !row.isNull(1) else { return nil }
        let id = try row.text(0)
        floats = try row.floats(1)
        let text = try row.isNull(2) ? nil : row.text(2)
        let storedAt = row.isNull(3) ? nil : Timestamp(postgresMicroseconds: try row.timestamp(3))
        let foreign = ForeignMetadata(metadata: text, storedAt: storedAt)
        let read = foreign.candidates.lazy.compactMap { try? Decision(id: id, metadata: $0) }.first
        guard var decision = read else { return nil }
        if !row.isNull(4) { decision.tenant = try row.text(4) }
        if let storedAt { decision.time = storedAt }
        let isSame = floats.count == Embedding.dimension && floats.contains { $0 != 0 }
        let isFinite = floats.allSatisfy(\.isFinite)
        stored = StoredDecision(
            decision: decision,
            embedding: isSame && isFinite
                ? Embedding(rounding: floats)
                : Embedding(counts: Array(repeating: 0, count: Embedding.dimension)),
            storedID: id)
    }
}
