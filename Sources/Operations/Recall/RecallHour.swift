import Decisions

/// The recall of an hour's samples, as a sum for each minute: no larger however many are taken.
struct RecallHour: Sendable {
    private struct Minute: Sendable {
        var number: Int64
        var samples = 0
        var recall = 0.0
    }

    /// How many minutes are kept.
    private static let length: Int64 = 60
    /// Those with samples, oldest first.
    private var minutes: [Minute] = []

    /// Takes up a sample; what is an hour older is left, and what is newer since the clock was set back.
    mutating func note(_ recall: Double, at time: Timestamp) {
        let number = Self.minute(of: time)
        minutes.removeAll { !Self.hour(endingIn: number).contains($0.number) }
        if minutes.last?.number != number { minutes.append(Minute(number: number)) }
        minutes[minutes.count - 1].samples += 1
        minutes[minutes.count - 1].recall += recall
    }

    /// What was sampled in the hour that ends in the minute of a time; `nil` when nothing was.
    func summary(at now: Timestamp, step: RecallStep) -> TenantRecallSummary? {
        let hour = Self.hour(endingIn: Self.minute(of: now))
        let counted = minutes.filter { hour.contains($0.number) }
        guard let first = counted.first else { return nil }
        let samples = counted.reduce(0) { $0 + $1.samples }
        return TenantRecallSummary(
            recall: counted.reduce(0) { $0 + $1.recall } / Double(samples), samples: samples, step: step,
            minutes: Int(hour.upperBound - first.number) + 1)
    }

    private static func minute(of time: Timestamp) -> Int64 { time.seconds / 60 }

    private static func hour(endingIn minute: Int64) -> ClosedRange<Int64> {
        minute - length + 1...minute
    }
}
