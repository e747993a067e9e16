/// How long each of many operations took.
struct Latencies {
    private var seconds: [Double] = []
    private var isSorted = true

    /// How many operations were timed.
    var count: Int { seconds.count }

    /// Adds one operation.
    mutating func add(_ duration: Double) {
        seconds.append(duration)
        isSorted = false
    }

    /// Makes room, so that adding does not cost what is measured.
    mutating func reserve(_ count: Int) { seconds.reserveCapacity(count) }

    /// The microseconds that so many operations in a hundred do not exceed.
    mutating func microseconds(percentile: Int) -> Double {
        guard !seconds.isEmpty else { return .nan }
        if !isSorted { seconds.sort() }
        isSorted = true
        return seconds[min(seconds.count - 1, seconds.count * percentile / 100)] * 1e6
    }
}
