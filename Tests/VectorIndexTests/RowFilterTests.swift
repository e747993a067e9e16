import Testing
import VectorIndex

@Suite struct RowFilterTests {
    @Test func `a filter holds each row once`() {
        var filter = RowFilter(capacity: 10)
        let rows = [3, 64, 63, 1_000, 3].map { Row(rawValue: $0) }
        for row in rows { filter.insert(row) }
        #expect(filter.count == 4)
        #expect(rows.allSatisfy(filter.contains))
        #expect(!filter.contains(Row(rawValue: 4)))
        #expect(!filter.contains(Row(rawValue: 100_000)))
        #expect(RowFilter(rows).count == 4)
    }

    @Test func `rows and partitions are ordered by number`() {
        #expect(Row(rawValue: 1) < Row(rawValue: 2))
        #expect([Partition(rawValue: 5), Partition(rawValue: 2)].sorted().map(\.rawValue) == [2, 5])
    }

    @Test func `the counts of a row are given back`() throws {
        let index = try HNSWIndex(IndexConfiguration(dimension: TestVectors.dimension))
        let vector = TestVectors.decisions(1)[0]
        try index.insert(
            counts: vector.span, scale: 1, row: Row(rawValue: 9), partition: Partition(rawValue: 0))
        #expect(index.counts(of: Row(rawValue: 9)) == vector)
        #expect(index.counts(of: Row(rawValue: 8)) == nil)
        #expect(index.contains(Row(rawValue: 9)))
        #expect(!index.contains(Row(rawValue: 8)))
    }

    @Test func `statistics add up`() throws {
        let index = try HNSWIndex(IndexConfiguration(dimension: TestVectors.dimension))
        #expect(index.statistics().nodes == 0)
        let vectors = TestVectors.decisions(100)
        for (row, vector) in vectors.enumerated() {
            for copy in 0..<2 {
                try index.insert(
                    counts: vector.span, scale: 1, row: Row(rawValue: UInt32(2 * row + copy)),
                    partition: Partition(rawValue: UInt32(row % 4)))
            }
            _ = try index.search(counts: vector.span, scale: 1)
        }
        let statistics = index.statistics()
        #expect(statistics.rows == 200)
        #expect(statistics.partitions == 4)
        #expect(statistics.nodes > 0 && 2 * statistics.nodes <= statistics.rows)
        #expect(statistics.layers.first == statistics.nodes)
        #expect(statistics.degrees.reduce(0, +) == statistics.nodes)
        #expect(statistics.memoryBytes == statistics.parts.reduce(0) { $0 + $1.bytes })
    }
}
