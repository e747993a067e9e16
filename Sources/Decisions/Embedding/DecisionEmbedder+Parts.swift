extension DecisionEmbedder {
    /// The embedding of what a decision says beside some kinds of tokens.
    ///
    /// Its cosine with a whole embedding orders as well, and is lower: what was left out is missing.
    public func embed(_ decision: Decision, leavingOut kinds: Set<TokenKind>) -> Embedding {
        var sums = [Int](repeating: 0, count: Embedding.dimension)
        decision.forEachToken(as: TokenHash.self) { kind, hash in
            guard !kinds.contains(kind) else { return }
            let value = hash.value
            sums[TokenHash.slot(value)] += TokenHash.isNegative(value) ? -kind.weight : kind.weight
        }
        return Embedding(counts: sums.map { Int8(max(-127, min(127, $0))) })
    }
}

extension TokenKind {
    /// What is known only once a request was answered: effect, outcome, how it was decided and how long that took.
    public static let ofTheAnswer: Set<TokenKind> = [
        .effect, .outcome, .principalEffect, .actionEffect, .policy, .latency, .cacheHit,
    ]

    /// Who asked from where and when, which single resource, and which policy answered: without these, decisions
    /// of the same sort have the same embedding.
    public static let ofTheOccasion: Set<TokenKind> = [
        .principal, .principalAction, .principalActionKind, .principalKind, .principalEffect, .principalScope,
        .principalAccess, .principalAddress, .address, .hours, .tenant, .resource, .policy, .latency,
        .cacheHit,
    ]

    /// Who asked and in what role, from where, in which scope, which single resource, and when: without these what is
    /// left is the story, whoever it is told of.
    public static let ofWhoAndWhere = ofTheOccasion.union([.role, .roleAction, .scope])
}

extension Decision {
    /// Whether one of its actions changes something, as far as names tell; one without a telling word does.
    public var changesSomething: Bool {
        actions.contains { AccessClass(action: $0) == .write }
    }
}
