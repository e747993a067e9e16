import Decisions
import Locks
import Testing

@testable import VectorStores

/// A store where 20,000 entries are the same but for their identifiers.
@Suite struct LargeGroupStoreTests {
    private static let group = 20_000
    private static let others = 1_300

    /// The store, and every entry that it holds.
    private static let filled = Task { () async throws -> (MemoryStore, [Entry]) in
        let store = try MemoryStore(options: StoreOptions(clock: testClock))
        var source = DecisionSource(seed: 60)
        var random = SeededGenerator(seed: 61)
        var poll = source.next(tenant: "acme")
        poll.effect = .allow
        let polled = Entry(poll)
        var entries: [Entry] = []
        for number in (0..<group).shuffled(using: &random) {
            var entry = polled
            // Identifiers of every form among each other; durations are no part of an embedding that is
            // given.
            entry.decision.id =
                number % 3 == 0
                ? "poll-\(number)" : number % 3 == 1 ? uuid(number) : "poll-and-poll-again-\(number)"
            entry.decision.durationNanoseconds = Int64(number % 1_000) * 1_000
            entries.append(entry)
        }
        for number in 0..<others {
            var decision = source.next()
            decision.id = "other-\(number)"
            decision.resource.id = "resource-\(number)"
            entries.append(Entry(decision))
        }
        _ = try await store.insert(entries)
        return (store, entries)
    }

    private static func uuid(_ number: Int) -> String {
        let digits = String(number)
        return "0d1e2f3a-0000-4000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits
    }

    /// The identifiers that every matching entry compared gives.
    private static func expected(
        _ entries: [Entry], near target: Embedding, query: Query?, leavingOut: String?, limit: Int
    ) -> [String] {
        var similarities: [[Int8]: Float] = [:]
        let matcher = QueryMatcher(query)
        let scored = entries.filter { matcher.matches($0.decision) && $0.decision.id != leavingOut }.map {
            entry in
            if let known = similarities[entry.embedding.counts] {
                return (id: entry.decision.id, score: known)
            }
            let dot = zip(entry.embedding.counts, target.counts).reduce(0) { $0 + Int($1.0) * Int($1.1) }
            let score = Float(dot) * (target.scale * entry.embedding.scale)
            similarities[entry.embedding.counts] = score
            return (id: entry.decision.id, score: score)
        }
        return scored.sorted { $0.score == $1.score ? ByteKey($0.id) < ByteKey($1.id) : $0.score > $1.score }
            .prefix(limit).map(\.id)
    }

    @Test(arguments: [
        nil, "effect:allow", "tenant:acme", "tenant:acme id~again", "id~7 not id~77", "duration_us<3",
        "duration_us:500 or kind:secret", "not principal:nobody time>2000-01-01T00:00:00Z", "id~other",
        "tenant:acme (duration_us>=10 duration_us<20 or agent~web) not id~0d1e",
    ])
    func `the right ones come in order, under every filter`(text: String?) async throws {
        let (store, entries) = try await Self.filled.value
        let query = try text.map { try Query(parsing: $0, now: testClock()) }
        let targets = [entries[17], entries[Self.group + 5]]
        for target in targets {
            let expected = Self.expected(
                entries, near: target.embedding, query: query, leavingOut: target.decision.id, limit: 12)
            for exact in [false, true] {
                let answer = try await store.search(
                    SearchRequest(
                        target: .like(id: target.decision.id, tenant: target.decision.tenant), query: query,
                        limit: 12,
                        exact: exact))
                #expect(answer.results.map(\.stored.storedID) == expected, "exact: \(exact)")
                #expect(answer.scanned <= 2 * (Self.others + 1), "no more than each vector twice")
            }
        }
    }

    @Test func `rows that are deleted and still in the index take no place`() async throws {
        let store = try MemoryStore(options: StoreOptions(clock: testClock))
        var source = DecisionSource(seed: 62)
        let entry = Entry(source.next(tenant: "acme"))
        _ = try await store.insert(
            (100..<200).map { number in
                var copy = entry
                copy.decision.id = "id-\(number)"
                return copy
            })
        store.core.state.withWriting { $0.delete(Array(0..<40)) }
        let answer = try await store.search(SearchRequest(target: .embedding(entry.embedding), limit: 5))
        #expect(answer.results.map(\.stored.storedID) == (140..<145).map { "id-\($0)" })
        await store.close()
    }
}
