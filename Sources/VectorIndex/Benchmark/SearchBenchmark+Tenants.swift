extension SearchBenchmark {
    private static let tenantCount = 200
    private static let tenantSeed: UInt64 = 0x7E4A47

    /// How often both are measured, one after the other: what a machine does besides changes from minute to minute.
    private static let turns = 3

    /// Searches where one tenant has all rows, and where many share them unevenly.
    ///
    /// Both graphs are made in the same way and measured in turns, of which each one's quickest is told, so that they
    /// differ by their tenants alone.
    func measureTenants(_ report: (Line) -> Void) throws(IndexError) {
        var random = SplitMix64(seed: Self.tenantSeed)
        let one = [Int](repeating: 0, count: data.base.count)
        let many = tenantsOfRows(&random)
        let indexes = [(try sharedIndex(one), one, 1), (try sharedIndex(many), many, Self.tenantCount)]
        for scope in Scope.allCases {
            var asked: [[RestrictedSearch]] = []
            for (_, tenants, _) in indexes { asked.append(searches(scope, tenants, &random)) }
            var best = [SearchFigures?](repeating: nil, count: indexes.count)
            for _ in 0..<Self.turns {
                for place in indexes.indices {
                    let figures = try measure(asked[place], in: indexes[place].0).figures
                    let least = best[place]?.medianMicroseconds ?? .infinity
                    if figures.medianMicroseconds < least { best[place] = figures }
                }
            }
            for (place, index) in indexes.enumerated() {
                if let figures = best[place] { report(line(.tenants(index.2, scope), figures)) }
            }
        }
    }

    /// Searches among rows of these tenants, of all of them or of one.
    private func searches(_ scope: Scope, _ tenants: [Int], _ random: inout SplitMix64) -> [RestrictedSearch]
    {
        let members = Dictionary(grouping: tenants.indices) { tenants[$0] }
        var searches: [RestrictedSearch] = []
        for (number, query) in data.queries.prefix(Self.restrictedQueries).enumerated() {
            // A large tenant is asked for more often than a small one.
            let tenant = tenants[Int.random(in: tenants.indices, using: &random)]
            var search = RestrictedSearch(
                vector: query, options: SearchOptions(count: BenchmarkData.count),
                bound: data.bound(query: number), expected: min(BenchmarkData.count, tenants.count),
                admits: { _ in true })
            if scope == .tenant {
                let rows = members[tenant] ?? []
                search.options.partition = Partition(rawValue: UInt32(tenant))
                search.bound = bound(rows.lazy.map { data.cosine($0, query) })
                search.expected = min(BenchmarkData.count, rows.count)
                search.admits = { tenants[$0] == tenant }
            }
            searches.append(search)
        }
        return searches
    }

    /// A tenant for each row: the second has half as many as the first, the third a third (Zipf's law).
    private func tenantsOfRows(_ random: inout SplitMix64) -> [Int] {
        var sums: [Double] = []
        for tenant in 1...Self.tenantCount { sums.append((sums.last ?? 0) + 1 / Double(tenant)) }
        let total = sums.last ?? 1
        return (0..<data.base.count).map { _ in
            let place = Double.random(in: 0..<total, using: &random)
            return sums.firstIndex { place < $0 } ?? 0
        }
    }

    /// An index whose rows are of these tenants.
    ///
    /// Rows of many tenants come one by one, so they are inserted with few candidates; the rebuild then makes
    /// the graph as if all had come at once.
    private func sharedIndex(_ tenants: [Int]) throws(IndexError) -> HNSWIndex {
        let wanted = options.configuration(for: data)
        var quick = wanted
        quick.constructionBreadth = 8
        let index = try HNSWIndex(quick)
        for (row, tenant) in tenants.enumerated() {
            try data.insert(
                try data.vector(row), row: row, partition: Partition(rawValue: UInt32(tenant)), into: index)
        }
        try index.rebuild(wanted, threads: options.threads)
        return index
    }
}
