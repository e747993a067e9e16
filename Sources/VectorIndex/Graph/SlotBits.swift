/// A set of slots in working memory, a bit each, which gives them in order: the nodes that a filter's rows lie in, read
/// as they lie in memory.
///
/// It stands on memory of a scratch, which outlives it.
@safe struct SlotBits {
    private let words: UnsafeMutablePointer<UInt64>
    private let wordCount: Int

    /// The empty set of slots below `count`, in memory for as many bits.
    @unsafe init(words: UnsafeMutablePointer<UInt64>, count: Int) {
        unsafe self.words = words
        wordCount = SlotBits.wordCount(count)
        unsafe words.update(repeating: 0, count: wordCount)
    }

    static func wordCount(_ count: Int) -> Int { (count + 63) / 64 }

    @inline(__always)
    func insert(_ slot: UInt32) {
        assert(Int(slot >> 6) < wordCount)
        unsafe words[Int(slot >> 6)] |= 1 << UInt64(slot & 63)
    }

    /// Writes the slots, in order, into room for `capacity` of them, at least 64, and says each time how many
    /// there are.
    @unsafe func forEachBlock(
        into slots: UnsafeMutablePointer<UInt32>, capacity: Int, _ body: (Int) -> Void
    ) {
        var count = 0
        for word in 0..<wordCount {
            var rest = unsafe words[word]
            let first = UInt32(truncatingIfNeeded: word &<< 6)
            while rest != 0 {
                unsafe slots[count] = first &+ UInt32(truncatingIfNeeded: rest.trailingZeroBitCount)
                count &+= 1
                rest &= rest &- 1
            }
            if count > capacity &- 64 {
                body(count)
                count = 0
            }
        }
        if count > 0 { body(count) }
    }
}
