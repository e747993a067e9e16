extension SearchBenchmark {
    /// The shares that filters let through, in percent.
    private static let percents = [0.1, 1, 10, 50, 90]
    private static let filterSeed: UInt64 = 0xF117E4

    /// Searches under filters of each share, chosen by chance and lying together.
    func measureFilters(_ index: HNSWIndex, _ report: (Line) -> Void) throws(IndexError) {
        let filters = filters()
        var searches = [[RestrictedSearch]](repeating: [], count: filters.count)
        for query in data.queries.prefix(Self.restrictedQueries) {
            let cosines = (0..<data.base.count).map { data.cosine($0, query) }
            for (number, filter) in filters.enumerated() {
                let rows = filter.rows
                searches[number].append(
                    RestrictedSearch(
                        vector: query, options: SearchOptions(count: BenchmarkData.count, filter: rows),
                        bound: bound(filter.members.lazy.map { cosines[$0] }),
                        expected: min(BenchmarkData.count, rows.count),
                        admits: { rows.contains(Row(rawValue: UInt32($0))) }))
            }
        }
        for (filter, searches) in zip(filters, searches) {
            let (figures, strategy) = try measure(searches, in: index)
            report(
                line(
                    .filter(
                        filter.labels, percent: filter.percent, matching: filter.members.count,
                        strategy: strategy),
                    figures))
        }
    }

    /// The rows that match one filter.
    private struct Filter {
        var labels: Labels
        var percent: Double
        var members: [Int]
        var rows: RowFilter
    }

    private func filters() -> [Filter] {
        var random = SplitMix64(seed: Self.filterSeed)
        let all = Array(0..<data.base.count)
        let shuffled = all.shuffled(using: &random)
        let pivot = base(Int.random(in: all.indices, using: &random))
        let cosines = all.map { data.cosine($0, pivot) }
        let nearest = all.sorted { cosines[$0] != cosines[$1] ? cosines[$0] > cosines[$1] : $0 < $1 }
        return [(Labels.random, shuffled), (.correlated, nearest)].flatMap { labels, order in
            Self.percents.map { percent in
                let count = max(1, Int((Double(all.count) * percent / 100).rounded()))
                let members = Array(order.prefix(count))
                let rows = RowFilter(members.map { Row(rawValue: UInt32($0)) })
                return Filter(labels: labels, percent: percent, members: members, rows: rows)
            }
        }
    }

    /// A vector of the base to compare with, as floats alone.
    private func base(_ row: Int) -> BenchmarkData.Vector {
        let floats = data.base.withVector(row) { vector in vector.indices.map { vector[$0] } }
        return BenchmarkData.Vector(floats: floats, counts: [], scale: 1)
    }
}
