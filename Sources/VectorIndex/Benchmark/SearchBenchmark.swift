import Synchronization

/// Measures an index in use: inserts beside searches, filtered searches, many tenants.
///
/// The index holds the whole base, half of it where rows are replaced; the last vectors come one by one, as rows
/// do: first some that are linked at once, then as many that are linked behind.
public struct SearchBenchmark: Sendable {
    let options: IndexBenchmark.Options
    var data: BenchmarkData

    /// Opens the data set.
    public init(_ options: IndexBenchmark.Options) throws(IndexError) {
        self.options = options
        data = try BenchmarkData(directory: options.directory, element: options.element)
    }

    /// What the vectors are taken as.
    public var element: VectorElement { data.element }

    /// How many vectors are inserted one by one at most, in each of the two ways.
    private static let insertLimit = 5_000
    /// How often a small base is filled.
    private static let insertRounds = 10
    /// How many queries searches restricted to some rows are measured with: each costs a look at every row.
    static let restrictedQueries = 100

    /// The partition of all rows, where there is one tenant only.
    static let onlyPartition = Partition(rawValue: 0)

    /// Measures everything, handing over each line as it is known.
    public func run(_ report: (Line) -> Void) throws(IndexError) {
        let held = max(1, min(Self.insertLimit, data.base.count / 10))
        guard data.base.count > 2 * held else {
            throw .vectorFile(path: data.base.path, problem: "it holds too few vectors")
        }
        let first = data.base.count - 2 * held
        let start = try VectorFile(path: options.directory + "/base.fvecs", first: first)
        func makeIndex() throws(IndexError) -> HNSWIndex {
            try data.index(options.configuration(for: data), of: start, threads: options.threads)
        }
        var index = try makeIndex()
        var times = InsertTimes()
        var appended = AppendTimes()
        // Of a few inserts the slowest hundredth is one: a small base is filled over and over.
        for round in 0..<(held < Self.insertLimit ? Self.insertRounds : 1) {
            if round > 0 { index = try makeIndex() }
            try measureInserts(of: first..<first + held, into: index, &times)
            try measureAppends(of: first + held..<data.base.count, into: index, &appended)
        }
        report(try line(of: &times, appended.figures(), in: index))
        try measureFilters(index, report)
        try measureTenants(report)
    }

    func line(_ measure: Measure, _ figures: SearchFigures) -> Line {
        Line(
            measure: measure, vectors: data.base.count, maximumLinks: options.maximumLinks,
            constructionBreadth: options.constructionBreadth,
            breadth: options.configuration(for: data).searchBreadth, search: figures)
    }

    /// How long inserts took, and the searches beside them.
    private struct InsertTimes {
        var inserts = Latencies()
        var searches = Latencies()
        var searchable = 0
    }

    /// Inserts some rows of the base while another thread searches without a pause.
    private func measureInserts(
        of rows: Range<Int>, into index: HNSWIndex, _ times: inout InsertTimes
    ) throws(IndexError) {
        let vectors = try vectors(of: rows)
        var (inserts, searches, searchable) = (times.inserts, times.searches, times.searchable)
        var failure: IndexError?
        let isDone = Atomic<Bool>(false)
        WorkerThreads.run(2) { thread in
            do throws(IndexError) {
                if thread == 0 {
                    try search(index, until: isDone, into: &searches)
                } else {
                    defer { isDone.store(true, ordering: .releasing) }
                    for (row, vector) in zip(rows, vectors) {
                        let began = now()
                        try data.insert(vector, row: row, partition: Self.onlyPartition, into: index)
                        inserts.add(now() - began)
                        searchable += try isFound(row, vector, in: index) ? 1 : 0
                    }
                }
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        times = InsertTimes(inserts: inserts, searches: searches, searchable: searchable)
    }

    /// Some rows of the base, made ready before anything is timed.
    func vectors(of rows: Range<Int>) throws(IndexError) -> [BenchmarkData.Vector] {
        var vectors: [BenchmarkData.Vector] = []
        for row in rows { vectors.append(try data.vector(row)) }
        return vectors
    }

    private func line(
        of times: inout InsertTimes, _ appended: AppendFigures, in index: HNSWIndex
    ) throws(IndexError) -> Line {
        var figures = SearchFigures()
        figures.medianMicroseconds = times.searches.microseconds(percentile: 50)
        figures.percentile99Microseconds = times.searches.microseconds(percentile: 99)
        var found = 0
        for (number, query) in data.queries.enumerated() {
            let outcome = try data.search(index, query, SearchOptions(count: BenchmarkData.count))
            found += data.found(outcome, for: query, bound: data.bound(query: number))
        }
        figures.recall10 = Double(found) / Double(BenchmarkData.count * max(1, data.queries.count))
        let inserted = InsertFigures(
            count: times.inserts.count, searchable: Double(times.searchable) / Double(times.inserts.count),
            medianMicroseconds: times.inserts.microseconds(percentile: 50),
            percentile99Microseconds: times.inserts.microseconds(percentile: 99), appended: appended)
        return line(.inserts(inserted), figures)
    }

    /// Searches without a pause until the other thread is done.
    func search(
        _ index: HNSWIndex, until isDone: borrowing Atomic<Bool>, into searches: inout Latencies
    ) throws(IndexError) {
        let options = SearchOptions(count: BenchmarkData.count)
        var number = 0
        repeat {
            let query = data.queries[number % data.queries.count]
            let began = now()
            _ = try data.search(index, query, options)
            searches.add(now() - began)
            number += 1
        } while !isDone.load(ordering: .acquiring)
    }

    /// Whether a search for a row's own vector gives the row, or only others that are as near.
    func isFound(_ row: Int, _ vector: BenchmarkData.Vector, in index: HNSWIndex) throws(IndexError)
        -> Bool
    {
        let hits = try data.search(index, vector, SearchOptions(count: BenchmarkData.count)).hits
        guard let last = hits.last else { return false }
        return hits.contains { Int($0.row.rawValue) == row }
            || data.cosine(Int(last.row.rawValue), vector) >= 1 - BenchmarkData.slack
    }
}
