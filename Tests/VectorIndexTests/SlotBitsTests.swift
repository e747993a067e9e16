import Testing

@testable import VectorIndex

/// The nodes of a filter's rows, in order.
@Suite struct SlotBitsTests {
    private let scratch = SearchScratch(IndexConfiguration(dimension: 64), layout: .dense)

    /// What a set gives, block by block.
    private func given(_ bits: SlotBits) -> [[UInt32]] {
        var blocks: [[UInt32]] = []
        let slots = unsafe scratch.slots
        unsafe bits.forEachBlock(into: slots, capacity: SearchScratch.blockCapacity) { count in
            blocks.append((0..<count).map { unsafe slots[$0] })
        }
        return blocks
    }

    @Test(arguments: [1, 63, 64, 65, 255, 256, 257, 1_000, 5_000], [0, 1, 50, 100])
    func `it gives each slot once, in order, in blocks that have room`(count: Int, percent: Int) {
        var random = SplitMix64(seed: UInt64(count * 101 + percent))
        var wanted: Set<UInt32> = []
        let bits = scratch.slotBits(below: count)
        for _ in 0..<count * percent / 100 {
            let slot = UInt32.random(in: 0..<UInt32(count), using: &random)
            wanted.insert(slot)
            bits.insert(slot)
        }
        if percent == 100 {
            for slot in 0..<UInt32(count) {
                wanted.insert(slot)
                bits.insert(slot)
            }
        }
        let blocks = given(bits)
        #expect(blocks.flatMap(\.self) == wanted.sorted())
        #expect(blocks.allSatisfy { (1...SearchScratch.blockCapacity).contains($0.count) })
    }

    @Test func `it begins empty, whatever was in it before`() {
        let first = scratch.slotBits(below: 300)
        for slot: UInt32 in 0..<300 { first.insert(slot) }
        #expect(given(first).flatMap(\.self).count == 300)
        let second = scratch.slotBits(below: 200)
        second.insert(7)
        #expect(given(second) == [[7]])
        #expect(given(scratch.slotBits(below: 10_000)).isEmpty)
    }
}
