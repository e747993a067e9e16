import Decisions
import Testing

@testable import VectorStores

/// Exact searches that compare some rows at a time.
@Suite struct ExactSearchTests {
    private func store(_ count: Int) async throws -> (MemoryStore, DecisionSource) {
        let store = try MemoryStore(options: StoreOptions(clock: testClock))
        var source = DecisionSource(seed: 50)
        _ = try await store.insert(source.entries(count))
        return (store, source)
    }

    @Test(arguments: [1, 64, 100, 1_000])
    func `in slices it gives what it gives at once`(rows: Int) async throws {
        var (store, source) = try await store(300)
        _ = try await store.delete(.query(try Query(parsing: "effect:conditional", now: testClock())))
        let stored = try await store.search(SearchRequest(limit: 5)).results.map(\.stored)
        var random = SeededGenerator(seed: 51)
        for number in 0..<40 {
            let query = random.chance(0.3) ? nil : RandomQueries.query(depth: 2, &random)
            let like = stored[number % stored.count]
            let target: SearchRequest.Target =
                number % 2 == 0
                ? .embedding(Entry(source.next()).embedding)
                : .like(id: like.storedID, tenant: like.decision.tenant)
            var request = SearchRequest(target: target, query: query, limit: 7)
            let sliced = try await store.exactSearch(request, rowsAtATime: rows)
            request.exact = true
            let whole = try await store.search(request)
            #expect(sliced.results == whole.results)
            #expect(sliced.scanned <= 300, "no vector is compared twice")
            #expect(sliced.exact && sliced.strategy == .exact && sliced.reason == whole.reason)
        }
    }

    @Test(arguments: [1, 7, 64])
    func `of a crowd of equals those come whose identifiers are first, however old`(rows: Int) async throws {
        let store = try MemoryStore(options: StoreOptions(clock: testClock))
        var source = DecisionSource(seed: 52)
        let same = Entry(source.next(tenant: "acme"))
        let entries = (100..<200).reversed().map { number in
            var entry = same
            entry.decision.id = "poll-\(number)"
            return entry
        }
        _ = try await store.insert(entries)
        let request = SearchRequest(target: .embedding(same.embedding), query: .tenant("acme"), limit: 5)
        let answer = try await store.exactSearch(request, rowsAtATime: rows)
        #expect(answer.results.map(\.stored.storedID) == (100..<105).map { "poll-\($0)" })
    }

    @Test func `what cannot be asked is refused as ever`() async throws {
        let (store, _) = try await store(30)
        let lost = SearchRequest(target: .like(id: "nobody", tenant: nil))
        await #expect(throws: StoreError.self) { try await store.exactSearch(lost, rowsAtATime: 1) }
        let many = SearchRequest(target: .like(id: "nobody", tenant: nil), limit: 0)
        await #expect(throws: StoreError.self) { try await store.exactSearch(many, rowsAtATime: 1) }
        let list = try await store.exactSearch(SearchRequest(limit: 3), rowsAtATime: 1)
        #expect(list.strategy == .list && list.results.count == 3)
    }

    @Test func `what a person asks to be exact lets writers in as well`() async throws {
        var options = StoreOptions(clock: testClock)
        options.rowsComparedAtATime = 1
        let store = try MemoryStore(options: options)
        var source = DecisionSource(seed: 53)
        _ = try await store.insert(source.entries(30))
        let target = try await store.sample(1, seed: 1)[0]
        let request = SearchRequest(target: .embedding(target), limit: 4, exact: true)
        let answer = try await store.search(request)
        #expect(answer.exact && answer.results.count == 4)
        let work = Task {
            while !Task.isCancelled { await Task.yield() }
            return try await store.search(request)
        }
        work.cancel()
        // Only what is compared a part at a time ends between two.
        await #expect(throws: CancellationError.self) { try await work.value }
    }

    @Test func `who no longer waits for it stops it`() async throws {
        let (store, _) = try await store(30)
        let target = try await store.sample(1, seed: 1)[0]
        let work = Task {
            while !Task.isCancelled { await Task.yield() }
            return try await store.exactSearch(SearchRequest(target: .embedding(target)), rowsAtATime: 1)
        }
        work.cancel()
        await #expect(throws: CancellationError.self) { try await work.value }
    }
}
