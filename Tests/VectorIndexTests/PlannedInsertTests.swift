import Locks
import Testing

@testable import VectorIndex

/// The two halves of an insert, with something between them.
@Suite struct PlannedInsertTests {
    private func filled(_ count: Int, _ quantization: Quantization = .none) throws -> HNSWIndex {
        let index = try HNSWIndex(IndexConfiguration(dimension: TestVectors.dimension))
        for (row, vector) in TestVectors.decisions(count).enumerated() {
            try index.insert(
                counts: vector.span, scale: 1, row: Row(rawValue: UInt32(row)),
                partition: Partition(rawValue: 0))
        }
        try quantize(index, quantization)
        return index
    }

    private func quantize(_ index: HNSWIndex, _ quantization: Quantization) throws {
        var wanted = index.configuration
        wanted.quantization = quantization
        try index.rebuild(wanted, threads: 2)
    }

    /// Inserts a vector, doing something between reading and writing.
    private func insert(
        _ vector: [Int8], row: UInt32, into index: HNSWIndex, between: (SearchScratch) throws -> Void
    ) throws {
        let scratch = index.scratches.take()
        defer { index.scratches.giveBack(scratch) }
        try index.load(vector.span, 1, into: scratch)
        let plan = index.guarded.withReading { $0.plan(scratch, partition: 0) }
        try between(scratch)
        try index.guarded.withWriting { graph in try graph.commit(plan, row: row, scratch: scratch) }
    }

    @Test func `what was planned before is forgotten where the graph is empty`() throws {
        let index = try filled(300)
        for row in 0..<300 { index.remove(Row(rawValue: UInt32(row))) }
        try index.rebuild()
        let vectors = TestVectors.decisions(2, seed: 43)
        try insert(vectors[0], row: 1_000, into: index) { _ in
            let other = vectors[1]
            try index.insert(
                counts: other.span, scale: 1, row: Row(rawValue: 1_001),
                partition: Partition(rawValue: 0))
        }
        #expect(index.checkInvariants() == [])
        #expect(index.count == 2)
    }

    /// The smaller code of a row's node, with its scale.
    private func code(of row: UInt32, in index: HNSWIndex) throws -> [Float] {
        try index.guarded.withReading { graph in
            let codes = try #require(graph.quantized)
            let slot = graph.postings.slot(of: row)
            let start = Int(slot) * codes.bytes
            let bytes = (0..<codes.bytes).map { unsafe Float(codes.codes.base[start + $0]) }
            return bytes + (codes.quantization == .sq4 ? [codes.scales[slot]] : [])
        }
    }

    @Test(arguments: [Quantization.sq4, .pq4, .pq8, .pq16])
    func `the smaller code is made while the graph is only read`(quantization: Quantization) throws {
        let index = try filled(300, quantization)
        let vector = TestVectors.decisions(1, seed: 41)[0]
        var planned: [Float] = []
        try insert(vector, row: 1_000, into: index) { scratch in
            let bytes = try #require(index.guarded.withReading { $0.quantized?.bytes })
            planned = (0..<bytes).map { unsafe Float(scratch.vector.smaller[$0]) }
            if quantization == .sq4 { planned.append(scratch.vector.smallerScale) }
        }
        #expect(Set(planned).count > 1)
        #expect(try code(of: 1_000, in: index) == planned)
    }

    @Test(arguments: [Quantization.none, .pq8])
    func `a vector planned before a rebuild goes to its own node after it`(quantization: Quantization) throws
    {
        let index = try filled(300)
        let vectors = TestVectors.decisions(300)
        // Nodes get other slots: the first ones have gone.
        for row in 0..<90 { index.remove(Row(rawValue: UInt32(row))) }
        let new = TestVectors.decisions(1, seed: 42)[0]
        for (row, vector) in [(UInt32(1_000), vectors[200]), (1_001, new)] {
            try insert(vector, row: row, into: index) { _ in try quantize(index, quantization) }
            #expect(index.counts(of: Row(rawValue: row)) == vector)
        }
        #expect(index.checkInvariants() == [])
    }

    @Test func `a vector coded before a rebuild has the code of the new centroids`() throws {
        let index = try filled(300, .pq4)
        let vector = TestVectors.decisions(1, seed: 43)[0]
        try insert(vector, row: 1_000, into: index) { _ in try quantize(index, .sq4) }
        let kept = try code(of: 1_000, in: index)
        index.remove(Row(rawValue: 1_000))
        try quantize(index, .sq4)
        try insert(vector, row: 1_002, into: index) { _ in }
        #expect(try code(of: 1_002, in: index) == kept)
    }
}
