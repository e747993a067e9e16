import AnomalyDetection
import Decisions
import TerminalUI

/// What the header says of the last drill: when it was caught and how fast, or that it was not.
struct DrillText {
    /// With room.
    let text: String
    /// With little.
    let short: String
    /// How it is drawn.
    let role: Role

    /// A drill that is this late is no longer one of yesterday: nobody sends any.
    private static let lateSeconds = 120.0
    /// How far another machine's clock may be ahead.
    private static let skewSeconds: Int64 = 60

    /// What is said; `nil` where none are sent.
    init?(_ drill: DrillRecord?, now: Timestamp) {
        // A picture of an earlier time knows of no later drill; two machines' clocks differ a little.
        guard let drill, drill.sent <= now.advanced(bySeconds: Self.skewSeconds) else { return nil }
        let age = Age.short(since: drill.sent, now: now)
        switch drill.outcome {
        case .off: return nil
        case .missed:
            (text, short, role) = ("drill missed \(age) ago", "drill missed", .critical)
        case .caught(let seconds):
            let isLate = drill.next.map { now.secondsSince1970 - $0.secondsSince1970 > Self.lateSeconds }
            role = isLate == true ? .warning : .text
            text = "drill \(age) ago, \(DrillRecord.tenths(seconds)) s"
            short = "drill \(age.replacing(" ", with: "")) \(DrillRecord.tenths(seconds))s"
        }
    }
}
