public import Decisions

extension SeverityScale {
    /// The kind and the actions of a decision that have a sensitive word, each once.
    public func sensitiveNames(of decision: Decision) -> [String] {
        var names: [String] = []
        for name in [decision.resource.kind] + decision.actions
        where hasSensitiveWord(name) && !names.contains(name) {
            names.append(name)
        }
        return names
    }
}
