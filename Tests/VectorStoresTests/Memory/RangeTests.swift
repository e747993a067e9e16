import CVectorKernels
import Testing

@testable import VectorStores

@Suite struct RangeTests {
    private static let edges: [Int64] = [.min, .min + 1, -1, 0, 1, 310_500, .max - 1, .max]

    /// Values on and beside every edge, more than a chunk of them.
    private static func values() -> [Int64] {
        var random = SeededGenerator(seed: 12)
        return (0..<(Chunk.rows + 300)).map { _ in
            random.chance(0.3)
                ? random.choose(edges) : Int64.random(in: -400_000...400_000, using: &random)
        }
    }

    private static let ranges: [ClosedRange<Int64>] =
        edges.flatMap { low in edges.filter { $0 >= low }.map { low...$0 } }
        + [-1_000...310_499, 310_501...400_000]

    @Test func `the rows whose value is in a range are kept`() {
        let values = Self.values()
        var column = Column<Int64>()
        for value in values { column.append(value) }
        let bounds = stride(from: 0, to: values.count, by: Chunk.rows).map { start in
            let chunk = values[start..<min(start + Chunk.rows, values.count)]
            return (chunk.min() ?? 0)...(chunk.max() ?? 0)
        }
        let before = RowSet(rowCount: values.count) { $0 % 7 != 3 && !(256..<320).contains($0) }
        for range in Self.ranges {
            let expected = RowSet(rowCount: values.count) {
                before.contains($0) && range.contains(values[$0])
            }
            for known in [[], bounds] {
                var set = before
                ColumnFilter.keep(column, in: &set, range, known)
                #expect(set == expected, "\(range)")
            }
        }
    }

    @Test func `chunks outside a range are not looked at, those within it are kept whole`() {
        var column = Column<Int64>()
        for row in 0..<(3 * Chunk.rows) { column.append(Int64(row)) }
        // What is said of the chunks decides, whatever they hold.
        let bounds: [ClosedRange<Int64>] = [0...9, 10...19, 20...29]
        var set = RowSet(rowCount: column.count, filled: true)
        ColumnFilter.keep(column, in: &set, 20...100, bounds)
        #expect(set == RowSet(rowCount: column.count) { $0 >= 2 * Chunk.rows })
    }

    @Test func `the kernel and its plain form agree`() {
        let values = Array(Self.values().prefix(64 * 9))
        for range in Self.ranges {
            var fast = (0..<9).map { $0 == 4 ? 0 : UInt64.max &- UInt64($0) }
            var plain = fast
            unsafe vk_keep_in_range(values, 9, range.lowerBound, range.upperBound, &fast)
            unsafe vk_keep_in_range_plain(values, 9, range.lowerBound, range.upperBound, &plain)
            #expect(fast == plain, "\(range)")
        }
    }
}
