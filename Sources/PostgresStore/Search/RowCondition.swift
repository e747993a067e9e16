import Decisions
import VectorStores

/// A query as far as a server can judge it: what every match has, and what no other row has.
///
/// A row means what a mirror would read in it. Where SQL says the same, both predicates are one; else the first lets
/// too much through and the second too little, and every row that is fetched is tested once more here. So no row is
/// ever in an answer that does not match, and none is left out that does: `not` exchanges both.
struct RowCondition: Sendable {
    /// True of every row that matches.
    var possible: RowPredicate
    /// True only of rows that match.
    var certain: RowPredicate

    static let always = RowCondition(possible: .always, certain: .always)
    static let never = RowCondition(possible: .never, certain: .never)

    init(possible: RowPredicate, certain: RowPredicate) {
        self.possible = possible
        self.certain = certain
    }

    /// Translates a query; every row matches `nil`.
    init(_ query: Query?) {
        switch query {
        case nil: self = .always
        case .all(let parts)?:
            let parts = parts.map { RowCondition($0) }
            self.init(possible: .all(parts.map(\.possible)), certain: .all(parts.map(\.certain)))
        case .any(let parts)?:
            let parts = parts.map { RowCondition($0) }
            self.init(possible: .any(parts.map(\.possible)), certain: .any(parts.map(\.certain)))
        case .not(let part)?:
            let part = RowCondition(part)
            self.init(possible: part.certain.negated, certain: part.possible.negated)
        case .comparison(let comparison)?: self = RowCondition(comparison)
        }
    }

    private init(_ comparison: Query.Comparison) {
        // Texts in a database have no zero character, so that nothing is equal to one that has.
        var comparison = comparison
        comparison.operands.removeAll { $0.utf8.contains(0) }
        guard !comparison.operands.isEmpty else {
            self = .never
            return
        }
        switch DecisionField(comparison.field) {
        case .id: self = .identifier(comparison)
        case .tenant: self = .tenant(comparison)
        case .time: self = .time(comparison)
        case .durationMicroseconds: self = .duration(comparison)
        case .effect: self = .effect(comparison)
        case .cacheHit: self = .cacheHit(comparison)
        case .principal: self = .text(comparison, .principal)
        case .kind: self = .text(comparison, .kind)
        case .resource: self = .text(comparison, .resource)
        case .scope: self = .text(comparison, .scope)
        case .ip: self = .text(comparison, .ip)
        case .agent: self = .text(comparison, .agent)
        case .metadata(["outcome"]): self = .text(comparison, .outcome)
        case .metadata(["source", "format"]): self = .text(comparison, .format)
        case .role: self = .list(comparison, .roles)
        case .action: self = .list(comparison, .actions)
        case .policy: self = .list(comparison, .policies)
        case .metadata(let path): self = .metadata(comparison, path)
        }
    }

    /// A condition that SQL judges as a mirror does, wherever the metadata is a native line.
    static func native(_ predicate: RowPredicate) -> RowCondition {
        RowCondition(possible: predicate, certain: .all([predicate, .when(NativeRow.condition)]))
    }

    /// The same, where something stands for what a row does not say.
    func orStandIn(_ isMeant: Bool) -> RowCondition {
        guard isMeant else { return self }
        let others = RowPredicate.when(NativeRow.condition).negated
        return RowCondition(possible: .any([possible, others]), certain: certain)
    }
}

extension Query.Comparison {
    /// Whether a text is what the comparison looks for.
    func admits(_ text: String) -> Bool {
        QueryMatcher(.comparison(self)).matches { _ in [.text(text)] }
    }
}

/// Rows whose metadata certainly is a native line.
enum NativeRow {
    /// True only of rows that are read as they are; stricter than reading is, never more lenient.
    static let condition: SQL =
        """
        (metadata->>'effect' in ('allow', 'deny', 'conditional')
        and metadata->'principal'->>'id' <> '' and metadata->'resource'->>'kind' <> ''
        and jsonb_typeof(metadata->'actions'->0) = 'string'
        and metadata->>'time' ~ \(raw: RowMoment.plain)
        and not jsonb_path_exists(metadata, \(raw: oddities), '{}', true))
        """

    /// What a native line has not: members of other types than it says.
    private static let oddities: StaticString = """
        '$ ? (@.effect.type() != "string" || @.time.type() != "string" || @.tenant.type() != "string"
        || @.principal.type() != "object" || @.principal.id.type() != "string"
        || @.principal.roles.type() != "array" || @.principal.roles[*].type() != "string"
        || @.resource.type() != "object" || @.resource.kind.type() != "string"
        || @.resource.id.type() != "string" || @.resource.scope.type() != "string"
        || @.actions.type() != "array" || @.actions[*].type() != "string"
        || @.policies.type() != "array" || @.policies[*].type() != "string"
        || @.outcome.type() != "string" || @.cache_hit.type() != "boolean"
        || @.duration_us.type() != "number" || @.duration_us < 0 || @.duration_us > 9000000000000000
        || @.source.type() != "object" || @.source.ip.type() != "string"
        || @.source.agent.type() != "string" || @.source.format.type() != "string")'
        """
}
