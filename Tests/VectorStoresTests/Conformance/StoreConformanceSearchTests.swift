import Decisions
import Testing
import VectorStores

/// What every store answers when it is searched.
@Suite struct StoreConformanceSearchTests {
    /// The plain answer: every matching entry compared, ordered as the contract says.
    private func oracle(
        _ entries: [Entry], near target: Embedding, query: Query?, leavingOut: String?, limit: Int
    ) -> [(id: String, similarity: Float)] {
        let matcher = QueryMatcher(query)
        let scored = entries.filter { matcher.matches($0.decision) && $0.decision.id != leavingOut }.map {
            entry in
            var dot = 0
            for slot in 0..<Embedding.dimension {
                dot += Int(entry.embedding.counts[slot]) * Int(target.counts[slot])
            }
            return (id: entry.decision.id, similarity: Float(dot) * entry.embedding.scale * target.scale)
        }
        let sorted = scored.sorted { left, right in
            abs(left.similarity - right.similarity) < 1e-6
                ? left.id < right.id : left.similarity > right.similarity
        }
        return Array(sorted.prefix(limit))
    }

    private func unique(_ entries: [Entry]) -> [Entry] {
        entries.enumerated().map { number, entry in
            var entry = entry
            entry.decision.id = "row-\(number)"
            return entry
        }
    }

