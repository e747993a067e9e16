import Decisions
import VectorStores

extension RecallBook {
    /// One check for each scope below the floor, the worst first; else one that says how well all is.
    func checks(at now: Timestamp) -> [HealthCheck] {
        let below = troubles(at: now).scopes.sorted {
            ($0.value.recall ?? 1, $0.key) < ($1.value.recall ?? 1, $1.key)
        }
        guard !below.isEmpty else {
            return summary(at: now).map { summary in
                let isLowForNow =
                    summary.recall < RecallGuard.floor && summary.samples < RecallGuard.leastSamples
                return HealthCheck(
                    name: RecallGuard.checkName, status: .ok, since: wellSince,
                    detail: "\(Self.percent(summary.recall)) of \(PrintedNumber.grouped(summary.samples)) "
                        + "sampled searches"
                        + (isLowForNow ? ", too few to judge: \(RecallGuard.leastSamples) are needed" : ""))
            }.map { [$0] } ?? []
        }
        let more = below.count - RecallGuard.maximumChecks
        return below.prefix(RecallGuard.maximumChecks).enumerated().map { place, entry in
            let others = place == RecallGuard.maximumChecks - 1 && more > 0 ? "; so are \(more) more" : ""
            return HealthCheck(
                name: "\(RecallGuard.checkName) \(entry.key.name)", status: .degraded,
                since: entry.value.since, detail: Self.detail(entry.value) + others)
        }
    }

    private static func detail(_ trouble: RecallTrouble) -> String {
        let found = trouble.recall.map {
            "\(percent($0)) of \(PrintedNumber.grouped(trouble.samples)) sampled searches, "
        }
        return "\(found ?? "")below \(percent(RecallGuard.floor)): \(trouble.step.sentence) "
            + "until samples are well, run verdict rebuild"
    }

    private static func percent(_ share: Double) -> String {
        let tenths = Int((share * 1_000).rounded(.down))
        return tenths % 10 == 0 ? "\(tenths / 10) %" : "\(tenths / 10).\(tenths % 10) %"
    }
}
