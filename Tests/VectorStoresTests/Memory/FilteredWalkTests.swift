import Decisions
import Testing

@testable import VectorStores

/// Searches under filters that most of a store matches: walks that ask about the rows they meet.
@Suite struct FilteredWalkTests {
    private static let count = 9_000

    /// Decisions with many different vectors: three of four of one tenant.
    private static func decisions(seed: UInt64) -> [Decision] {
        var random = SeededGenerator(seed: seed)
        return (0..<count).map { number in
            var decision = Decision(
                id: "d-\(number)", time: DecisionSource.start.advanced(bySeconds: Int64(number)),
                tenant: number % 4 == 0 ? "globex" : "acme",
                principal: Principal(id: "user-\(Int.random(in: 0..<300, using: &random))"),
                resource: Resource(
                    kind: random.choose(["pods", "secrets", "nodes"]),
                    id: "item-\(Int.random(in: 0..<900, using: &random))"),
                actions: [random.choose(["get", "list", "delete"])],
                effect: random.chance(0.8) ? .allow : .deny)
            decision.durationNanoseconds = Int64.random(in: 0..<1_000_000, using: &random)
            return decision
        }
    }

    private static func filled() async throws -> MemoryStore {
        let store = try MemoryStore(options: StoreOptions(clock: testClock))
        _ = try await store.insert(decisions(seed: 1).map { Entry($0) })
        return store
    }

    /// The answer, and the share of its results that are as near as those of the exact one.
    private static func ask(
        _ store: MemoryStore, _ text: String, target: SearchRequest.Target, limit: Int = 10
    ) async throws -> (answer: SearchAnswer, recall: Double) {
        let query = try Query(parsing: text, now: testClock())
        var request = SearchRequest(target: target, query: query, limit: limit)
        let answer = try await store.search(request)
        request.exact = true
        let exact = try await store.search(request)
        let matcher = QueryMatcher(query)
        for result in answer.results {
            #expect(matcher.matches(result.stored.decision, storedID: result.stored.storedID), "\(text)")
        }
        #expect(answer.results.count == exact.results.count, "\(text)")
        #expect(answer.reason == exact.reason)
        #expect(Set(answer.results.map(\.stored.identity)).count == answer.results.count)
        let bar = (exact.results.last?.similarity ?? 0) - 1e-6
        let right = answer.results.count { ($0.similarity ?? 0) >= bar }
        return (answer, Double(right) / Double(max(1, exact.results.count)))
    }

    @Test func `a filter that most rows match is asked of few of them`() async throws {
        let store = try await Self.filled()
        let targets = Self.decisions(seed: 2).prefix(15).map { Entry($0).embedding }
        for (text, strategy) in [
            ("effect:allow", SearchStrategy.filteredGraph), ("tenant:acme effect:allow", .filteredGraph),
            ("not kind:secrets not id~zzz", .filteredGraph), ("duration_us>=100", .filteredGraph),
            // What few match, or cannot be asked of a row, is looked at in columns.
            ("effect:deny kind:nodes", .exact), ("not attrs.none:x effect:deny kind:nodes", .exact),
        ] {
            var recall = 0.0
            for target in targets {
                let (answer, found) = try await Self.ask(store, text, target: .embedding(target))
                #expect(answer.strategy == strategy && answer.exact == (strategy == .exact), "\(text)")
                if strategy != .exact { #expect(answer.scanned < 5_000, "\(text): \(answer.scanned)") }
                recall += found
            }
            #expect(recall / 15 >= 0.95, "\(text): \(recall / 15)")
        }
        await store.close()
    }

    @Test func `what a search is like is left out, and more than are asked for are never given`() async throws
    {
        let store = try await Self.filled()
        for (number, limit) in [(1, 1), (2, 10), (5, 60)] {
            let target = SearchRequest.Target.like(id: "d-\(number)", tenant: "acme")
            let (answer, recall) = try await Self.ask(store, "effect:allow", target: target, limit: limit)
            #expect(answer.results.count == limit && recall >= 0.9)
            #expect(!answer.results.contains { $0.stored.storedID == "d-\(number)" })
        }
        await store.close()
    }

    @Test func `deleted rows are not given, and do not hide how many match`() async throws {
        let store = try await Self.filled()
        _ = try await store.delete(.query(try Query(parsing: "kind:pods", now: testClock())))
        var found = 0.0
        for target in Self.decisions(seed: 3).prefix(20) {
            let (answer, recall) = try await Self.ask(
                store, "not effect:conditional", target: .embedding(Entry(target).embedding))
            #expect(answer.results.allSatisfy { $0.stored.decision.resource.kind != "pods" })
            found += recall
        }
        #expect(found / 20 >= 0.95, "\(found / 20)")
        await store.close()
    }

    @Test func `thousands of rows of one vector are not asked one by one`() async throws {
        let store = try MemoryStore(options: StoreOptions(clock: testClock))
        var decisions = Self.decisions(seed: 4)
        let polled = decisions[0]
        for number in 0..<9_000 {
            var decision = polled
            decision.id = "poll-\(number)"
            decision.time = polled.time.advanced(bySeconds: -1)
            decisions.append(decision)
        }
        _ = try await store.insert(decisions.map { Entry($0) })
        let embedding = Entry(polled).embedding
        let (answer, recall) = try await Self.ask(
            store, "time>\(polled.time)", target: .embedding(embedding), limit: 10)
        #expect(answer.results.count == 10 && recall >= 0.9)
        #expect(answer.results.allSatisfy { $0.stored.decision.time > polled.time })
        await store.close()
    }
}
