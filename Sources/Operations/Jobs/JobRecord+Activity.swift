import Decisions
import VectorStores

extension JobRecord {
    /// What the activity log is told of it, once it is done; one that changed nothing is no act.
    var activity: ActivityEvent? {
        guard state == .done, let ended, let report else { return nil }
        return ActivityEvent(
            time: ended, who: owner.user, act: kind.rawValue, subject: title,
            before: Self.quality(report.before), after: Self.quality(report.after))
    }

    private static func quality(_ quality: IndexQuality) -> JSONValue {
        let tenThousandths = quality.recall.isFinite ? Int((quality.recall * 10_000).rounded()) : 0
        let digits = String(10_000 + tenThousandths % 10_000).dropFirst()
        return .object([
            "recall": .string("\(tenThousandths / 10_000).\(digits)"),
            "memory_bytes": .number(String(quality.memoryBytes)),
        ])
    }
}
