/// How large policies may be; a text past one of these is refused, never cut.
public enum PolicyLimits {
    /// The most policies and derived roles in one set, each.
    public static let policiesMax = 10_000
    /// The most rules in one policy.
    public static let rulesMax = 1_000
    /// The most names in one list of a rule.
    public static let namesMax = 256
    /// The longest condition, in UTF-8 bytes.
    public static let conditionBytesMax = 2_048
    /// The deepest nesting inside a condition.
    public static let conditionDepthMax = 32
    /// The most labels in a scope.
    public static let scopeLabelsMax = 16
}
