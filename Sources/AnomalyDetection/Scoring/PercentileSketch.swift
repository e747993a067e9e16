#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// How a value compares with all values before it, in fixed space.
///
/// A histogram of 4,096 bins: sparse while few bins are in use, then a Fenwick tree. Values that
/// share a bin count as ties and take the middle rank, so the error is at most half a bin's share.
struct PercentileSketch: Sendable, Hashable {
    /// How values are laid out over the bins.
    enum Scale: Sendable, Hashable {
        /// Evenly from 0 to an upper bound.
        case linear(upper: Double)
        /// Evenly in the logarithm between two bounds.
        case logarithmic(lower: Double, upper: Double)
    }

    /// How many bins there are.
    static let bins = 4_096
    /// Bins in use at which the sparse form gives way to the tree.
    static let sparseLimit = 256
    /// Values counted at which all bins are halved, so that 32 bits always hold the sums.
    static let maximumTotal: UInt32 = 1 << 31

    let scale: Scale
    /// How many values were added.
    private(set) var total: UInt32 = 0
    private var used: [UInt16] = []
    private var usedCounts: [UInt32] = []
    private var tree: FenwickTree?

    /// An empty sketch.
    init(scale: Scale) {
        self.scale = scale
    }

    /// The bin of a value; values past a bound fall into the outermost bin.
    func bin(of value: Double) -> Int {
        let share: Double
        switch scale {
        case .linear(let upper):
            share = value / upper
        case .logarithmic(let lower, let upper):
            share = value <= lower ? 0 : log(value / lower) / log(upper / lower)
        }
        guard share > 0 else { return 0 }
        return share >= 1 ? Self.bins - 1 : min(Self.bins - 1, Int(share * Double(Self.bins)))
    }

    /// The share of the values so far below a bin, ties counted half; 0.5 when there are none.
    func percentile(ofBin bin: Int) -> Double {
        var below: UInt32 = 0
        var equal: UInt32 = 0
        if let tree {
            below = tree.sum(before: bin)
            equal = tree.sum(before: bin + 1) - below
        } else {
            for (index, other) in used.enumerated() {
                if other < bin {
                    below += usedCounts[index]
                } else {
                    if other == bin { equal = usedCounts[index] }
                    break
                }
            }
        }
        // Half a value is added on either side, so that a past of a few never says 0 or 1.
        return (Double(below) + Double(equal) / 2 + 0.5) / (Double(total) + 1)
    }

    /// Counts a value by its bin; at most ``maximumTotal`` at once.
    mutating func add(bin: Int, count: UInt32 = 1) {
        if total > Self.maximumTotal - count { halve() }
        total += count
        if tree != nil {
            tree?.add(count, to: bin)
            return
        }
        let place = firstUsed(notBefore: bin)
        if place < used.count, used[place] == bin {
            usedCounts[place] += count
            return
        }
        used.insert(UInt16(bin), at: place)
        usedCounts.insert(count, at: place)
        if used.count > Self.sparseLimit { spread() }
    }

    /// The bins in use and their counts, in order.
    var contents: [(bin: Int, count: UInt32)] {
        guard let tree else {
            return zip(used, usedCounts).map { (bin: Int($0), count: $1) }
        }
        var result: [(bin: Int, count: UInt32)] = []
        var before: UInt32 = 0
        for bin in 0..<Self.bins {
            let through = tree.sum(before: bin + 1)
            if through > before { result.append((bin: bin, count: through - before)) }
            before = through
        }
        return result
    }

    private func firstUsed(notBefore bin: Int) -> Int {
        var low = 0
        var high = used.count
        while low < high {
            let middle = (low + high) / 2
            if used[middle] < bin { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private mutating func spread() {
        var tree = FenwickTree(bins: Self.bins)
        for (bin, count) in zip(used, usedCounts) { tree.add(count, to: Int(bin)) }
        self.tree = tree
        used = []
        usedCounts = []
    }

    private mutating func halve() {
        var half = PercentileSketch(scale: scale)
        for entry in contents where entry.count > 1 { half.add(bin: entry.bin, count: entry.count / 2) }
        self = half
    }
}
