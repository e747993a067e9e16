import Foundation
import Testing
import VectorIndex

@Suite struct IndexBenchmarkTests {
    private func write(_ vectors: [[Float]], to path: String) throws {
        var bytes = Data()
        func append(_ word: UInt32) {
            for shift in [0, 8, 16, 24] as [UInt32] { bytes.append(UInt8(truncatingIfNeeded: word >> shift)) }
        }
        for vector in vectors {
            append(UInt32(vector.count))
            for value in vector { append(value.bitPattern) }
        }
        try bytes.write(to: URL(fileURLWithPath: path))
    }

    private func withDataSet(_ body: (String) throws -> Void) throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let base = TestVectors.decisions(700, duplicates: 20)
        let queries = TestVectors.decisions(20, seed: 3)
        var oracle = ExactIndex(dimension: TestVectors.dimension)
        for (row, vector) in base.enumerated() {
            try oracle.insert(
                counts: vector.span, scale: TestVectors.scale(vector), row: Row(rawValue: UInt32(row)),
                partition: Partition(rawValue: 0))
        }
        try write(base.map(TestVectors.floats), to: directory.path + "/base.fvecs")
        try write(queries.map(TestVectors.floats), to: directory.path + "/query.fvecs")
        let truth = queries.map { oracle.search(TestVectors.floats($0), count: 100).map(\.score) }
        try write(truth, to: directory.path + "/truth.fvecs")
        try body(directory.path)
    }

    @Test(arguments: VectorElement.allCases)
    func `the benchmark measures recall beside speed`(element: VectorElement) throws {
        try withDataSet { directory in
            var options = IndexBenchmark.Options(directory: directory)
            options.element = element
            options.secondsPerFigure = 0.01
            options.breadths = [16, 128]
            var lines: [IndexBenchmark.Line] = []
            try IndexBenchmark(options).run { lines.append($0) }
            #expect(lines.map(\.breadth) == [16, 128])
            #expect(lines.allSatisfy { $0.recall10 > 0.9 && $0.recall10 <= 1 && $0.vectors == 700 })
            #expect(
                lines.allSatisfy { $0.queriesPerSecondOneThread > 0 && $0.queriesPerSecondAllThreads > 0 })
            #expect(lines.allSatisfy { $0.medianMicroseconds <= $0.percentile99Microseconds })
            #expect(lines[0].distancesPerQuery < lines[1].distancesPerQuery)
        }
    }

    @Test func `vectors are taken as counts where all are multiples of some`() throws {
        try withDataSet { directory in
            let options = IndexBenchmark.Options(directory: directory)
            let whole = try IndexBenchmark(options)
            #expect(whole.element == .counts)
            var queries = TestVectors.decisions(20, seed: 3).map(TestVectors.floats)
            queries[19] = (0..<TestVectors.dimension).map { 0.1 + Float($0 * $0) * 0.001_7 }
            try write(queries, to: directory + "/query.fvecs")
            let mixed = (try IndexBenchmark(options).element, try SearchBenchmark(options).element)
            #expect(mixed == (.floats, .floats))
            var asCounts = options
            asCounts.element = .counts
            #expect(throws: IndexError.self) { try IndexBenchmark(asCounts) }
        }
    }

    @Test func `a file may be opened in part`() throws {
        try withDataSet { directory in
            for (limit, count) in [(Int.max, 700), (40, 40), (900, 700)] {
                let file = try VectorFile(path: directory + "/base.fvecs", first: limit)
                #expect(file.count == count)
            }
        }
    }

    @Test(arguments: VectorElement.allCases)
    func `inserts, filters and tenants are measured with recall beside speed`(element: VectorElement) throws {
        try withDataSet { directory in
            var options = IndexBenchmark.Options(directory: directory)
            options.element = element
            options.secondsPerFigure = 0.001
            var lines: [SearchBenchmark.Line] = []
            try SearchBenchmark(options).run { lines.append($0) }
            var kinds: [String] = []
            for line in lines {
                #expect(line.vectors == 700 && line.search.strangers == 0 && line.search.complete == 1)
                #expect(line.search.recall10 > 0.95 && line.search.recall10 <= 1, "\(line)")
                #expect(line.search.medianMicroseconds > 0)
                #expect(line.search.medianMicroseconds <= line.search.percentile99Microseconds)
                switch line.measure {
                case .inserts(let inserts):
                    kinds.append("inserts")
                    #expect(inserts.count == 700 && inserts.searchable == 1)
                    #expect(inserts.medianMicroseconds <= inserts.percentile99Microseconds)
                    // Each is found as soon as it was acknowledged, and none is left to be linked.
                    let appended = inserts.appended
                    #expect(appended.count == 700 && appended.found == 1)
                    #expect(appended.medianMicroseconds <= appended.percentile99Microseconds)
                    #expect(appended.searchPercentile99Microseconds > 0)
                    #expect(appended.linkedPerSecond > 0 && appended.largestTail <= 70)
                case .filter(let labels, let percent, let matching, _):
                    kinds.append("\(labels) \(percent)")
                    #expect(matching == max(1, Int((percent * 7).rounded())))
                case .tenants(let count, let scope):
                    kinds.append("\(count) \(scope)")
                case .opening, .group, .round: kinds.append("another")
                }
            }
            let percents = [0.1, 1, 10, 50, 90]
            let filters = percents.map { "random \($0)" } + percents.map { "correlated \($0)" }
            let tenants = ["1 all", "200 all", "1 tenant", "200 tenant"]
            #expect(kinds == ["inserts"] + filters + tenants)
        }
    }

    @Test(arguments: VectorElement.allCases)
    func `opening, a large group and rounds of deletes are measured with recall`(element: VectorElement)
        throws
    {
        try withDataSet { directory in
            var options = IndexBenchmark.Options(directory: directory)
            options.element = element
            options.scratchDirectory = directory
            options.secondsPerFigure = 0.001
            var kinds: [String] = []
            try SearchBenchmark(options).runLife { line in
                #expect(line.search.strangers == 0 && line.search.complete == 1, "\(line)")
                #expect(line.search.recall10 > 0.95 && line.search.recall10 <= 1, "\(line)")
                switch line.measure {
                case .opening(let figures):
                    kinds.append("opening")
                    #expect(figures.seconds > 0 && figures.fileMegabytes > 0)
                case .group(let size, let scope): kinds.append("\(size) \(scope)")
                case .round(let figures):
                    kinds.append("round \(figures.round)")
                    #expect(figures.rows == 350 && figures.nodes <= 350 && figures.unreachable == 0)
                    #expect(figures.countedMegabytes > 0)
                case .inserts, .filter, .tenants: kinds.append("another")
                }
            }
            #expect(kinds == ["opening", "140 all", "140 others"] + (0...5).map { "round \($0)" })
        }
    }

    @Test func `smaller codes are measured with their training and without scoring again`() throws {
        try withDataSet { directory in
            for quantization in [Quantization.none, .sq4, .pq8] {
                var options = IndexBenchmark.Options(directory: directory)
                options.scratchDirectory = directory
                options.quantization = quantization
                options.secondsPerFigure = 0.001
                options.breadths = [96]
                var lines: [IndexBenchmark.Line] = []
                try IndexBenchmark(options).run { lines.append($0) }
                let line = try #require(lines.first)
                #expect((line.trainingSeconds > 0) == quantization.isTrained)
                #expect(line.recall10 > 0.95 && line.rawRecall10 <= line.recall10)
            }
        }
    }

    @Test func `a base of one vector leaves none to insert`() throws {
        try withDataSet { directory in
            let vector = TestVectors.floats(TestVectors.decisions(1)[0])
            try write([vector], to: directory + "/base.fvecs")
            let benchmark = try SearchBenchmark(IndexBenchmark.Options(directory: directory))
            #expect(throws: IndexError.self) { try benchmark.run { _ in } }
        }
    }

    @Test func `a data set that does not fit together is refused`() throws {
        try withDataSet { directory in
            try write([[1, 2, 3]], to: directory + "/query.fvecs")
            let options = IndexBenchmark.Options(directory: directory)
            #expect(throws: IndexError.dimension(expected: TestVectors.dimension, found: 3)) {
                try IndexBenchmark(options)
            }
            try Data([1, 2, 3]).write(to: URL(fileURLWithPath: directory + "/query.fvecs"))
            #expect(throws: IndexError.self) { try IndexBenchmark(options) }
            try Data(repeating: 7, count: 40).write(to: URL(fileURLWithPath: directory + "/query.fvecs"))
            #expect(throws: IndexError.self) { try IndexBenchmark(options) }
            #expect(throws: IndexError.self) { try VectorFile(path: directory + "/missing") }
        }
    }

    @Test func `floats in sparse blocks that differ by less than a code tells are told apart`() throws {
        try withDataSet { directory in
            let seconds: [Float] = [0.501, 0.502, 0.5035, 0.501]
            let rest = [Float](repeating: 0, count: 382)
            try write(seconds.map { [1, $0] + rest }, to: directory + "/base.fvecs")
            let file = try VectorFile(path: directory + "/base.fvecs")
            let index = try HNSWIndex(
                IndexConfiguration(dimension: 384, element: .floats, metric: .euclidean), vectors: file)
            #expect(index.distinctCount == 3)
        }
    }

    @Test func `vectors that are no counts are refused as counts`() throws {
        try withDataSet { directory in
            try write(
                [[Float]](repeating: [0.1, 0.123_456, 3, 0.000_01], count: 2), to: directory + "/base.fvecs")
            let file = try VectorFile(path: directory + "/base.fvecs")
            #expect(throws: IndexError.self) {
                try HNSWIndex(countsOf: file, IndexConfiguration(dimension: 4))
            }
        }
    }
}
