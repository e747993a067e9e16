import Decisions
import Testing
import VectorStores

@testable import PostgresStore

/// Rows as they are held, Verdict's own and those of other programs.
@Suite struct TableRowTests {
    private let embedder = DecisionEmbedder()

    private func row(
        _ metadata: String?, id: String = "x", floats: [Float] = Sample.floats(7), createdAt: Int64? = 0
    ) -> TableRow {
        TableRow(id: id, floats: floats, metadata: metadata, createdAt: createdAt)
    }

    @Test func `a decision's row is the decision`() throws {
        let decision = Sample.decision(1)
        let embedding = embedder.embed(decision)
        let floats = embedding.counts.map { Float($0) * embedding.scale }
        let held = try row(decision.metadata, id: decision.id, floats: floats).held(embedder: embedder)
        #expect(held.entry.decision == decision)
        #expect(held.entry.embedding == embedding)
        #expect(held.storedID == decision.id)
    }

    @Test func `a row under a derived identifier is held under its own`() throws {
        let decision = Sample.decision(2)
        let stored = StoredDecision(
            decision: decision, embedding: embedder.embed(decision), storedID: decision.id)
        let id = IdentityResolver.derivedID(ofTenant: decision.tenant, from: decision.id)
        let twice = IdentityResolver.derivedID(ofTenant: decision.tenant, from: id)
        for id in [id, twice] {
            let metadata = String(decoding: stored.archivedMetadata(id: id), as: UTF8.self)
            let held = try row(metadata, id: id).held(embedder: embedder)
            #expect(held.entry.decision == decision)
            #expect(held.storedID == decision.id)
        }
    }

    @Test func `a vector of another recipe keeps its direction`() throws {
        let floats = Sample.floats(3)
        let held = try row(Sample.decision(3).metadata, floats: floats).held(embedder: embedder)
        let scale = held.entry.embedding.scale
        let dot = zip(held.entry.embedding.counts, floats).reduce(Float(0)) {
            $0 + Float($1.0) * scale * $1.1
        }
        let length = floats.reduce(Float(0)) { $0 + $1 * $1 }.squareRoot()
        #expect(dot / length > 0.999)
    }

    @Test(arguments: [nil, "null", "[1,2]", "\"text\"", "17", "{}", #"{"tenant":7}"#])
    func `metadata that is no decision makes one of what is known`(metadata: String?) throws {
        let held = try row(metadata, id: "row-1", createdAt: 86_400_000_000).held(embedder: embedder)
        #expect(held.entry.decision.id == "row-1")
        #expect(held.entry.decision.time == Timestamp("2000-01-02T00:00:00Z"))
        #expect(held.entry.decision.effect == .conditional)
        #expect(held.storedID == "row-1")
    }

    @Test func `what is known of a decision stays`() throws {
        let metadata =
            #"{"tenant":"acme","time":"2026-01-05T09:00:00Z","effect":"deny","principal":{"id":"eve"}}"#
        let held = try row(metadata).held(embedder: embedder)
        #expect(held.entry.decision.tenant == "acme")
        #expect(held.entry.decision.effect == .deny)
        #expect(held.entry.decision.principal.id == "eve")
        #expect(held.entry.decision.time == Timestamp("2026-01-05T09:00:00Z"))
        let strange = #"{"tenant":"acme","effect":"perhaps","time":"soon","actions":"read"}"#
        let minimal = try row(strange, createdAt: nil).held(embedder: embedder)
        #expect(minimal.entry.decision.tenant == "acme")
        #expect(minimal.entry.decision.effect == .conditional)
        #expect(minimal.entry.decision.time.seconds == 0)
        #expect(minimal.entry.decision.extras["metadata"]?.object?["effect"] == .string("perhaps"))
    }

    @Test func `what cannot be held says why`() {
        let zero = [Float](repeating: 0, count: Embedding.dimension)
        var broken = zero
        broken[0] = .nan
        for floats in [zero, broken, [1, 2, 3], []] {
            #expect(throws: TableRow.Unusable.self) { try row("{}", floats: floats).held(embedder: embedder) }
        }
        #expect(throws: TableRow.Unusable.self) { try row("{}", id: "").held(embedder: embedder) }
    }

    @Test(arguments: [-63_082_281_600_000_000, 0, -1, 820_000_000_123_456] as [Int64])
    func `times of the server are those they were`(microseconds: Int64) {
        #expect(Timestamp(postgresMicroseconds: microseconds)?.postgresMicroseconds == microseconds)
    }

    @Test(arguments: [Int64.max, .min, -63_082_281_600_000_001])
    func `infinities and years that are not written are no times`(microseconds: Int64) {
        #expect(Timestamp(postgresMicroseconds: microseconds) == nil)
    }
}