    @Test(arguments: StoreFactory.all)
    func `an exact search equals the plain answer for random queries`(factory: StoreFactory) async throws {
        let store = try await factory.make()
        var source = DecisionSource(seed: 20)
        let entries = unique(source.entries(400))
        _ = try await store.insert(entries)
        var random = SeededGenerator(seed: 21)
        for _ in 0..<80 {
            let query = random.chance(0.2) ? nil : RandomQueries.query(depth: 2, &random)
            let target = Entry(source.next()).embedding
            let answer = try await store.search(
                SearchRequest(target: .embedding(target), query: query, limit: 7, exact: true))
            let expected = oracle(entries, near: target, query: query, leavingOut: nil, limit: 7)
            #expect(
                answer.results.map(\.stored.storedID) == expected.map(\.id), "\(query?.description ?? "")")
            for (result, expected) in zip(answer.results, expected) {
                #expect(abs((result.similarity ?? 0) - expected.similarity) < 1e-5)
            }
            #expect(answer.exact)
            #expect((answer.reason == nil) == (expected.count == 7))
        }
        await store.close()
    }

    @Test(arguments: StoreFactory.all)
    func `like leaves the row itself out`(factory: StoreFactory) async throws {
        let store = try await factory.make()
        var source = DecisionSource(seed: 22)
        let entries = unique(source.entries(120))
        _ = try await store.insert(entries)
        let answer = try await store.search(
            SearchRequest(target: .like(id: "row-5", tenant: nil), limit: 10, exact: true))
        let expected = oracle(entries, near: entries[5].embedding, query: nil, leavingOut: "row-5", limit: 10)
        #expect(answer.results.map(\.stored.storedID) == expected.map(\.id))
        let error = await #expect(throws: StoreError.self) {
            try await store.search(SearchRequest(target: .like(id: "nobody", tenant: nil)))
        }
        #expect(error?.code == .unknownID)
        await store.close()
    }

    @Test(arguments: StoreFactory.all)
    func `a search scoped to a tenant never leaves it`(factory: StoreFactory) async throws {
        let store = try await factory.make()
        var source = DecisionSource(seed: 23)
        _ = try await store.insert(unique(source.entries(300)))
        for tenant in DecisionSource.tenants {
            for forced in [false, true] {
                let request = SearchRequest(
                    target: .embedding(Entry(source.next()).embedding), query: .tenant(tenant), limit: 20,
                    forcesGraph: forced)
                let answer = try await store.search(request)
                #expect(answer.results.count == 20)
                #expect(answer.results.allSatisfy { $0.stored.decision.tenant == tenant })
            }
        }
        await store.close()
    }

    @Test(arguments: StoreFactory.all)
    func `a list is newest first, then by identifier`(factory: StoreFactory) async throws {
        let store = try await factory.make()
        var source = DecisionSource(seed: 24)
        var entries = unique(source.entries(200))
        for number in 100..<120 { entries[number].decision.time = entries[100].decision.time }
        _ = try await store.insert(entries)
        let query = try Query(parsing: "not effect:deny", now: testClock())
        for (query, limit) in [(nil, 1), (nil, 50), (query, 110), (query, 500)] {
            let matcher = QueryMatcher(query)
            let expected = entries.filter { matcher.matches($0.decision) }.sorted { left, right in
                left.decision.time == right.decision.time
                    ? left.decision.id < right.decision.id : left.decision.time > right.decision.time
            }.prefix(limit)
            let answer = try await store.search(SearchRequest(query: query, limit: limit))
            #expect(answer.results.map(\.stored.storedID) == expected.map(\.decision.id))
            #expect(answer.strategy == .list)
            #expect(answer.results.allSatisfy { $0.similarity == nil })
        }
        await store.close()
    }

    @Test(arguments: StoreFactory.all)
    func `durations at the ends of their range stand in order as others do`(factory: StoreFactory)
        async throws
    {
        let store = try await factory.make()
        var source = DecisionSource(seed: 27)
        let durations: [Int64?] = [nil, .min + 1, -1, 0, 1, 1_000_000, .max - 1_024, .max - 1, .max]
        var entries = unique(source.entries(durations.count))
        for (place, duration) in durations.enumerated() {
            entries[place].decision.durationNanoseconds = duration
        }
        _ = try await store.insert(entries)
        let bounds = [
            "-1e300", "-9223372036854775.807", "-0.001", "0", "1e3", "9223372036854775.807", "1e300",
        ]
        for bound in bounds {
            for comparison in ["<", "<=", ">", ">="] {
                let text = "duration_us\(comparison)\(bound)"
                let query = try Query(parsing: text, now: testClock())
                let matcher = QueryMatcher(query)
                let expected = entries.filter { matcher.matches($0.decision) }.map(\.decision.id)
                let answer = try await store.search(SearchRequest(query: query))
                #expect(Set(answer.results.map(\.stored.storedID)) == Set(expected), "\(text)")
            }
        }
        await store.close()
    }

    @Test(arguments: StoreFactory.all)
    func `too few results come with the reason`(factory: StoreFactory) async throws {
        let store = try await factory.make()
        var source = DecisionSource(seed: 25)
        let target = SearchRequest.Target.embedding(Entry(source.next()).embedding)
        #expect(try await store.search(SearchRequest(target: target)).reason == "the store is empty")
        #expect(try await store.search(SearchRequest()).reason == "the store is empty")
        _ = try await store.insert(unique(source.entries(3, tenant: "acme")))
        #expect(try await store.search(SearchRequest(target: target)).reason == "only 3 entries match")
        #expect(try await store.search(SearchRequest(target: target, limit: 3)).reason == nil)
        #expect(
            try await store.search(SearchRequest(target: target, query: .tenant("x"))).reason
                == "tenant x has no entries")
        #expect(
            try await store.search(SearchRequest(target: .like(id: "row-1", tenant: nil))).reason
                == "only 2 other entries match")
        let none = try Query(parsing: "effect:allow effect:deny", now: testClock())
        #expect(
            try await store.search(SearchRequest(target: target, query: none)).reason == "no entry matches")
        #expect(try await store.search(SearchRequest(query: none)).reason == "no entry matches")
        await store.close()
    }

    @Test(arguments: StoreFactory.all)
    func `sizes out of range are refused`(factory: StoreFactory) async throws {
        let store = try await factory.make()
        for request in [
            SearchRequest(limit: 0), SearchRequest(limit: 10_001), SearchRequest(limit: -1),
            SearchRequest(limit: 5, breadth: 0),
            SearchRequest(
                target: .embedding(Embedding(counts: [Int8](repeating: 0, count: Embedding.dimension)))),
        ] {
            let error = await #expect(throws: StoreError.self) { try await store.search(request) }
            #expect(error?.code == .usage)
        }
        await store.close()
    }

    @Test(arguments: StoreFactory.all)
    func `equal similarities come by identifier, also at the last place`(factory: StoreFactory) async throws {
        let store = try await factory.make()
        var source = DecisionSource(seed: 26)
        let entry = Entry(source.next(tenant: "acme"))
        let ids = (0..<90).map { "id-\(($0 * 37) % 90 + 100)" }
        _ = try await store.insert(
            ids.map { id in
                var copy = entry
                copy.decision.id = id
                return copy
            })
        for exact in [true, false] {
            let answer = try await store.search(
                SearchRequest(target: .embedding(entry.embedding), limit: 8, exact: exact))
            #expect(answer.results.map(\.stored.storedID) == (100..<108).map { "id-\($0)" })
        }
        await store.close()
    }
}
