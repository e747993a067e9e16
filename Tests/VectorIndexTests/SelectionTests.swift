import Locks
import Testing

@testable import VectorIndex

/// The choice of a node's links, beside the rule said plainly.
@Suite struct SelectionTests {
    private static let dimension = 24
    private static let candidates = 150

    /// Vectors of several lengths around a few centres, so that many prune each other.
    private func vectors() -> [[Int8]] {
        var generator = SeededGenerator(seed: 61)
        let centres = (0..<12).map { _ in
            (0..<Self.dimension).map { _ in Int8.random(in: -40...40, using: &generator) }
        }
        var seen: Set<[Int8]> = []
        while seen.count < Self.candidates + 1 {
            let centre = centres[Int.random(in: 0..<centres.count, using: &generator)]
            seen.insert(centre.map { $0 &+ Int8.random(in: -9...9, using: &generator) })
        }
        return seen.sorted { $0.lexicographicallyPrecedes($1) }
    }

    private func graph(_ vectors: [[Int8]], _ metric: Metric, _ element: VectorElement) throws -> HNSWIndex {
        let index = try HNSWIndex(
            IndexConfiguration(dimension: Self.dimension, element: element, metric: metric))
        for (row, vector) in vectors.enumerated() {
            let row = Row(rawValue: UInt32(row))
            if element == .counts {
                try index.insert(
                    counts: vector.span, scale: 1, row: row, partition: Partition(rawValue: 0))
            } else {
                let floats = vector.map { Float($0) }
                try index.insert(floats: floats.span, row: row, partition: Partition(rawValue: 0))
            }
        }
        return index
    }

    /// How near two nodes are by their first codes, the higher the nearer.
    private func nearness(_ left: UInt32, _ right: UInt32, in graph: Graph, _ scratch: SearchScratch) -> Float
    {
        scratch.vector.load(left, of: graph.arena, graph.kernel)
        let score = graph.score(graph.fullTarget(scratch), slot: right, scratch: scratch)
        return score - scratch.vector.halfSquaredLength
    }

    /// One is kept unless a kept one is at least as near to it as the owner is; a short list is filled with the
    /// nearest of the others.
    private func oracle(_ candidates: [Candidate], limit: Int, nearness: (UInt32, UInt32) -> Float)
        -> [UInt32]
    {
        var kept: [UInt32] = []
        for candidate in candidates where kept.count < limit {
            let own = nearness(0, candidate.id)
            if !kept.contains(where: { nearness($0, candidate.id) >= own }) { kept.append(candidate.id) }
        }
        let filled = min(limit, max(limit / 3, 12))
        for candidate in candidates where kept.count < filled && !kept.contains(candidate.id) {
            kept.append(candidate.id)
        }
        return kept
    }

    @Test(arguments: Metric.allCases, VectorElement.allCases)
    func `links are those that the rule keeps`(metric: Metric, element: VectorElement) throws {
        let vectors = vectors()
        let index = try graph(vectors, metric, element)
        for row in stride(from: 3, to: vectors.count, by: 7) { index.remove(Row(rawValue: UInt32(row))) }
        let scratch = index.scratches.take()
        defer { index.scratches.giveBack(scratch) }
        index.guarded.withReading { graph in
            let owner: UInt32 = 0
            scratch.vector.load(owner, of: graph.arena, graph.kernel)
            let ownerOffset = scratch.vector.halfSquaredLength
            var candidates = (1..<UInt32(graph.slotCount)).map { slot in
                Candidate(
                    score: graph.score(graph.fullTarget(scratch), slot: slot, scratch: scratch), id: slot)
            }
            candidates.sort { $0.score != $1.score ? $0.score > $1.score : $0.id < $1.id }
            let living = candidates.filter { graph.isLive($0.id) }
            #expect(living.count > SelectionScratch.block && living.count < candidates.count)
            for limit in [6, 16, 48, 192] {
                let expected = oracle(living, limit: limit) {
                    nearness($0, $1, in: graph, scratch)
                }
                let count = unsafe candidates.withUnsafeBufferPointer { items in
                    guard let base = items.baseAddress else { return 0 }
                    return unsafe graph.select(
                        base, count: items.count, ownerOffset: ownerOffset, limit: limit, scratch: scratch)
                }
                let chosen = (0..<count).map { unsafe scratch.chosen[$0] }
                #expect(chosen == expected)
            }
        }
    }

    @Test func `the dead are chosen where there are no others`() throws {
        let vectors = vectors()
        let index = try graph(vectors, .cosine, .counts)
        // Fewer than a sweep begins at.
        for row in 1..<vectors.count { index.remove(Row(rawValue: UInt32(row))) }
        let scratch = index.scratches.take()
        defer { index.scratches.giveBack(scratch) }
        index.guarded.withReading { graph in
            scratch.vector.load(0, of: graph.arena, graph.kernel)
            var candidates = (1..<UInt32(graph.slotCount)).map { slot in
                Candidate(
                    score: graph.score(graph.fullTarget(scratch), slot: slot, scratch: scratch), id: slot)
            }
            candidates.sort { $0.score != $1.score ? $0.score > $1.score : $0.id < $1.id }
            let expected = oracle(candidates, limit: 16) { nearness($0, $1, in: graph, scratch) }
            let count = unsafe candidates.withUnsafeBufferPointer { items in
                guard let base = items.baseAddress else { return 0 }
                return unsafe graph.select(
                    base, count: items.count, ownerOffset: 0, limit: 16, scratch: scratch)
            }
            #expect((0..<count).map { unsafe scratch.chosen[$0] } == expected)
        }
    }
}
