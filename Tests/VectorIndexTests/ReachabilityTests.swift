import Testing
import VectorIndex

/// Every node can be reached, at every moment: crowds of near-copies are what loses them.
@Suite struct ReachabilityTests {
    /// `count` vectors that differ from each other in one place or two, around a few centres.
    private func crowds(_ count: Int, centres: Int, seed: UInt64) -> [[Int8]] {
        var generator = SeededGenerator(seed: seed)
        let bases = (0..<centres).map { _ in TestVectors.decision(&generator) }
        return (0..<count).map { number in
            var vector = bases[number % centres]
            for _ in 0..<2 {
                let place = Int.random(in: 0..<TestVectors.dimension, using: &generator)
                vector[place] = vector[place] &+ Int8.random(in: 1...6, using: &generator)
            }
            return vector
        }
    }

    @Test(arguments: [4, 8, 16, 64], [1, 5])
    func `no insert into a crowd loses a node`(links: Int, centres: Int) throws {
        var configuration = IndexConfiguration(dimension: TestVectors.dimension)
        configuration.maximumLinks = links
        let index = try HNSWIndex(configuration)
        for (row, vector) in crowds(600, centres: centres, seed: 3).enumerated() {
            try index.insert(
                counts: vector.span, scale: 1, row: Row(rawValue: UInt32(row)),
                partition: Partition(rawValue: 0))
            if row % 20 == 19 { #expect(index.statistics().unreachable == 0) }
        }
        #expect(index.checkInvariants() == [])
    }

    @Test(arguments: [1, 2, 3])
    func `no removal or sweep loses a node`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let vectors = crowds(1_500, centres: 6, seed: seed)
        var configuration = IndexConfiguration(dimension: TestVectors.dimension)
        configuration.maximumLinks = 6
        let index = try HNSWIndex(configuration)
        var live: Set<Int> = []
        for step in 0..<6_000 {
            let row = Int.random(in: 0..<vectors.count, using: &generator)
            if live.contains(row) {
                live.remove(row)
                index.remove(Row(rawValue: UInt32(row)))
            } else if step < 2_000 || Int.random(in: 0..<3, using: &generator) == 0 {
                live.insert(row)
                let vector = vectors[row]
                try index.insert(
                    counts: vector.span, scale: 1, row: Row(rawValue: UInt32(row)),
                    partition: Partition(rawValue: UInt32(row % 2)))
            }
            if step % 100 == 99 { #expect(index.statistics().unreachable == 0) }
        }
        #expect(index.count == live.count)
        #expect(index.checkInvariants() == [])
    }

    @Test(arguments: [4, 8, 16])
    func `a crowd can be rebuilt with any number of links`(links: Int) throws {
        var configuration = IndexConfiguration(dimension: TestVectors.dimension)
        let index = try HNSWIndex(configuration)
        for (row, vector) in crowds(400, centres: 3, seed: 9).enumerated() {
            try index.insert(
                counts: vector.span, scale: 1, row: Row(rawValue: UInt32(row)),
                partition: Partition(rawValue: 0))
        }
        configuration.maximumLinks = links
        let report = try index.rebuild(configuration)
        // Four links are too few to find every one of a hundred near-copies, but none is lost.
        #expect(report.selfRecall >= (links < 8 ? 0.95 : 0.97))
        #expect(index.checkInvariants() == [])
    }
}
