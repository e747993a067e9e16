public import AnomalyDetection

/// What a rule would have hidden, and what would have come of that.
public struct RulePreview: Equatable, Sendable {
    /// What the rule asks for.
    public let fields: SuppressionFields
    /// What it would have hidden.
    public let hidden: SuppressionPreview
    /// The pages with and without it; `nil` of a rule that is too wide to be taken.
    public let outcome: Rehearsal.Outcome?

    /// Counts it; costs some passes over the history, far too much for the console's thread.
    public init(of fields: SuppressionFields, on rehearsal: Rehearsal) {
        self.fields = fields
        hidden = rehearsal.history.hidden(by: fields)
        outcome =
            fields.isNarrow
            ? rehearsal.outcome(of: Rehearsal.Tuning(alpha: rehearsal.history.alpha, fields: fields)) : nil
    }
}
