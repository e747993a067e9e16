import Decisions
import Foundation
import Testing

@testable import VectorStores

/// What waits on this machine for a server that is away.
@Suite struct WriteQueueTests {
    private let scratch = ScratchDirectory()
    private let now = Timestamp(seconds: 1_767_700_000)

    private func queue(limit: Int = 1 << 20) throws -> WriteQueue {
        try WriteQueue(folder: scratch.path, limit: limit, options: StoreOptions(clock: testClock))
    }

    private func plan(_ entries: [Entry]) -> InsertPlan {
        InsertPlan(entries: entries) { _ in
            nil
        } expired: { _, _ in
            nil
        } isRetired: { _ in
            false
        }
    }

    private func append(_ entries: [Entry], to queue: WriteQueue) throws {
        try queue.append(entries, plan(entries), at: now)
    }

    private func decisions(_ queue: WriteQueue) throws -> [Decision] {
        var found: [Decision] = []
        try queue.forEachBatch { batch throws(StoreError) in found += batch.entries.map(\.decision) }
        return found
    }

    @Test func `what is queued comes out in order, each batch with its time`() throws {
        defer { scratch.remove() }
        var source = DecisionSource(seed: 3)
        let queue = try queue()
        let (first, second) = (source.entries(5), source.entries(3))
        try append(first, to: queue)
        try append(second, to: queue)
        #expect(queue.count == 8)
        var batches: [WriteQueue.Batch] = []
        try queue.drain { batch throws(StoreError) in batches.append(batch) }
        #expect(batches.map(\.entries.count) == [5, 3])
        #expect(batches.flatMap { $0.entries.map(\.decision) } == (first + second).map(\.decision))
        #expect(batches.allSatisfy { $0.time == now })
        #expect(batches[0].content.map(\.storedID) == first.map(\.decision.id))
        #expect(queue.count == 0)
        #expect(try decisions(queue).isEmpty)
        // And it goes on after that.
        try append(first, to: queue)
        #expect(try decisions(queue) == first.map(\.decision))
    }

    @Test func `what a process left is the next one's, and one queue is never two processes'`() throws {
        defer { scratch.remove() }
        var source = DecisionSource(seed: 4)
        let entries = source.entries(6)
        let first = try queue()
        try append(entries, to: first)
        let beside = try queue()
        #expect(beside.count == 0)
        try append(source.entries(2), to: beside)
        #expect(try decisions(first) == entries.map(\.decision))
        // As a process that ends does, however it ends.
        first.close()
        let next = try queue()
        #expect(next.count == 6)
        #expect(try decisions(next) == entries.map(\.decision))
    }

    @Test func `one with entries is taken over before an empty one, and others stay free`() throws {
        defer { scratch.remove() }
        var source = DecisionSource(seed: 11)
        let first = try queue()
        try append(source.entries(1), to: first)
        let second = try queue()
        let left = source.entries(3)
        try append(left, to: second)
        try first.drain { _ throws(StoreError) in }
        first.close()
        second.close()
        let next = try queue()
        #expect(try decisions(next) == left.map(\.decision))
        // The empty one is free for another.
        let other = try queue()
        try append(source.entries(1), to: other)
        #expect(other.count == 1 && next.count == 3)
    }

    @Test func `what was queued together is counted once, however often it fails`() throws {
        defer { scratch.remove() }
        var source = DecisionSource(seed: 12)
        var entries = source.entries(600)
        // More than one record takes.
        for index in entries.indices {
            entries[index].decision.extras["filler"] = .string(String(repeating: "x", count: 10_000))
        }
        let queue = try queue(limit: 64 << 20)
        try append(entries, to: queue)
        for _ in 0..<3 {
            var batches = 0
            #expect(throws: StoreError.self) {
                try queue.drain { _ throws(StoreError) in
                    batches += 1
                    if batches == 2 { throw StoreError(.inputOutput, "away") }
                }
            }
            #expect(batches == 2 && queue.count == 600)
        }
        try queue.drain { _ throws(StoreError) in }
        #expect(queue.count == 0)
    }

    @Test func `a queue left behind is taken over once the own one is empty`() throws {
        defer { scratch.remove() }
        var source = DecisionSource(seed: 5)
        let (own, left) = (source.entries(2), source.entries(4))
        let queue = try queue()
        try append(own, to: queue)
        let other = try self.queue()
        try append(left, to: other)
        other.close()
        try queue.drain { _ throws(StoreError) in }
        #expect(queue.count == 4)
        #expect(try decisions(queue) == left.map(\.decision))
    }

    @Test func `a queue that is left while another process runs is found now and then`() throws {
        defer { scratch.remove() }
        var source = DecisionSource(seed: 9)
        let queue = try queue()
        let other = try self.queue()
        try append(source.entries(4), to: other)
        queue.takeOverAbandoned(at: now)
        #expect(queue.count == 0)
        other.close()
        queue.takeOverAbandoned(at: now.advanced(bySeconds: 29))
        #expect(queue.count == 0)
        queue.takeOverAbandoned(at: now.advanced(bySeconds: 30))
        #expect(queue.count == 4)
        // One with entries looks for no other.
        let third = try self.queue()
        try append(source.entries(1), to: third)
        third.close()
        queue.takeOverAbandoned(at: now.advanced(bySeconds: 90))
        #expect(queue.count == 4)
    }

    @Test func `what could not be written stays, and what was written does not come again`() throws {
        defer { scratch.remove() }
        var source = DecisionSource(seed: 6)
        let batches = (0..<4).map { _ in source.entries(2) }
        let queue = try queue()
        for batch in batches { try append(batch, to: queue) }
        var taken = 0
        #expect(throws: StoreError.self) {
            try queue.drain { _ throws(StoreError) in
                if taken == 3 { throw StoreError(.inputOutput, "away") }
                taken += 1
            }
        }
        #expect(queue.count == 2)
        #expect(try decisions(queue) == batches[3].map(\.decision))
        try append(batches[0], to: queue)
        queue.close()
        let next = try self.queue()
        #expect(next.count == 4)
        #expect(try decisions(next) == (batches[3] + batches[0]).map(\.decision))
    }

    @Test func `a full queue refuses with a reason and keeps what it has`() throws {
        defer { scratch.remove() }
        var source = DecisionSource(seed: 7)
        let queue = try queue(limit: 4_096)
        var queued = 0
        let failure = #expect(throws: StoreError.self) {
            for _ in 0..<1_000 {
                try append(source.entries(1), to: queue)
                queued += 1
            }
        }
        #expect(queued > 0)
        #expect(failure?.description.contains("full with \(queued) decision") == true)
        #expect(try decisions(queue).count == queued)
    }

    @Test func `a torn end was never acknowledged, damage before it is refused`() throws {
        defer { scratch.remove() }
        var source = DecisionSource(seed: 8)
        let entries = source.entries(3)
        let queue = try queue()
        try append(entries, to: queue)
        queue.close()
        let whole = try scratch.bytes("0/journal-0")
        try scratch.write(whole + whole.suffix(20), to: "0/journal-0")
        let reopened = try self.queue()
        #expect(try decisions(reopened) == entries.map(\.decision))
        reopened.close()
        var header = whole
        header[20] ^= 1
        try scratch.write(header, to: "0/journal-0")
        #expect(throws: StoreError.self) { try self.queue() }
        #expect(try scratch.bytes("0/journal-0") == header)
    }
}
