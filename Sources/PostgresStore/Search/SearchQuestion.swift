import Decisions
import VectorStores

/// What a search is near to.
struct SearchQuestion: Sendable {
    /// The vector as the server gets it.
    var floats: [Float]
    var embedding: Embedding
    /// The row that it is of, which is left out.
    var row: FoundRow?
    /// Whether counts say the vector without loss.
    private let isWhole: Bool

    init(_ embedding: Embedding) {
        self.embedding = embedding
        floats = embedding.floats
        isWhole = true
    }

    init(_ row: FoundRow) {
        embedding = row.stored.embedding
        floats = row.floats
        isWhole = row.isWhole
        self.row = row
    }

    /// The cosine with a row: what a mirror says, unless the row's vector is more than whole counts can say.
    func similarity(_ other: FoundRow) -> Float {
        guard isWhole, other.isWhole else { return Cosine.of(floats, other.floats) }
        var product = 0
        let counts = other.stored.embedding.counts
        for place in 0..<Embedding.dimension { product += Int(embedding.counts[place]) * Int(counts[place]) }
        // In the order of the index's own arithmetic, so that the last digits are the same.
        return Float(product) * (embedding.scale * other.stored.embedding.scale)
    }
}

/// The cosine of vectors of floats.
enum Cosine {
    /// The cosine of two vectors; 0 where one has no direction.
    static func of(_ floats: [Float], _ others: [Float]) -> Float {
        var (product, square, otherSquare) = (0.0, 0.0, 0.0)
        for (one, other) in zip(floats, others) {
            product += Double(one) * Double(other)
            square += Double(one) * Double(one)
            otherSquare += Double(other) * Double(other)
        }
        let length = (square * otherSquare).squareRoot()
        return length > 0 && length.isFinite ? Float(product / length) : 0
    }
}

/// A row that a server gave, as a store holds it.
struct FoundRow: Sendable {
    /// The key of the row.
    var rowID: String
    var stored: StoredDecision
    /// The vector as the server has it.
    var floats: [Float]
    /// Whether counts say the vector without loss.
    let isWhole: Bool

    /// Reads a row's identifier, vector, metadata and time, in this order; `nil` where no store could hold it.
    init?(_ row: PostgresRow, embedder: DecisionEmbedder) throws(PostgresError) {
        let read = TableRow(
            id: try row.text(0), floats: (try? row.floats(1)) ?? [],
            metadata: try row.isNull(2) ? nil : row.text(2),
            createdAt: try row.isNull(3) ? nil : row.timestamp(3))
        guard let (entry, storedID) = try? read.held(embedder: embedder) else { return nil }
        rowID = read.id
        floats = read.floats
        isWhole = entry.embedding.isSame(as: read.floats)
        stored = StoredDecision(
            decision: entry.decision, embedding: entry.embedding, storedID: storedID)
    }

    /// Whether a row is listed before another as near, or as old: by identifier, then by tenant.
    func precedes(_ other: FoundRow) -> Bool {
        let (id, otherID) = (ByteKey(stored.storedID), ByteKey(other.stored.storedID))
        if id != otherID { return id < otherID }
        return ByteKey(stored.decision.tenant) < ByteKey(other.stored.decision.tenant)
    }
}
