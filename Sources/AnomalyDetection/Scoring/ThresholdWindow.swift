/// A tenant's newest scores, and the quantile of them above which a score is flagged.
struct ThresholdWindow: Sendable, Hashable {
    /// Scores are kept as one of this many even steps from 0 to 1.
    static let steps = 16_384

    /// How many scores are kept.
    let capacity: Int
    /// The kept scores in steps; a ring once full.
    private(set) var ring: [UInt16] = []
    /// Where the next score goes once the ring is full.
    private(set) var next = 0
    /// The scores as a histogram; made when the first quantile is asked, so that a tenant that is
    /// still learning costs only its ring.
    private var histogram: FenwickTree?

    /// An empty window.
    init(capacity: Int) {
        self.capacity = max(1, capacity)
    }

    /// A window as it was saved.
    init(capacity: Int, ring: [UInt16], next: Int) {
        self.init(capacity: capacity)
        self.ring = Array(ring.suffix(self.capacity))
        self.next = ring.count <= self.capacity && (0..<max(1, ring.count)).contains(next) ? next : 0
    }

    /// The step of a score.
    static func step(of score: Double) -> UInt16 {
        UInt16(max(0, min(Double(steps - 1), score * Double(steps))))
    }

    /// Whether a score is above the (1 - alpha) quantile of the window; never while it is empty.
    mutating func exceeds(_ score: Double, alpha: Double) -> Bool {
        guard !ring.isEmpty else { return false }
        if histogram == nil { makeHistogram() }
        let rank = (Double(ring.count) * (1 - alpha)).rounded(.up)
        let quantile = histogram?.bin(reaching: UInt32(max(1, min(Double(ring.count), rank)))) ?? 0
        return Int(Self.step(of: score)) > quantile
    }

    /// The share of the window's scores that are at least as high: the least alpha that flags, up to rounding.
    ///
    /// `nil` while it is empty.
    mutating func tail(of score: Double) -> Double? {
        guard !ring.isEmpty else { return nil }
        if histogram == nil { makeHistogram() }
        let below = Int(histogram?.sum(before: Int(Self.step(of: score))) ?? 0)
        return Double(ring.count - below) / Double(ring.count)
    }

    /// Adds a score; the oldest goes when the window is full.
    mutating func add(_ score: Double) {
        let step = Self.step(of: score)
        histogram?.add(1, to: Int(step))
        if ring.count < capacity {
            ring.append(step)
            return
        }
        histogram?.subtract(1, from: Int(ring[next]))
        ring[next] = step
        next = (next + 1) % capacity
    }

    private mutating func makeHistogram() {
        var made = FenwickTree(bins: Self.steps)
        for step in ring { made.add(1, to: Int(step)) }
        histogram = made
    }
}
