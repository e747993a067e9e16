import Testing
import VectorIndex

/// Searches under filters that leave so much that a walk is taken for cheaper.
@Suite struct FilterGateTests {
    private static let count = 8_600

    private static let filled = Result {
        var pair = try IndexedPair(IndexConfiguration(dimension: TestVectors.dimension))
        for (row, vector) in TestVectors.decisions(count, seed: 51).enumerated() {
            // A tenth is another partition's.
            try pair.insert(vector, row: row, partition: row % 10 == 0 ? 1 : 0)
        }
        return pair
    }

    enum Labels: CaseIterable {
        case random, correlated
    }

    /// So many rows, by chance or the nearest to one vector.
    private static func filter(_ labels: Labels, percent: Int, _ pair: IndexedPair) -> RowFilter {
        let wanted = count * percent / 100
        switch labels {
        case .random:
            var generator = SeededGenerator(seed: UInt64(percent))
            let rows = (0..<count).shuffled(using: &generator).prefix(wanted)
            return RowFilter(rows.map { Row(rawValue: UInt32($0)) })
        case .correlated:
            let pivot = TestVectors.floats(TestVectors.decisions(1, seed: 52)[0])
            return RowFilter(pair.oracle.search(pivot, count: wanted).map(\.row))
        }
    }

    @Test(arguments: [50, 90], Labels.allCases)
    func `a walk taken by itself keeps recall and always fills the answer`(
        percent: Int, labels: Labels
    ) throws {
        let pair = try Self.filled.get()
        let options = SearchOptions(filter: Self.filter(labels, percent: percent, pair))
        let queries = TestVectors.decisions(15, seed: 53)
        var walked = 0
        for query in queries {
            let outcome = try pair.index.search(counts: query.span, scale: 1, options: options)
            walked += outcome.strategy == .filteredGraph ? 1 : 0
            #expect(outcome.hits.count == 10)
            #expect(outcome.hits.allSatisfy { options.filter?.contains($0.row) ?? false })
        }
        #expect(walked >= 12, "\(walked) of 15 walked")
        #expect(try pair.recall(queries, options: options) >= 0.95)
    }

    @Test
    func
        `what matches away from the question is walked by itself, and all of it is compared where it is little`()
        throws
    {
        let pair = try Self.filled.get()
        let pivot = TestVectors.decisions(1, seed: 52)[0]
        let byNearness = pair.oracle.search(TestVectors.floats(pivot), count: Self.count).map(\.row)
        let away = SearchOptions(filter: RowFilter(byNearness.suffix(Self.count * 7 / 10)))
        // Those that do not match, asked for what does.
        let questions = byNearness.prefix(Self.count / 10).filter { $0.rawValue % 40 == 0 }.map { row in
            TestVectors.decisions(Self.count, seed: 51)[Int(row.rawValue)]
        }
        var walked = 0
        for question in questions {
            let outcome = try pair.index.search(counts: question.span, scale: 1, options: away)
            // Among equals all are compared.
            walked += outcome.strategy == .filteredGraph && outcome.scanned > 1_000 ? 1 : 0
            #expect(outcome.hits.count == 10)
            #expect(outcome.hits.allSatisfy { away.filter?.contains($0.row) ?? false })
        }
        #expect(
            questions.count > 10 && walked * 2 > questions.count, "\(walked) of \(questions.count) walked")
        #expect(try pair.recall(questions, options: away) >= 0.9)
        let rest = SearchOptions(filter: RowFilter(byNearness.suffix(Self.count / 5)))
        let compared = try pair.index.search(counts: pivot.span, scale: 1, options: rest)
        #expect(compared.strategy != .filteredGraph && compared.hits.count == 10)
        #expect(try pair.recall([pivot], options: rest) == 1)
    }

    @Test func `a walk in a partition under a filter leaves neither`() throws {
        let pair = try Self.filled.get()
        let options = SearchOptions(
            partition: Partition(rawValue: 0), filter: Self.filter(.random, percent: 90, pair))
        for query in TestVectors.decisions(10, seed: 54) {
            let outcome = try pair.index.search(counts: query.span, scale: 1, options: options)
            #expect(outcome.strategy == .filteredGraph && outcome.hits.count == 10)
            #expect(
                outcome.hits.allSatisfy {
                    $0.row.rawValue % 10 != 0 && options.filter?.contains($0.row) ?? false
                })
        }
        #expect(try pair.recall(TestVectors.decisions(10, seed: 54), options: options) >= 0.95)
    }

    @Test func `a walk asks about the rows that it meets, and finds what a filter would`() throws {
        let pair = try Self.filled.get()
        let filter = Self.filter(.random, percent: 50, pair)
        let options = SearchOptions()
        for query in TestVectors.decisions(15, seed: 55) {
            var asked: Set<Row> = []
            let outcome = try pair.index.walk(
                counts: query.span, scale: 1, options: options, expecting: filter.count,
                admitting: { row in
                    asked.insert(row)
                    return filter.contains(row)
                }, precedes: { $0 < $1 })
            let filtered = try pair.index.search(
                counts: query.span, scale: 1, options: SearchOptions(filter: filter))
            if filtered.strategy == .exact {
                #expect(outcome.hits.isEmpty)
            } else {
                #expect(outcome.hits == filtered.hits)
                #expect(asked.count < Self.count / 2, "\(asked.count) of \(Self.count) asked")
            }
        }
        let query = TestVectors.decisions(1)[0]
        let nothing = try pair.index.walk(
            counts: query.span, scale: 1, options: options, expecting: filter.count,
            admitting: { _ in false }, precedes: { $0 < $1 })
        #expect(nothing.hits.isEmpty && nothing.scanned > 0)
        #expect(pair.index.walksWell(options, expecting: filter.count))
        #expect(!pair.index.walksWell(options, expecting: 4_000))
    }
}
