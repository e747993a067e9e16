import Decisions
import Locks
import Testing
import VectorIndex

@testable import VectorStores

/// What is remembered of queries is what looking at every row would tell.
@Suite struct FilterCacheTests {
    @Test func `a query asked again and again follows what is stored, merged, deleted and compacted`()
        async throws
    {
        let store = try MemoryStore(options: StoreOptions(clock: testClock))
        var source = DecisionSource(seed: 21)
        var random = SeededGenerator(seed: 22)
        let queries = (0..<12).map { _ in RandomQueries.query(depth: 2, &random) }
        var held: [Entry] = []
        var known = 0
        for round in 0..<40 {
            let entries = source.entries(Int.random(in: 0..<30, using: &random))
            _ = try await store.insert(entries)
            held += entries
            switch round % 8 {
            case 3:
                let gone = held.filter { _ in random.chance(0.3) }
                _ = try await store.delete(.ids(gone.prefix(40).map(\.decision.id), tenant: nil))
            case 5: try changeOne(of: held, in: store)
            case 7: store.core.compact()
            default: break
            }
            for query in queries.shuffled(using: &random).prefix(8) {
                let (rows, expected, isKnown) = store.core.state.withReading { state in
                    let known = store.core.knownRows(matching: query, state)
                    return (
                        known ?? store.core.lookUp(query, state),
                        RowFilter(words: ColumnFilter.rows(matching: query, in: state.columns).words),
                        known != nil
                    )
                }
                #expect(rows == expected, "\(query) in round \(round)")
                known += isKnown ? 1 : 0
            }
        }
        #expect(known > 150, "\(known) of 320 were known")
        await store.close()
    }

    /// Replaces what a row holds, as a later stage of its event does.
    private func changeOne(of entries: [Entry], in store: MemoryStore) throws {
        for entry in entries.reversed().prefix(20) {
            var decision = entry.decision
            decision.effect = decision.effect == .allow ? .deny : .allow
            decision.principal.id += "'"
            store.core.state.withWriting { state in
                let identity = EntryIdentity(tenant: decision.tenant, id: decision.id)
                if let row = state.row(identity) { state.replace(row: row, by: decision) }
            }
        }
    }

    @Test func `queries are told apart by their bytes`() throws {
        let clock = testClock()
        let texts = [
            "principal:\"\u{e9}\"", "principal:\"e\u{301}\"", "principal:a", "principal~a", "kind:a", "a:b",
            "principal:[a,b]", "principal:[b,a]", "principal:a principal:b", "principal:a or principal:b",
            "not principal:a", "not (principal:a principal:b)", "principal:ab", "principal:[ab]x",
        ]
        let queries = texts.compactMap { try? Query(parsing: $0, now: clock) }
        #expect(queries.count >= 13)
        for (index, query) in queries.enumerated() {
            #expect(try QueryKey(query) == QueryKey(Query(parsing: query.description, now: clock)))
            for other in queries.dropFirst(index + 1) { #expect(QueryKey(query) != QueryKey(other)) }
        }
    }

    @Test func `a query is asked often by its third time, and the least used leave`() {
        var cache = FilterCache()
        let state = StoreState()
        let keys = (0..<40).map { QueryKey(.tenant("tenant-\($0)")) }
        #expect(!cache.ask(keys[0]).isOften && !cache.ask(keys[0]).isOften && cache.ask(keys[0]).isOften)
        // Each as much as a quarter of what is kept.
        let words = [UInt64](repeating: 1, count: FilterCache.byteLimit / 32)
        for key in keys.prefix(4) { cache.keep(FilterCache.Held(RowFilter(words: words), state), for: key) }
        #expect(cache.ask(keys[0]).held != nil)
        cache.keep(FilterCache.Held(RowFilter(words: words), state), for: keys[5])
        #expect(cache.ask(keys[0]).held != nil && cache.ask(keys[1]).held == nil)
        #expect(cache.ask(keys[5]).held != nil)
        // However small they are, so many and no more.
        for number in 0..<FilterCache.queryLimit {
            cache.keep(FilterCache.Held(RowFilter(), state), for: QueryKey(.tenant("small-\(number)")))
        }
        #expect(cache.ask(keys[0]).held == nil)
        #expect(cache.ask(QueryKey(.tenant("small-0"))).held != nil)
        cache.keep(FilterCache.Held(RowFilter(words: words), state), for: keys[2])
        // What alone is more than all may take is not kept, and takes nothing's place.
        let large = RowFilter(words: [UInt64](repeating: 1, count: FilterCache.byteLimit / 8 + 1))
        cache.keep(FilterCache.Held(large, state), for: keys[6])
        #expect(cache.ask(keys[6]).held == nil && cache.ask(keys[2]).held != nil)
    }

    @Test(arguments: [(0, 0), (1, 0), (64, 0), (64, 64), (65, 64), (200, 1), (200, 63), (200, 128)])
    func `a set of a row and all after it`(count: Int, first: Int) {
        #expect(RowSet(rowCount: count, from: first) == RowSet(rowCount: count) { $0 >= first })
    }
}
