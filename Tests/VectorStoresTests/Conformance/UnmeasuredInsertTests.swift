import Decisions
import Testing
import VectorStores

/// What every store does with entries of which nobody asks how new they are.
@Suite(.timeLimit(.minutes(5))) struct UnmeasuredInsertTests {
    private func unique(_ entries: [Entry]) -> [Entry] {
        entries.enumerated().map { number, entry in
            var entry = entry
            entry.decision.id = "row-\(number)"
            return entry
        }
    }

    /// So many are linked before that searches walk the graph.
    private static let linked = 1_300

    /// Whether every kind of search finds an entry.
    private func expectFound(_ entry: Entry, in store: any DecisionStore) async throws {
        let (id, tenant) = (entry.decision.id, entry.decision.tenant)
        let ofTenant = Query.comparison(
            Query.Comparison(field: "tenant", operation: .equals, operands: [tenant]))
        for query in [nil, ofTenant] {
            for (exact, forcesGraph) in [(false, false), (true, false), (false, true)] {
                var request = SearchRequest(target: .embedding(entry.embedding), query: query, limit: 50)
                request.exact = exact
                request.forcesGraph = forcesGraph
                if forcesGraph { request.breadth = 300 }
                let answer = try await store.search(request)
                #expect(answer.results.contains { $0.stored.storedID == id }, "\(id) \(answer.strategy)")
                let isWalked = [.graph, .filteredGraph, .mirrorGraph].contains(answer.strategy)
                #expect(isWalked || !forcesGraph, "\(answer.strategy)")
                #expect(!isWalked || !exact, "\(answer.strategy)")
            }
        }
        let kept = try await store.entries(id: id, tenant: tenant)
        #expect(kept.map(\.decision) == [entry.decision])
        #expect(kept.first?.embedding == entry.embedding)
    }

    @Test(arguments: StoreFactory.all)
    func `what nobody measured is found at once, and linked soon`(factory: StoreFactory) async throws {
        let store = try await factory.make()
        var source = DecisionSource(seed: 80)
        let linked = Self.linked
        let entries = unique(source.entries(linked + 60))
        let measured = try await store.insert(Array(entries.prefix(linked)))
        #expect(measured.isMeasured)
        for start in stride(from: linked, to: linked + 60, by: 20) {
            let batch = Array(entries[start..<start + 20])
            let report = try await store.insert(batch, measuringNovelty: false)
            #expect(report.outcomes.allSatisfy { $0.disposition == .accepted && $0.novelty == nil })
            #expect(!report.isMeasured)
            for entry in batch { try await expectFound(entry, in: store) }
        }
        // Who asks how new something is is told of those too, linked or not.
        var twin = entries[linked + 59]
        twin.decision.id = "twin"
        let novelty = try #require(try await store.insert([twin]).outcomes[0].novelty)
        #expect(novelty.identicalRows >= 1 && novelty.nearestSimilarity > 0.999_9)
        let again = try await store.insert(entries, measuringNovelty: false)
        #expect(again.outcomes.allSatisfy { $0.disposition == .duplicate })
        let gone = entries[linked + 40].decision
        #expect(try await store.delete(.ids([gone.id], tenant: gone.tenant)).deleted == 1)
        while try await store.statistics().index.tail > 0 { await Task.yield() }
        for entry in entries[linked..<linked + 40] { try await expectFound(entry, in: store) }
        let statistics = try await store.statistics()
        #expect(statistics.vectors == linked + 60 && statistics.index.unreachable == 0)
        await store.close()
    }
}
