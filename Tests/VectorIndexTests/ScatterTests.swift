import Locks
import Testing

@testable import VectorIndex

/// Walks that take the nearest for a while and then nodes from all over what they met.
@Suite struct ScatterTests {
    private static let dimension = 48
    private static let count = 10

    private func index(_ vectors: [[Float]]) throws -> HNSWIndex {
        var configuration = IndexConfiguration(dimension: Self.dimension, element: .floats)
        configuration.maximumLinks = 4
        let index = try HNSWIndex(configuration)
        for (row, vector) in vectors.enumerated() {
            try index.insert(
                floats: vector.span, row: Row(rawValue: UInt32(row)), partition: Partition(rawValue: 0))
        }
        return index
    }

    private func vectors(_ count: Int, seed: UInt64) -> [[Float]] {
        TestVectors.decisions(count, seed: seed, dimension: Self.dimension).map(TestVectors.floats)
    }

    /// The best scores that a walk finds, and how many nodes it expanded on the ground.
    private func walk(
        _ graph: Graph, for vector: [Float], breadth: Int, nearest: Int = .max, _ scratch: SearchScratch
    ) throws -> (best: [Candidate], hops: Int) {
        try scratch.vector.load(floats: vector.span)
        let target = graph.fullTarget(scratch)
        scratch.beginCounting()
        scratch.beginWalk(at: graph.descend(target, to: 0, scratch: scratch))
        let before = scratch.hops
        let pool = graph.walk(target, layer: 0, breadth: breadth, nearest: nearest, scratch: scratch)
        return ((0..<pool.count).map { pool[$0] }, scratch.hops - before)
    }

    @Test
    func `a scattered walk finds at least what its nearest part finds, and expands about as many as it may`()
        throws
    {
        let index = try index(vectors(4_000, seed: 31))
        let scratch = index.scratches.take()
        defer { index.scratches.giveBack(scratch) }
        var (few, scattered) = (0, 0)
        try index.guarded.withReading { graph in
            for vector in vectors(60, seed: 32) {
                let nearest = try walk(graph, for: vector, breadth: 12, scratch)
                let both = try walk(graph, for: vector, breadth: 96, nearest: 12, scratch)
                #expect(zip(nearest.best, both.best).allSatisfy { $0.score <= $1.score })
                #expect(nearest.hops < both.hops && (96...120).contains(both.hops), "\(both.hops)")
                let all = try walk(graph, for: vector, breadth: 2_000, scratch).best.prefix(Self.count)
                let bar = try #require(all.last).score
                few += nearest.best.count { $0.score >= bar }
                scattered += both.best.count { $0.score >= bar }
                // The same question has the same answer.
                let again = try walk(graph, for: vector, breadth: 96, nearest: 12, scratch)
                #expect(again.best.map(\.slot) == both.best.map(\.slot) && again.hops == both.hops)
            }
        }
        #expect(scattered > few + 20, "\(few) and \(scattered) of 600 found")
    }

    /// An answer that only nodes far from the question link to.
    @Test
    func `what only nodes behind the nearest link to is found by a scattered walk and not by the nearest`()
        throws
    {
        func vector(_ parts: [Int: Float]) -> [Float] {
            (0..<Self.dimension).map { parts[$0] ?? 0 }
        }
        var random = SeededGenerator(seed: 41)
        func noise() -> Float { Float.random(in: -0.1...0.1, using: &random) }
        // A crowd, all of it nearer to each other than to the question.
        var vectors = (0..<400).map { _ in
            vector([0: 1, 2: 0.3 + noise(), 3: noise(), 4: noise(), 5: noise(), 6: noise(), 7: noise()])
        }
        let answer = UInt32(vectors.count)
        vectors.append(vector([0: 1, 1: 0.3]))
        let index = try index(vectors)
        let question = vector([0: 1, 1: 0.29])
        let scratch = index.scratches.take()
        defer { index.scratches.giveBack(scratch) }
        try index.guarded.withWriting { graph in
            try #require(graph.levels[answer] == 0)
            graph.cutOff([answer])
            try scratch.vector.load(floats: question.span)
            let target = graph.fullTarget(scratch)
            let byScore = (0..<answer).map { slot in
                Candidate(score: graph.score(target, slot: slot, scratch: scratch), id: slot)
            }.sorted { $0.score > $1.score }
            let start = graph.descend(target, to: 0, scratch: scratch)
            try #require(byScore.prefix(100).contains { $0.slot == start.slot })
            // Nobody but some of those behind the 130 nearest links to it.
            for node in byScore.dropFirst(130).enumerated() where node.offset % 2 == 0 {
                let row = unsafe graph.ground.row(node.element.slot)
                unsafe row[min(graph.ground.degree(node.element.slot), graph.ground.width - 1)] = answer
            }
            let nearest = try walk(graph, for: question, breadth: 100, scratch)
            let scattered = try walk(graph, for: question, breadth: 100, nearest: 32, scratch)
            #expect(nearest.best.count == 100 && !nearest.best.contains { $0.slot == answer })
            #expect(scattered.best.first?.slot == answer)
        }
    }

    @Test func `only so many are remembered of what was met, and nothing where nothing is scattered`() throws
    {
        let count = SearchScratch.metCapacity * 3 / 2
        var configuration = IndexConfiguration(dimension: Self.dimension, element: .floats)
        configuration.maximumLinks = 4
        configuration.constructionBreadth = 8
        let index = try HNSWIndex(configuration)
        var random = SeededGenerator(seed: 43)
        for row in 0..<count {
            let vector = (0..<Self.dimension).map { _ in Float.random(in: -1...1, using: &random) }
            try index.insert(
                floats: vector.span, row: Row(rawValue: UInt32(row)), partition: Partition(rawValue: 0))
        }
        let scratch = index.scratches.take()
        defer { index.scratches.giveBack(scratch) }
        try index.guarded.withReading { graph in
            let vector = vectors(1, seed: 34)[0]
            func mark() { unsafe scratch.met.update(repeating: Graph.none, count: SearchScratch.metCapacity) }
            func remembered() -> Int {
                (0..<SearchScratch.metCapacity).count { unsafe scratch.met[$0] != Graph.none }
            }
            mark()
            let alone = try walk(graph, for: vector, breadth: 24, scratch)
            let unused = try walk(graph, for: vector, breadth: 24, nearest: 24, scratch)
            #expect(alone.best.map(\.slot) == unused.best.map(\.slot) && alone.hops == unused.hops)
            #expect(remembered() == 0)
            // More is met by the nearest than is remembered.
            let widest = try walk(graph, for: vector, breadth: count, nearest: count - 10, scratch)
            #expect(widest.best.count > count * 9 / 10)
            // A list that does not fit whole is left out.
            #expect(remembered() > SearchScratch.metCapacity - graph.ground.width)
        }
    }
}
