import Decisions

extension Token {
    /// The token as a person reads it: `principal × kind = svc-deploy × secrets`.
    var words: String {
        let parts = kind.words
        guard parts.count > 1 else { return "\(parts.joined()) = \(Reasons.short(value))" }
        // Only the separators between the parts are shown as such; the last part keeps what it holds.
        let values = value.split(
            separator: "|", maxSplits: parts.count - 1, omittingEmptySubsequences: false)
        return parts.joined(separator: " × ") + " = "
            + values.map { Reasons.short(String($0)) }.joined(separator: " × ")
    }
}

extension TokenKind {
    /// The fields a token is made of, in words.
    var words: [String] {
        switch self {
        case .effect: ["effect"]
        case .outcome: ["outcome"]
        case .kind: ["kind"]
        case .action: ["action"]
        case .principal: ["principal"]
        case .role: ["role"]
        case .scope: ["scope"]
        case .resource: ["id"]
        case .tenant: ["tenant"]
        case .hours: ["time of day"]
        case .address: ["source"]
        case .latency: ["duration"]
        case .cacheHit: ["cache hit"]
        case .policy: ["policy"]
        case .resourceClass: ["kind", "id pattern"]
        case .principalAction: ["principal", "action"]
        case .principalActionKind: ["principal", "action", "kind"]
        case .principalKind: ["principal", "kind"]
        case .principalEffect: ["principal", "effect"]
        case .principalScope: ["principal", "scope"]
        case .principalAccess: ["principal", "access"]
        case .principalAddress: ["principal", "source"]
        case .actionKind: ["action", "kind"]
        case .actionEffect: ["action", "effect"]
        case .roleAction: ["role", "action"]
        }
    }
}
