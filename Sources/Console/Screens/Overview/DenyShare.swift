import Operations

/// A share of denies that rests on enough decisions, and over how long that is.
struct DenyShare: Equatable {
    /// Of each hundred decisions.
    var percent: Double
    /// The stretch of time it is over.
    var seconds: Double
    /// By how much it is above the time before; `nil` where nothing was before.
    var change: Double?

    /// Fewer decisions than this make a share that jumps.
    static let enoughDecisions = 400.0
    /// The shortest stretch, in seconds.
    static let shortestSeconds = 60.0

    /// Takes the newest points until there are enough decisions; `nil` when there is none.
    init?(decisionsPerSecond rates: MetricSeries, percents: MetricSeries) {
        let step = rates.step
        var recent = (decisions: 0.0, denies: 0.0, points: 0)
        var former = (decisions: 0.0, denies: 0.0)
        for (rate, percent) in zip(rates.values.reversed(), percents.values.reversed()) {
            let decisions = (rate ?? 0) * step
            let denies = decisions * (percent ?? 0) / 100
            let isShort = Double(recent.points) * step < Self.shortestSeconds
            if isShort || recent.decisions < Self.enoughDecisions {
                recent = (recent.decisions + decisions, recent.denies + denies, recent.points + 1)
            } else {
                former = (former.decisions + decisions, former.denies + denies)
            }
        }
        guard recent.decisions > 0 else { return nil }
        percent = 100 * recent.denies / recent.decisions
        seconds = Double(recent.points) * step
        change = former.decisions > 0 ? percent - 100 * former.denies / former.decisions : nil
    }

    /// The share and its stretch: `6.1 % over 2 m`.
    var text: String { "\(Quantity.metric(percent, unit: "%")) over \(Age.long(seconds: seconds))" }

    /// How it compares with the time before: ` ▲ 1.4`.
    var changeText: String {
        guard let change, change.magnitude >= 0.05 else { return "" }
        return (change > 0 ? " ▲ " : " ▼ ") + Quantity.fixed(change.magnitude, decimals: 1)
    }
}
