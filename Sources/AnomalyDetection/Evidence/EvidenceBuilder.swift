public import Decisions
public import VectorStores

/// Gathers what a person needs to judge a flagged decision: only the past, only its own tenant.
public struct EvidenceBuilder: Sendable {
    /// How many neighbours the novel tokens are compared with.
    public static let neighbours = 10
    /// Results asked for, so that enough remain when those that are not yet past are left out.
    public static let searchLimit = 64
    /// The most novel tokens told.
    public static let maximumTokens = 8
    /// Two searches' cosines of the same pair may differ by this much.
    static let similarityTolerance = 1e-4

    private let store: any VectorStore

    /// Creates a builder that searches a store.
    public init(store: any VectorStore) {
        self.store = store
    }

    /// The evidence of a stored, flagged decision.
    ///
    /// `notYetPast` names what is stored but came with or after the decision; together with the
    /// similarity measured when it was inserted it keeps the future out.
    public func evidence(
        for entry: Entry, assessment: Assessment, novelty: Novelty?, notYetPast: Set<String>
    ) async throws -> Evidence {
        let decision = entry.decision
        var evidence = Evidence(decision: decision, channels: assessment.scored.channels)
        evidence.counters = assessment.past?.counters ?? []
        evidence.principalHours = assessment.past?.principalHours ?? evidence.principalHours
        evidence.principalPast = assessment.past?.principalPast ?? 0

        let ceiling = novelty.map { Double($0.nearestSimilarity) + Self.similarityTolerance } ?? .infinity
        func past(_ answer: SearchAnswer) -> [SearchResult] {
            answer.results.filter { result in
                result.stored.identity.isInTenant(decision.tenant)
                    && !notYetPast.contains(result.stored.storedID)
                    && result.stored.storedID != assessment.scored.id
                    && Double(result.similarity ?? 0) <= ceiling
            }
        }

        let tenant = Query.comparison(
            Query.Comparison(field: "tenant", operation: .equals, operands: [decision.tenant]))
        let principal = Query.comparison(
            Query.Comparison(field: "principal", operation: .equals, operands: [decision.principal.id]))
        let target = SearchRequest.Target.embedding(entry.embedding)
        let near = past(
            try await store.search(
                SearchRequest(target: target, query: tenant, limit: Self.searchLimit)))
        evidence.nearest = near.first.map { neighbour(of: decision, $0) }
        evidence.novelTokens = Self.novelTokens(
            of: decision, against: near.prefix(Self.neighbours).map(\.stored.decision))
        if assessment.past?.principalPast != 0 {
            let own = past(
                try await store.search(
                    SearchRequest(
                        target: target, query: .all([tenant, principal]), limit: Self.searchLimit)))
            evidence.nearestOwn = own.first.map { neighbour(of: decision, $0) }
        }
        return evidence
    }

    private func neighbour(of decision: Decision, _ result: SearchResult) -> Evidence.Neighbour {
        Evidence.Neighbour(
            decision: result.stored.decision, similarity: Double(result.similarity ?? 0),
            differs: Self.differences(decision, result.stored.decision))
    }

    /// The fields in which two decisions differ, in the order of the native line; time, duration and
    /// the identifier of the decision differ always and are left out.
    public static func differences(_ left: Decision, _ right: Decision) -> [String] {
        var fields: [String] = []
        func compare<Value: Equatable>(_ name: String, _ left: Value, _ right: Value) {
            if left != right { fields.append(name) }
        }
        compare("principal", left.principal.id, right.principal.id)
        compare("roles", left.principal.roles.sorted(), right.principal.roles.sorted())
        compare("kind", left.resource.kind, right.resource.kind)
        compare("id", left.resource.id, right.resource.id)
        compare("scope", left.resource.scope, right.resource.scope)
        compare("actions", left.actions.sorted(), right.actions.sorted())
        compare("effect", left.effect, right.effect)
        compare("outcome", left.outcome, right.outcome)
        compare("policies", left.policies.sorted(), right.policies.sorted())
        compare("source", left.source.ip, right.source.ip)
        compare("agent", left.source.agent, right.source.agent)
        return fields
    }

    /// The tokens of a decision that none of its neighbours has, with their share of the vector's
    /// squared weight, strongest first.
    public static func novelTokens(
        of decision: Decision, against neighbours: [Decision]
    ) -> [Evidence.TokenShare] {
        struct Identity: Hashable {
            var kind: TokenKind
            var value: String
        }
        let embedder = DecisionEmbedder()
        let tokens = embedder.tokens(of: decision)
        var known: Set<Identity> = []
        for neighbour in neighbours {
            for token in embedder.tokens(of: neighbour) {
                known.insert(Identity(kind: token.kind, value: token.value))
            }
        }
        let total = tokens.reduce(0) { $0 + $1.weight * $1.weight }
        guard total > 0 else { return [] }
        return
            tokens
            .filter { !known.contains(Identity(kind: $0.kind, value: $0.value)) }
            .sorted { ($1.weight, $0.name, $0.value) < ($0.weight, $1.name, $1.value) }
            .prefix(maximumTokens)
            .map { token in
                Evidence.TokenShare(
                    token: token.words, share: Double(token.weight * token.weight) / Double(total))
            }
    }
}
