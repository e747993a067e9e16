/// Draws places with a chance proportional to their weight.
struct WeightedChoice: Sendable {
    private var sums: [Int]

    /// Creates a choice; weights must not be negative, and one must be above zero.
    init(weights: [Int]) {
        var sum = 0
        sums = weights.map { weight in
            precondition(weight >= 0, "a weight is not negative")
            sum += weight
            return sum
        }
        precondition(sum > 0, "one weight must be above zero")
    }

    /// Zipf's law with exponent 1: the n-th place is drawn with weight 1/n.
    static func zipf(_ count: Int) -> WeightedChoice {
        WeightedChoice(weights: (1...max(1, count)).map { 1_000_000 / $0 })
    }

    var total: Int { sums.last ?? 0 }

    /// Draws a place in O(log places).
    func draw(_ random: inout SeededRandom) -> Int {
        let target = random.below(total)
        var low = 0
        var high = sums.count - 1
        while low < high {
            let middle = (low + high) / 2
            if sums[middle] > target { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
