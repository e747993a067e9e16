public import AnomalyDetection

/// What a person wants done to rules and lessons.
public enum TaughtOrder: Sendable, Hashable {
    /// A new rule.
    case suppress(SuppressionDraft)
    /// A rule or a lesson taken back.
    case withdraw(String)
    /// One that was taken back is in effect again.
    case restore(String)
}
