import Decisions
import VectorStores

extension SourceSummary {
    /// What health says of the source; `nil` while there is nothing to say.
    func check(at now: Timestamp) -> HealthCheck? {
        let name = "source \(id)"
        let since = lastEvent ?? now
        switch state {
        case .silent:
            return HealthCheck(
                name: name, status: .degraded, since: since,
                detail: "nothing came for longer than usual; look whether it is still written")
        case .waiting:
            return HealthCheck(
                name: name, status: .degraded, since: since,
                detail: "it does not exist; it is read as soon as it does")
        case .failed:
            return HealthCheck(
                name: name, status: .failed, since: since, detail: lastReject ?? "it cannot be read")
        case .following:
            return checkOfTimes(name, at: now)
        case .reading, .done:
            return nil
        }
    }

    /// For how long a wrong clock is told after its last sign, in seconds.
    static let aheadToldSeconds: Int64 = 600
    /// For how long a gap is told, in seconds.
    static let gapToldSeconds: Int64 = 3_600

    /// What is to be said of the times in a source that is heard.
    private func checkOfTimes(_ name: String, at now: Timestamp) -> HealthCheck? {
        if let lastAhead, now < lastAhead.advanced(bySeconds: Self.aheadToldSeconds) {
            return HealthCheck(
                name: name, status: .degraded, since: lastAhead,
                detail: "its times are up to \(Self.span(aheadSeconds)) later than this machine's clock: "
                    + "compare the clocks")
        }
        if let lastGap, let lastGapNoticed, now < lastGapNoticed.advanced(bySeconds: Self.gapToldSeconds) {
            return HealthCheck(
                name: name, status: .degraded, since: lastGapNoticed,
                detail: "it holds nothing between \(lastGap.from) and \(lastGap.to): was it switched off?")
        }
        return nil
    }

    private static func span(_ seconds: Int64) -> String {
        switch seconds {
        case ..<7_200: "\(PrintedNumber.grouped(Int(seconds))) s"
        case ..<172_800: "\(seconds / 3_600) h"
        default: "\(seconds / 86_400) days"
        }
    }
}
