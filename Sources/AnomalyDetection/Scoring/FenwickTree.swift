/// Counts per bin with running sums in logarithmic time.
///
/// After Fenwick: "A new data structure for cumulative frequency tables", Software: Practice and
/// Experience 24(3), 1994.
struct FenwickTree: Sendable, Hashable {
    private var sums: [UInt32]

    /// A tree of empty bins.
    init(bins: Int) {
        sums = Array(repeating: 0, count: bins + 1)
    }

    /// How many bins there are.
    var bins: Int { sums.count - 1 }

    /// Adds to one bin.
    mutating func add(_ amount: UInt32, to bin: Int) {
        var place = bin + 1
        while place < sums.count {
            sums[place] &+= amount
            place += place & -place
        }
    }

    /// Takes from one bin what was added before.
    mutating func subtract(_ amount: UInt32, from bin: Int) {
        add(0 &- amount, to: bin)
    }

    /// The sum of all bins before one.
    func sum(before bin: Int) -> UInt32 {
        var place = bin
        var sum: UInt32 = 0
        while place > 0 {
            sum &+= sums[place]
            place -= place & -place
        }
        return sum
    }

    /// The first bin at which the running sum reaches a rank, which counts from 1.
    func bin(reaching rank: UInt32) -> Int {
        var place = 0
        var left = rank
        var step = 1
        while step * 2 < sums.count { step *= 2 }
        while step > 0 {
            let next = place + step
            if next < sums.count, sums[next] < left {
                left -= sums[next]
                place = next
            }
            step /= 2
        }
        return min(place, bins - 1)
    }
}
