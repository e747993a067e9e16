import Foundation
import Locks
import Testing

@testable import VectorIndex

/// What an index knows of itself.
@Suite struct StatisticsTests {
    @Test func `an index finds its own vectors, and tells what a walk costs`() throws {
        let index = try IndexedPair(decisions: 1_200, partitions: 2).index
        let statistics = index.statistics()
        let own = try #require(statistics.selfSearch)
        #expect(own.recall >= 0.99)
        #expect((1...statistics.nodes).contains(own.searches))
        #expect(own.distances > 10 && own.distances < Double(statistics.nodes))
        #expect(own.hops >= 1 && own.hops < own.distances)
        let narrow = try #require(index.statistics(shapeUpTo: .seconds(600), breadth: 10).selfSearch)
        #expect(narrow.hops < own.hops && narrow.distances < own.distances)
        #expect(index.statistics().selfSearch == own)
    }

    @Test func `where walks do not come the index does not find its own`() throws {
        let index = try IndexedPair(decisions: 600, partitions: 2).index
        index.guarded.withWriting { graph in
            for slot in 0..<UInt32(graph.slotCount) where slot != graph.entry {
                unsafe graph.ground.row(slot).update(repeating: Graph.none, count: graph.ground.width)
            }
        }
        let own = try #require(index.statistics().selfSearch)
        #expect(own.recall < 0.5)
    }

    @Test(arguments: [7, 1_024])
    func `a look at every link counts right, however few nodes at a time`(nodesAtATime: Int) throws {
        var pair = try IndexedPair(decisions: 1_200, partitions: 2)
        for row in stride(from: 0, to: 1_200, by: 5) { _ = pair.remove(row) }
        let index = pair.index
        // Nobody leads to this one any more.
        let lost = index.guarded.withWriting { graph in
            let lost = (0..<UInt32(graph.slotCount)).last { graph.isLive($0) && $0 != graph.entry }
            if let lost { graph.cutOff([lost]) }
            return lost
        }
        let (unreachable, layers, degrees) = index.guarded.withReading { graph in
            let slots = (0..<UInt32(graph.slotCount)).filter { !graph.isFree($0) }
            let layers = (0...graph.topLevel).map { layer in slots.count { Int(graph.levels[$0]) >= layer } }
            let degrees = (0...graph.ground.width).map { degree in
                slots.count { graph.ground.degree($0) == degree }
            }
            return (graph.unreachable(), layers, degrees)
        }
        #expect(unreachable.contains(try #require(lost)))
        let shape = index.survey(nodesAtATime: nodesAtATime).shape
        #expect(shape.unreachable == unreachable.count)
        #expect(shape.layers == layers && shape.degrees == degrees)
        #expect(shape.nodes == index.distinctCount)
    }

    @Test(.timeLimit(.minutes(1)))
    func `a look at every link lets writers in, and takes nothing new for lost`() throws {
        let index = try IndexedPair(decisions: 600, partitions: 2).index
        let vectors = TestVectors.decisions(400, seed: 41)
        let before = index.distinctCount
        var next = 0
        // Would wait for ever if the graph were still held.
        let shape = index.survey(nodesAtATime: 16) {
            guard next < vectors.count else { return }
            for number in next..<min(next + 8, vectors.count) {
                let vector = vectors[number]
                _ = try? index.insert(
                    counts: vector.span, scale: 1, row: Row(rawValue: UInt32(1_000 + number)),
                    partition: Partition(rawValue: 0))
            }
            next += 8
        }.shape
        #expect(next == vectors.count)
        #expect(shape.nodes == before && index.distinctCount > before + 300)
        #expect(shape.unreachable == 0)
        #expect(shape.degrees.reduce(0, +) == index.distinctCount)
    }

    @Test(.timeLimit(.minutes(1)))
    func `another graph under a look at every link makes it begin again, but not for ever`() throws {
        let index = try IndexedPair(decisions: 300, partitions: 2).index
        let nodes = index.distinctCount
        var pauses = 0
        let shape = index.survey(nodesAtATime: 64) {
            pauses += 1
            index.guarded.withWriting { $0.beginGeneration() }
        }.shape
        #expect(pauses == 3)
        #expect(shape.degrees.reduce(0, +) == nodes && shape.unreachable == 0)
    }

    @Test func `an empty index has nothing to find`() throws {
        let statistics = try HNSWIndex(IndexConfiguration(dimension: 16)).statistics()
        #expect(statistics.selfSearch == nil && statistics.memoryBytes > 0)
        #expect(statistics.mappedBytes == 0)
    }

    @Test func `links count the lists, levels, parents and blocks of every node`() throws {
        let statistics = try IndexedPair(decisions: 400, partitions: 2).index.statistics()
        let upper = statistics.layers.dropFirst().reduce(0, +)
        let links = try #require(statistics.parts.first { $0.name == "links" })
        // 48 slots of four bytes, a level, a parent and the number of a block; 16 slots a layer above.
        #expect(links.bytes == statistics.nodes * (48 * 4 + 1 + 4 + 4) + upper * 16 * 4)
    }

    @Test(arguments: [Quantization.none, .sq8, .sq4, .pq8])
    func `what is left in the snapshot is no memory`(quantization: Quantization) throws {
        let index = try IndexedPair(decisions: 1_500, partitions: 2).index
        var wanted = index.configuration
        wanted.quantization = quantization
        try index.rebuild(wanted)
        let before = index.statistics()
        #expect(before.mappedBytes == 0)
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try index.writeSnapshot(to: path)
        for statistics in [index.statistics(), try HNSWIndex(snapshot: path).statistics()] {
            // Counts have no second code, so that only codes of their own leave something in the file.
            #expect((statistics.mappedBytes > 0) == quantization.hasOwnCodes)
            let vectors = statistics.parts.first { $0.name == "vectors" }
            #expect(vectors?.mappedBytes == statistics.mappedBytes)
            let whole = before.parts.first { $0.name == "vectors" }
            #expect(vectors.map { $0.bytes + $0.mappedBytes } == whole?.bytes)
        }
        #expect(index.statistics().memoryBytes == before.memoryBytes - index.statistics().mappedBytes)
        #expect(index.memoryBytes == index.statistics().memoryBytes)
    }
}
