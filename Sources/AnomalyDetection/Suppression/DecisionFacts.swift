public import Decisions

/// What of a decision rules, lessons and the history know it by.
///
/// Names longer than ``maximumNameBytes`` are kept by their beginning and a hash, in rules and in what they are
/// compared with alike.
public struct DecisionFacts: Sendable, Hashable {
    /// The tenant.
    public var tenant: String
    /// The principal.
    public var principal: String
    /// The resource kind.
    public var kind: String
    /// The resource's identifier.
    public var resource: String?
    /// The resource's scope.
    public var scope: String?
    /// The different actions, at most ``maximumElements``: one that comes behind many others of one name is seen.
    public var actions: [String]
    /// The effect.
    public var effect: Effect
    /// The policies, at most ``maximumElements``.
    public var policies: [String]
    /// The source address.
    public var address: String?

    /// The most bytes of a name that is kept whole.
    public static let maximumNameBytes = 1_024
    /// The most actions and policies, each.
    public static let maximumElements = 16

    /// The facts of a decision.
    public init(_ decision: Decision) {
        tenant = Self.kept(decision.tenant)
        principal = Self.kept(decision.principal.id)
        kind = Self.kept(decision.resource.kind)
        resource = decision.resource.id.map(Self.kept)
        scope = decision.resource.scope.map(Self.kept)
        actions = Self.distinct(decision.actions)
        effect = decision.effect
        policies = decision.policies.prefix(Self.maximumElements).map(Self.kept)
        address = decision.source.ip.map(Self.kept)
    }

    /// The bytes of its names.
    var bytes: Int {
        let names = [tenant, principal, kind] + [resource, scope, address].compactMap(\.self)
        return (names + actions + policies).reduce(0) { $0 + $1.utf8.count }
    }

    private static func distinct(_ names: [String]) -> [String] {
        guard names.count > 1 else { return names.map(kept) }
        var seen: Set<ByteKey> = []
        var distinct: [String] = []
        for name in names.lazy.map(kept) where distinct.count < maximumElements {
            if seen.insert(ByteKey(name)).inserted { distinct.append(name) }
        }
        return distinct
    }

    /// A name as it is kept.
    static func kept(_ name: String) -> String {
        guard name.utf8.count > maximumNameBytes else { return name }
        return Reasons.short(name) + String(FNV1a.hash(name), radix: 16)
    }
}

extension DecisionFacts {
    /// The facts as they are saved; what is not there is left out.
    var json: JSONObject {
        var object: JSONObject = [
            "tenant": .string(tenant), "principal": .string(principal), "kind": .string(kind),
            "actions": .texts(actions), "effect": .string(effect.rawValue),
        ]
        if let resource { object["resource"] = .string(resource) }
        if let scope { object["scope"] = .string(scope) }
        if !policies.isEmpty { object["policies"] = .texts(policies) }
        if let address { object["ip"] = .string(address) }
        return object
    }

    /// Reads saved facts.
    init(_ fields: JSONFields) throws(IncidentError) {
        tenant = try fields.text("tenant")
        principal = try fields.text("principal")
        kind = try fields.text("kind")
        actions = try fields.texts("actions")
        effect = try fields.choice("effect", Effect.self)
        resource = try fields["resource"] == nil ? nil : fields.text("resource")
        scope = try fields["scope"] == nil ? nil : fields.text("scope")
        policies = try fields["policies"] == nil ? [] : fields.texts("policies")
        address = try fields["ip"] == nil ? nil : fields.text("ip")
    }
}
