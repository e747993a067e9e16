/// One node met on a walk, with its score; the top bit of `id` says that it was expanded.
struct Candidate: BitwiseCopyable {
    var score: Float
    var id: UInt32

    static let expandedBit: UInt32 = 1 << 31

    @inline(__always)
    var slot: UInt32 { id & ~Candidate.expandedBit }
}

/// The best candidates so far, sorted by score descending then slot: a linear pool instead of two heaps.
///
/// Inserting is a binary search and a move of at most a few cache lines, and popping is a cursor. The memory
/// belongs to the scratch the pool was made from.
@safe struct CandidatePool {
    let items: UnsafeMutablePointer<Candidate>
    let capacity: Int
    /// How many of the best are expanded; the others are only kept.
    let breadth: Int
    private(set) var count = 0
    /// The first candidate that has not been expanded.
    private(set) var cursor = 0

    @unsafe init(items: UnsafeMutablePointer<Candidate>, capacity: Int, breadth: Int) {
        unsafe self.items = items
        self.capacity = capacity
        self.breadth = breadth
    }

    subscript(index: Int) -> Candidate {
        @inline(__always) get { unsafe items[index] }
    }

    @inline(__always)
    var isFull: Bool { count == capacity }

    /// The score a newcomer must reach.
    @inline(__always)
    var worstScore: Float { count < capacity ? -.infinity : unsafe items[count - 1].score }

    /// Takes a candidate in if it is among the best; true if it is the next to be expanded.
    @inline(__always)
    @discardableResult
    mutating func insert(_ score: Float, _ id: UInt32) -> Bool {
        if count == capacity {
            let worst = unsafe items[count - 1]
            if score < worst.score || (score == worst.score && id >= worst.slot) { return false }
        }
        let low = place(of: score, id)
        let last = count == capacity ? count &- 1 : count
        unsafe (items + low + 1).update(from: items + low, count: last &- low)
        unsafe items[low] = Candidate(score: score, id: id)
        count = last &+ 1
        guard low <= cursor else { return false }
        cursor = low
        return true
    }

    /// Where a candidate belongs: behind all that are nearer, or as near with a lower slot.
    ///
    /// Halves without a branch, since no branch here could be foretold.
    @inline(__always)
    private func place(of score: Float, _ slot: UInt32) -> Int {
        var base = 0
        var length = count
        while length > 0 {
            let half = (length &+ 1) &>> 1
            let other = unsafe items[base &+ half &- 1]
            let isNearer = other.score > score ? 1 : 0
            let isBefore = (other.score == score ? 1 : 0) & (other.slot < slot ? 1 : 0)
            base &+= half & (0 &- (isNearer | isBefore))
            length &-= half
        }
        return base
    }

    /// Whether a slot, or what else candidates are named by, is among them; costs a look at each.
    func contains(_ name: UInt32) -> Bool {
        (0..<count).contains { self[$0].slot == name }
    }

    /// The best candidate not expanded yet; marks it expanded.
    @inline(__always)
    mutating func next() -> Candidate? {
        while cursor < min(count, breadth) {
            let item = unsafe items[cursor]
            cursor &+= 1
            if item.id & Candidate.expandedBit == 0 {
                unsafe items[cursor &- 1].id = item.id | Candidate.expandedBit
                return item
            }
        }
        return nil
    }

    /// The candidate that `next` would give, to prefetch its links.
    @inline(__always)
    var upcoming: UInt32? {
        guard cursor < min(count, breadth) else { return nil }
        let item = unsafe items[cursor]
        return item.id & Candidate.expandedBit == 0 ? item.id : nil
    }
}
