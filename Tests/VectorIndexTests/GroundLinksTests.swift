import Foundation
import Locks
import Testing

@testable import VectorIndex

/// How many links a node has on the ground layer.
@Suite struct GroundLinksTests {
    @Test(arguments: [(Quantization.none, 32, 48), (.pq8, 32, 24), (.pq8, 20, 24)])
    func `a file of lists of another length keeps them until it is rebuilt`(
        quantization: Quantization, before: Int, links: Int
    ) throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: path) }
        var configuration = IndexConfiguration(dimension: TestVectors.dimension)
        configuration.quantization = quantization
        let written = HNSWIndex(graph: try Graph(configuration, groundLinks: before))
        for (row, vector) in TestVectors.decisions(300).enumerated() {
            try written.insert(
                counts: vector.span, scale: 1, row: Row(rawValue: UInt32(row)),
                partition: Partition(rawValue: 0))
        }
        try written.writeSnapshot(to: path)
        let index = try HNSWIndex(snapshot: path)
        #expect(index.checkInvariants() == [])
        #expect(index.guarded.withReading { $0.ground.width } == before)
        // Enough goes that the dead are swept.
        for row in 0..<290 { index.remove(Row(rawValue: UInt32(row))) }
        for (row, vector) in TestVectors.decisions(400, seed: 8).enumerated() {
            try index.insert(
                counts: vector.span, scale: 1, row: Row(rawValue: UInt32(1_000 + row)),
                partition: Partition(rawValue: 0))
        }
        #expect(index.checkInvariants() == [])
        try index.rebuild()
        #expect(index.checkInvariants() == [])
        #expect(index.guarded.withReading { $0.ground.width } == links)
        try index.writeSnapshot(to: path)
        let again = try HNSWIndex(snapshot: path)
        #expect(again.guarded.withReading { $0.ground.width } == links)
        #expect(again.statistics().quantization == quantization)
    }

    @Test func `what a file could not hold is not taken in`() throws {
        let index = try HNSWIndex(IndexConfiguration(dimension: 4, element: .counts, metric: .euclidean))
        let product = try HNSWIndex(IndexConfiguration(dimension: 4, element: .counts, metric: .innerProduct))
        let floats = try HNSWIndex(IndexConfiguration(dimension: 4, element: .floats, metric: .euclidean))
        let counts: [Int8] = [1, 2, 3, 4]
        let large: [Float] = [1e20, 0, 0, 0]
        let row = Row(rawValue: 1)
        let partition = Partition(rawValue: 0)
        #expect(throws: IndexError.notFinite) {
            try index.insert(counts: counts.span, scale: 1e19, row: row, partition: partition)
        }
        #expect(throws: IndexError.notFinite) {
            try product.insert(counts: counts.span, scale: 3e36, row: row, partition: partition)
        }
        #expect(throws: IndexError.notFinite) {
            try floats.insert(floats: large.span, row: row, partition: partition)
        }
    }
}
