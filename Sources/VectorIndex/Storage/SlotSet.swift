/// A set of slots, a bit each: small enough to stay in the cache of a walk over all nodes.
struct SlotSet {
    private var words: [UInt64]

    /// The empty set of slots below `count`.
    init(below count: Int) { words = [UInt64](repeating: 0, count: (count + 63) / 64) }

    /// Makes room for slots below `count`.
    mutating func grow(below count: Int) {
        let missing = (count + 63) / 64 - words.count
        if missing > 0 { words.append(contentsOf: repeatElement(0, count: missing)) }
    }

    @inline(__always)
    func contains(_ slot: UInt32) -> Bool { words[Int(slot >> 6)] & (1 << UInt64(slot & 63)) != 0 }

    /// Adds a slot; false if it was there.
    @inline(__always)
    mutating func insert(_ slot: UInt32) -> Bool {
        if contains(slot) { return false }
        words[Int(slot >> 6)] |= 1 << UInt64(slot & 63)
        return true
    }
}
