import struct Synchronization.Atomic

/// Measures recall against speed on a data set of base, query and truth files.
public struct IndexBenchmark: Sendable {
    /// The breadths that are measured.
    public static let breadths = [10, 16, 24, 32, 48, 64, 96, 128, 192, 256, 400]

    private let options: Options
    private let base: VectorFile
    private let queries: VectorFile
    private let truth: VectorFile

    /// Opens the data set.
    public init(_ options: Options) throws(IndexError) {
        self.options = options
        base = try VectorFile(path: options.directory + "/base.fvecs")
        queries = try VectorFile(path: options.directory + "/query.fvecs")
        truth = try VectorFile(path: options.directory + "/truth.fvecs")
        guard queries.dimension == base.dimension else {
            throw .dimension(expected: base.dimension, found: queries.dimension)
        }
        guard truth.count == queries.count, truth.dimension >= IndexBenchmark.count else {
            throw .vectorFile(
                path: options.directory + "/truth.fvecs",
                problem: "it does not hold the best scores of each query")
        }
    }

    private static let count = 10

    /// Builds the index and measures each breadth, handing over each line as it is known.
    public func run(_ report: (Line) -> Void) throws(IndexError) {
        var configuration = IndexConfiguration(dimension: base.dimension, element: options.element)
        configuration.maximumLinks = options.maximumLinks
        configuration.constructionBreadth = options.constructionBreadth
        configuration.kernel = options.kernel
        let memoryBefore = anonymousMemory()
        let began = now()
        let index =
            options.element == .floats
            ? try HNSWIndex(configuration, vectors: base, threads: options.threads)
            : try HNSWIndex(countsOf: base, configuration, threads: options.threads)
        let buildSeconds = now() - began
        let megabytes = Double(anonymousMemory() - memoryBefore) / 1e6
        let prepared = try preparedQueries()
        for breadth in options.breadths {
            var line = Line(
                vectors: base.count, maximumLinks: options.maximumLinks,
                constructionBreadth: options.constructionBreadth, breadth: breadth, recall10: 0,
                queriesPerSecondOneThread: 0, queriesPerSecondAllThreads: 0, medianMicroseconds: 0,
                percentile99Microseconds: 0, buildSeconds: buildSeconds, memoryMegabytes: megabytes,
                distancesPerQuery: 0, hopsPerQuery: 0)
            try measureRecall(index, prepared, into: &line)
            measureSpeed(index, prepared, into: &line)
            report(line)
        }
    }

    /// One query, as floats or as counts.
    private struct Query {
        var floats: [Float]
        var counts: [Int8]
        var scale: Float
    }

    private func preparedQueries() throws(IndexError) -> [Query] {
        var prepared: [Query] = []
        for index in 0..<queries.count {
            let floats = queries.withVector(index) { vector in (0..<vector.count).map { vector[$0] } }
            var counts = [Int8](repeating: 0, count: floats.count)
            var scale: Float = 1
            if options.element == .counts {
                guard let found = recoverCounts(floats.span, into: &counts) else {
                    throw .vectorFile(
                        path: options.directory + "/query.fvecs",
                        problem: "vector \(index) is no multiple of counts")
                }
                scale = found
            }
            prepared.append(Query(floats: floats, counts: counts, scale: scale))
        }
        return prepared
    }

    private func search(_ index: HNSWIndex, _ query: Query, _ breadth: Int) -> SearchOutcome? {
        let searchOptions = SearchOptions(count: IndexBenchmark.count, breadth: breadth, strategy: .graph)
        return options.element == .floats
            ? try? index.search(floats: query.floats.span, options: searchOptions)
            : try? index.search(counts: query.counts.span, scale: query.scale, options: searchOptions)
    }

    private func measureRecall(_ index: HNSWIndex, _ prepared: [Query], into line: inout Line)
        throws(IndexError)
    {
        var found = 0
        var scanned = 0
        var hops = 0
        for (number, query) in prepared.enumerated() {
            guard let outcome = search(index, query, line.breadth) else { continue }
            scanned += outcome.scanned
            hops += outcome.hops
            let bound = truth.withVector(number) { $0[IndexBenchmark.count - 1] } - 1e-6
            let rows = Set(outcome.hits.map(\.row)).filter { row in
                // The cosine of the float vectors decides, not the index's own score.
                base.withVector(Int(row.rawValue)) { vector in
                    var sum = 0.0
                    for place in vector.indices { sum += Double(vector[place]) * Double(query.floats[place]) }
                    return Float(sum) >= bound
                }
            }
            found += rows.count
        }
        let asked = Double(max(1, prepared.count))
        line.recall10 = Double(found) / asked / Double(IndexBenchmark.count)
        line.distancesPerQuery = Double(scanned) / asked
        line.hopsPerQuery = Double(hops) / asked
    }

    private func measureSpeed(_ index: HNSWIndex, _ prepared: [Query], into line: inout Line) {
        let half = options.secondsPerSetting / 2
        var times: [Double] = []
        times.reserveCapacity(1 << 18)
        let began = now()
        var last = began
        while last - began < half {
            for query in prepared {
                _ = search(index, query, line.breadth)
                let moment = now()
                times.append(moment - last)
                last = moment
            }
        }
        line.queriesPerSecondOneThread = Double(times.count) / (last - began)
        times.sort()
        line.medianMicroseconds = times[times.count / 2] * 1e6
        line.percentile99Microseconds = times[times.count * 99 / 100] * 1e6
        line.queriesPerSecondAllThreads = throughput(index, prepared, line.breadth, seconds: half)
    }

    private func throughput(_ index: HNSWIndex, _ prepared: [Query], _ breadth: Int, seconds: Double)
        -> Double
    {
        let threads = max(1, options.threads)
        let answered = SearchCounters()
        let began = now()
        WorkerThreads.run(threads) { thread in
            var number = thread
            var done = 0
            repeat {
                for _ in 0..<64 {
                    _ = search(index, prepared[number % prepared.count], breadth)
                    number += threads
                    done += 1
                }
            } while now() - began < seconds
            var outcome = SearchOutcome()
            outcome.scanned = done
            answered.add(outcome)
        }
        return Double(answered.distances.load(ordering: .relaxed)) / (now() - began)
    }
}
