import Testing
import VectorIndex

/// Searches, inserts, removals and a rebuild at the same time; meant for the thread sanitizer too.
@Suite struct ConcurrencyTests {
    @Test(arguments: Quantization.allCases)
    func `searches, inserts, removals and a rebuild go on side by side`(
        quantization: Quantization
    ) async throws {
        let index = try HNSWIndex(IndexConfiguration(dimension: TestVectors.dimension))
        let vectors = TestVectors.decisions(1_200, duplicates: 30)
        // Smaller codes are made by a rebuild, from what is there.
        let before = TestVectors.decisions(300, seed: 32)
        for (number, vector) in before.enumerated() {
            try index.insert(
                counts: vector.span, scale: 1, row: Row(rawValue: UInt32(10_000 + number)),
                partition: Partition(rawValue: 0))
        }
        var wanted = index.configuration
        wanted.quantization = quantization
        try index.rebuild(wanted, threads: 2)
        let queries = TestVectors.decisions(40, seed: 31)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<2 {
                group.addTask {
                    for row in stride(from: writer, to: vectors.count, by: 2) {
                        let vector = vectors[row]
                        try index.insert(
                            counts: vector.span, scale: 1, row: Row(rawValue: UInt32(row)),
                            partition: Partition(rawValue: UInt32(row % 3)))
                        if row % 10 == writer { index.remove(Row(rawValue: UInt32(row))) }
                    }
                }
            }
            for reader in 0..<2 {
                group.addTask {
                    for round in 0..<8 {
                        for query in queries {
                            let partition = Partition(rawValue: UInt32((round + reader) % 3))
                            let options = SearchOptions(
                                count: 5, partition: round % 2 == 0 ? nil : partition,
                                strategy: round % 4 < 2 ? .graph : .automatic)
                            let outcome = try index.search(counts: query.span, scale: 1, options: options)
                            #expect(
                                zip(outcome.hits, outcome.hits.dropFirst()).allSatisfy { $0.precedes($1) })
                        }
                    }
                }
            }
            group.addTask { try index.rebuild(threads: 2) }
            group.addTask { _ = index.statistics() }
            try await group.waitForAll()
        }
        let kept = vectors.indices.filter { $0 % 10 != $0 % 2 }
        #expect(index.count == kept.count + before.count)
        #expect(index.checkInvariants() == [])
        let found = try kept.count { row in
            let vector = vectors[row]
            let outcome = try index.search(
                counts: vector.span, scale: 1, options: SearchOptions(count: 1, strategy: .graph))
            return outcome.hits.first.map { $0.score > 0.999_99 } == true
        }
        // Smaller codes may tell a vector from a near-copy only once they are scored again.
        #expect(quantization == .none ? found == kept.count : found * 100 >= kept.count * 95)
    }

    @Test func `two inserts of one vector at once share its node`() async throws {
        let index = try HNSWIndex(IndexConfiguration(dimension: TestVectors.dimension))
        let vectors = TestVectors.decisions(50)
        await withTaskGroup(of: Void.self) { group in
            for writer in 0..<4 {
                group.addTask {
                    for (number, vector) in vectors.enumerated() {
                        _ = try? index.insert(
                            counts: vector.span, scale: 1, row: Row(rawValue: UInt32(number * 4 + writer)),
                            partition: Partition(rawValue: 0))
                    }
                }
            }
        }
        #expect(index.statistics().nodes == Set(vectors).count)
        #expect(index.count == 200)
        #expect(index.checkInvariants() == [])
    }
}
