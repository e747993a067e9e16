import Locks

/// Measures recall against speed on a data set of base, query and truth files.
public struct IndexBenchmark: Sendable {
    /// The breadths that are measured.
    public static let breadths = [10, 16, 24, 32, 48, 64, 96, 128, 192, 256, 400]

    private let options: Options
    private let data: BenchmarkData

    /// Opens the data set.
    public init(_ options: Options) throws(IndexError) {
        self.options = options
        data = try BenchmarkData(directory: options.directory, element: options.element)
    }

    /// What the vectors are taken as.
    public var element: VectorElement { data.element }

    /// Builds the index and measures each breadth, handing over each line as it is known.
    public func run(_ report: (Line) -> Void) throws(IndexError) {
        let configuration = options.configuration(for: data)
        data.base.leaveMemory()
        let memoryBefore = residentMemory()
        let began = now()
        let index =
            options.isInserted
            ? try data.inserted(configuration)
            : try data.index(configuration, of: data.base, threads: options.threads)
        let buildSeconds = now() - began
        if options.quantization != .none {
            try index.writeSnapshot(to: options.scratchDirectory + "/index")
        }
        let builtMemory = residentMemory()
        let trainingSeconds = trainingSeconds(of: index)
        for breadth in options.breadths {
            var line = Line(
                vectors: data.base.count, maximumLinks: options.maximumLinks,
                constructionBreadth: options.constructionBreadth, breadth: breadth, recall10: 0,
                rawRecall10: 0,
                queriesPerSecondOneThread: 0, queriesPerSecondAllThreads: 0, medianMicroseconds: 0,
                percentile99Microseconds: 0, buildSeconds: buildSeconds,
                trainingSeconds: trainingSeconds,
                memoryMegabytes: Double(builtMemory.anonymous - memoryBefore.anonymous) / 1e6,
                residentMegabytes: 0,
                distancesPerQuery: 0, hopsPerQuery: 0)
            measureRecall(index, into: &line)
            measureSpeed(index, into: &line)
            // The input counts neither here nor before.
            data.base.leaveMemory()
            let memory = residentMemory()
            line.residentMegabytes =
                Double(
                    memory.anonymous + memory.files - memoryBefore.anonymous - memoryBefore.files) / 1e6
            report(line)
        }
    }

    /// Trains the centroids once more, alone: within a build nothing tells how long that takes.
    private func trainingSeconds(of index: HNSWIndex) -> Double {
        guard options.quantization.isTrained else { return 0 }
        return index.guarded.withReading { graph in
            let began = now()
            _ = graph.trainedCodebook(threads: options.threads)
            return now() - began
        }
    }

    private func search(
        _ index: HNSWIndex, _ query: Int, _ breadth: Int, isRescored: Bool = true
    ) -> SearchOutcome? {
        var options = SearchOptions(count: BenchmarkData.count, breadth: breadth, strategy: .graph)
        options.isRescored = isRescored
        return try? data.search(index, data.queries[query], options)
    }

    private func measureRecall(_ index: HNSWIndex, into line: inout Line) {
        var found = 0
        var foundRaw = 0
        var scanned = 0
        var hops = 0
        for (number, query) in data.queries.enumerated() {
            guard let outcome = search(index, number, line.breadth) else { continue }
            scanned += outcome.scanned
            hops += outcome.hops
            let bound = data.bound(query: number)
            found += data.found(outcome, for: query, bound: bound)
            // Without smaller codes it is the same search again.
            guard options.quantization != .none,
                let raw = search(index, number, line.breadth, isRescored: false)
            else { continue }
            foundRaw += data.found(raw, for: query, bound: bound)
        }
        let asked = Double(max(1, data.queries.count))
        line.recall10 = Double(found) / asked / Double(BenchmarkData.count)
        line.rawRecall10 = Double(foundRaw) / asked / Double(BenchmarkData.count)
        line.distancesPerQuery = Double(scanned) / asked
        line.hopsPerQuery = Double(hops) / asked
    }

    private func measureSpeed(_ index: HNSWIndex, into line: inout Line) {
        var times = Latencies()
        times.reserve(1 << 18)
        let began = now()
        var last = began
        while last - began < options.secondsPerFigure {
            for number in data.queries.indices {
                _ = search(index, number, line.breadth)
                let moment = now()
                times.add(moment - last)
                last = moment
            }
        }
        line.queriesPerSecondOneThread = Double(times.count) / (last - began)
        line.medianMicroseconds = times.microseconds(percentile: 50)
        line.percentile99Microseconds = times.microseconds(percentile: 99)
        line.queriesPerSecondAllThreads = throughput(index, line.breadth)
    }

    private func throughput(_ index: HNSWIndex, _ breadth: Int) -> Double {
        let threads = max(1, options.threads)
        let answered = Mutex(0)
        let began = now()
        WorkerThreads.run(threads) { thread in
            var number = thread
            var done = 0
            repeat {
                for _ in 0..<64 {
                    _ = search(index, number % data.queries.count, breadth)
                    number += threads
                    done += 1
                }
            } while now() - began < options.secondsPerFigure
            answered.withLock { $0 += done }
        }
        return Double(answered.withLock { $0 }) / (now() - began)
    }
}
