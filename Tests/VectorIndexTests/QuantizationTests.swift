import Foundation
import Testing
import VectorIndex

/// Searches that walk over smaller codes and score what they find with the exact form.
@Suite struct QuantizationTests {
    private func pair(_ count: Int, duplicates: Int = 30) throws -> IndexedPair {
        try IndexedPair(decisions: count, duplicates: duplicates, partitions: 2)
    }

    private func quantize(_ index: HNSWIndex, _ quantization: Quantization) throws {
        var wanted = index.configuration
        wanted.quantization = quantization
        try index.rebuild(wanted, threads: 2)
    }

    private func withDirectory(_ body: (String) throws -> Void) throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        try body(directory.path)
    }

    @Test(arguments: Quantization.allCases)
    func `recall lost to smaller codes comes back by scoring again`(quantization: Quantization) throws {
        let pair = try pair(1_000)
        let queries = TestVectors.decisions(60, seed: 5)
        var options = SearchOptions(breadth: 120, strategy: .graph)
        let full = try pair.recall(queries, options: options)
        try quantize(pair.index, quantization)
        #expect(pair.index.checkInvariants() == [])
        let recall = try pair.recall(queries, options: options)
        options.isRescored = false
        let raw = try pair.recall(queries, options: options)
        // At most a point is lost, and never so much that the floor of recall is.
        #expect(recall >= full - 0.01 && recall >= 0.95)
        #expect(raw <= recall)
        let ratio = quantization.ratio(dimension: 384)
        #expect(ratio == [.none: 4, .sq8: 4, .sq4: 8][quantization, default: 32])
    }

    @Test(arguments: [Quantization.sq4, .pq4, .pq8, .pq16])
    func `rows that come and go are found under smaller codes too`(quantization: Quantization) throws {
        var pair = try pair(500)
        try quantize(pair.index, quantization)
        for (row, vector) in TestVectors.decisions(500, seed: 31).enumerated() {
            _ = pair.remove(row)
            try pair.insert(vector, row: 2_000 + row, partition: row % 2)
        }
        #expect(pair.index.checkInvariants() == [])
        let recall = try pair.recall(
            TestVectors.decisions(50, seed: 6), options: SearchOptions(breadth: 120, strategy: .graph))
        #expect(recall >= 0.95)
    }

    @Test(arguments: Quantization.allCases, VectorElement.allCases)
    func `a snapshot keeps codes and centroids, and answers as the index did`(
        quantization: Quantization, element: VectorElement
    ) throws {
        try withDirectory { directory in
            let metric = element == .floats ? Metric.euclidean : .cosine
            let index = try HNSWIndex(
                IndexConfiguration(dimension: TestVectors.dimension, element: element, metric: metric))
            let vectors = TestVectors.decisions(600, duplicates: 10)
            for (row, vector) in vectors.enumerated() {
                try insert(vector, row: row, as: element, into: index)
            }
            try quantize(index, quantization)
            let before = try answers(of: index, element)
            try index.writeSnapshot(to: directory + "/a")
            let copy = try HNSWIndex(snapshot: directory + "/a")
            // What only rescores now lies in the file, here and there.
            #expect(try answers(of: index, element) == before)
            #expect(try answers(of: copy, element) == before)
            #expect(copy.configuration.quantization == quantization)
            for changed in [index, copy] {
                for row in 0..<200 { _ = changed.remove(Row(rawValue: UInt32(row))) }
                for (row, vector) in TestVectors.decisions(200, seed: 12).enumerated() {
                    try insert(vector, row: 5_000 + row, as: element, into: changed)
                }
                #expect(changed.checkInvariants() == [])
            }
            #expect(try answers(of: index, element) == answers(of: copy, element))
            // The file itself is as it was.
            #expect(try answers(of: HNSWIndex(snapshot: directory + "/a"), element) == before)
        }
    }

    private func insert(_ vector: [Int8], row: Int, as element: VectorElement, into index: HNSWIndex) throws {
        let row = Row(rawValue: UInt32(row))
        let partition = Partition(rawValue: 0)
        if element == .floats {
            try index.insert(floats: TestVectors.floats(vector).span, row: row, partition: partition)
        } else {
            try index.insert(
                counts: vector.span, scale: TestVectors.scale(vector), row: row, partition: partition)
        }
    }

    private func answers(of index: HNSWIndex, _ element: VectorElement) throws -> [SearchOutcome] {
        try TestVectors.decisions(12, seed: 8).map { query in
            let options = SearchOptions(count: 15, strategy: .graph)
            return element == .floats
                ? try index.search(floats: TestVectors.floats(query).span, options: options)
                : try index.search(counts: query.span, scale: TestVectors.scale(query), options: options)
        }
    }

    @Test func `the same rows and seed give the same codes on one thread and on two`() throws {
        let (one, two) = (try pair(400).index, try pair(400).index)
        var wanted = one.configuration
        wanted.quantization = .pq8
        try one.rebuild(wanted, threads: 1)
        try two.rebuild(wanted, threads: 2)
        var options = SearchOptions(breadth: 40, strategy: .graph)
        options.isRescored = false
        for query in TestVectors.decisions(20, seed: 3) {
            let first = try one.search(counts: query.span, scale: 1, options: options)
            #expect(try two.search(counts: query.span, scale: 1, options: options) == first)
        }
    }

    @Test func `too few vectors to train on give fewer centroids, and say so`() throws {
        let pair = try pair(120, duplicates: 0)
        try quantize(pair.index, .pq8)
        let training = try #require(pair.index.statistics().training)
        #expect(training.vectors == pair.index.distinctCount)
        #expect(training.centroids <= 120 && training.centroids < training.centroidLimit)
        let recall = try pair.recall(
            TestVectors.decisions(20, seed: 9), options: SearchOptions(breadth: 100, strategy: .graph))
        #expect(recall >= 0.95)
    }

    @Test func `an empty index can be quantized`() throws {
        let index = try HNSWIndex(IndexConfiguration(dimension: TestVectors.dimension))
        try quantize(index, .pq4)
        try insert(TestVectors.decisions(1)[0], row: 1, as: .counts, into: index)
        #expect(try answers(of: index, .counts).allSatisfy { $0.hits.map(\.row.rawValue) == [1] })
    }

    @Test(arguments: [Quantization.sq4, .pq8])
    func `centroids of nothing are none, and what comes is found all the same`(
        quantization: Quantization
    ) throws {
        var pair = try pair(0)
        try quantize(pair.index, quantization)
        // Four bits need nothing to train on.
        #expect(pair.index.statistics().quantization == (quantization.isTrained ? .none : quantization))
        #expect(pair.index.configuration.quantization == quantization)
        for (row, vector) in TestVectors.decisions(700).enumerated() { try pair.insert(vector, row: row) }
        let options = SearchOptions(breadth: 80, strategy: .graph)
        #expect(try pair.recall(TestVectors.decisions(30, seed: 4), options: options) >= 0.9)
        try pair.index.rebuild(threads: 2)
        #expect(pair.index.statistics().quantization == quantization)
    }
}
