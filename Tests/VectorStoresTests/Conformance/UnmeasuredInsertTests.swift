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

    /// Whether every kind of search finds an entry.
    private func expectFound(_ entry: Entry, in store: any DecisionStore) async throws {
        let (id, tenant) = (entry.decision.id, entry.decision.tenant)
        let ofTenant = Query.comparison(
            Query.Comparison(field: "tenant", operation: .equals, operands: [tenant]))
        for query in [nil, ofTenant] {
            for exact in [false, true] {
                let answer = try await store.search(
                    SearchRequest(target: .embedding(entry.embedding), query: query, limit: 50, exact: exact))
                #expect(answer.results.contains { $0.stored.storedID == id }, "\(id) \(answer.strategy)")
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
        let entries = unique(source.entries(120))
        let measured = try await store.insert(Array(entries.prefix(60)))
        #expect(measured.isMeasured)
        for start in stride(from: 60, to: 120, by: 20) {
            let batch = Array(entries[start..<start + 20])
            let report = try await store.insert(batch, measuringNovelty: false)
            #expect(report.outcomes.allSatisfy { $0.disposition == .accepted && $0.novelty == nil })
            #expect(!report.isMeasured)
            for entry in batch { try await expectFound(entry, in: store) }
        }
        // Who asks how new something is is told of those too, linked or not.
        var twin = entries[119]
        twin.decision.id = "twin"
        let novelty = try #require(try await store.insert([twin]).outcomes[0].novelty)
        #expect(novelty.identicalRows >= 1 && novelty.nearestSimilarity > 0.999_9)
        let again = try await store.insert(entries, measuringNovelty: false)
        #expect(again.outcomes.allSatisfy { $0.disposition == .duplicate })
        #expect(try await store.delete(.ids(["row-100"], tenant: entries[100].decision.tenant)).deleted == 1)
        while try await store.statistics().index.tail > 0 { await Task.yield() }
        for entry in entries[60..<100] { try await expectFound(entry, in: store) }
        let statistics = try await store.statistics()
        #expect(statistics.vectors == 120 && statistics.index.unreachable == 0)
        await store.close()
    }
}
