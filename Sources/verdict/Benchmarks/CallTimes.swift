#if canImport(Glibc)
    import Glibc
#endif

/// How long single calls took, to the nanosecond, less what looking at the clock costs.
struct CallTimes {
    /// What two looks at the clock take at the median, in nanoseconds.
    static let clockCost: Double = {
        var empty = CallTimes(capacity: clockLooks, clockCost: 0)
        for _ in 0..<clockLooks {
            let began = now()
            empty.add(since: began)
        }
        return empty.quantile(0.5)
    }()
    private static let clockLooks = 100_000

    private var values: [UInt32] = []
    private let clockCost: Double

    /// Makes room for so many calls, so that none of them pays for it.
    init(capacity: Int) {
        self.init(capacity: capacity, clockCost: Self.clockCost)
    }

    private init(capacity: Int, clockCost: Double) {
        self.clockCost = clockCost
        values.reserveCapacity(capacity)
    }

    /// Nanoseconds of a clock that never goes back.
    @inline(__always)
    static func now() -> Int64 {
        var time = timespec()
        // Safe: the kernel fills the struct that is passed by reference.
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// Adds the time since a call began.
    @inline(__always)
    mutating func add(since began: Int64) {
        values.append(UInt32(clamping: Self.now() - began))
    }

    /// The nanoseconds that a share of the calls do not exceed; not a number when there were none.
    func quantile(_ share: Double) -> Double {
        guard !values.isEmpty else { return .nan }
        let sorted = values.sorted()
        let rank = max(1, Int((share * Double(sorted.count)).rounded(.up)))
        return max(0, Double(sorted[rank - 1]) - clockCost)
    }
}
