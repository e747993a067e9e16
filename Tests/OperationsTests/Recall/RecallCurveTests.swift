import Decisions
import Testing
import VectorStores

@testable import Operations

@Suite struct RecallCurveTests {
    /// Random vectors from a seed, which a graph of few links leads to badly.
    private struct Vectors: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state ^ (state >> 29)) &* 0xBF58_476D_1CE4_E5B9
        }

        mutating func embedding() -> Embedding {
            var counts = [Int8](repeating: 0, count: Embedding.dimension)
            for _ in 0..<26 {
                counts[Int.random(in: 0..<96, using: &self)] = Int8.random(in: 1...60, using: &self)
            }
            return Embedding(counts: counts)
        }
    }

    /// How the repeats of a log lie over its vectors.
    enum Repeats: CaseIterable {
        /// Each vector has ten entries.
        case evenly
        /// One vector of ten has all of them.
        case crowds
    }

    private let clock: @Sendable () -> Timestamp = { Timestamp(seconds: 1_700_000_000) }

    /// A store where nine of ten entries are repeats, with a graph of few links.
    private func store(_ repeats: Repeats, _ vectors: inout Vectors) async throws -> MemoryStore {
        let store = try MemoryStore(options: StoreOptions(clock: clock))
        var entries: [Entry] = []
        for vector in 0..<600 {
            let embedding = vectors.embedding()
            let copies = repeats == .evenly ? 10 : vector.isMultiple(of: 10) ? 91 : 1
            for _ in 0..<copies {
                entries.append(Entry(decision: Session.decision(entries.count), embedding: embedding))
            }
        }
        _ = try await store.insert(entries)
        _ = try await store.rebuild(RebuildRequest(m: 4, efConstruction: 8)) { _ in }
        return store
    }

    private func recall(of store: MemoryStore, _ questions: [Embedding], breadth: Int) async throws -> Double
    {
        var total = 0.0
        for question in questions {
            var request = SearchRequest(target: .embedding(question), breadth: breadth, forcesGraph: true)
            let answer = try await store.search(request)
            request.exact = true
            let truth = try await store.search(request)
            total += try #require(RecallProbe.recall(of: answer, against: truth))
        }
        return total / Double(questions.count)
    }

    @Test(arguments: Repeats.allCases)
    func `the breadth that is chosen finds what is near to vectors that nobody stored`(_ repeats: Repeats)
        async throws
    {
        var vectors = Vectors(state: 7)
        let store = try await store(repeats, &vectors)
        let tuner = RecallTuner(store: store, clock: clock)
        let measurement = try #require(try await tuner.set(0.95, by: "ada").setting?.measurement)
        #expect(measurement.recall >= 0.95)
        let questions = (0..<150).map { _ in vectors.embedding() }
        #expect(try await recall(of: store, questions, breadth: measurement.breadth) >= 0.95)
        // Which the smallest one is far from, however well it finds what has the vector itself.
        #expect(try await recall(of: store, questions, breadth: RecallTuner.breadths[0]) < 0.7)
        await store.close()
    }

    @Test func `where every vector has a crowd, what people are given counts`() async throws {
        let session = try await Session()
        let entries = (0..<600).map { number in
            Entry(
                decision: Session.decision(number),
                embedding: DecisionEmbedder().embed(Session.decision(number % 2, id: "x")))
        }
        _ = try await session.store.insert(entries)
        let curve = try await session.tuner.curve()
        #expect(curve.map(\.breadth) == RecallTuner.breadths && curve.allSatisfy { $0.recall == 1 })
    }
}
