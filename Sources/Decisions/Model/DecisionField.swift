/// A field of a decision that a query can name.
public enum DecisionField: Sendable, Hashable {
    /// The identifier.
    case id
    /// When it was made.
    case time
    /// The tenant.
    case tenant
    /// The principal's name.
    case principal
    /// The principal's roles.
    case role
    /// The kind of resource.
    case kind
    /// The resource itself.
    case resource
    /// Where the resource lives.
    case scope
    /// The actions.
    case action
    /// The answer.
    case effect
    /// The policies that decided.
    case policy
    /// How long it took, in microseconds.
    case durationMicroseconds
    /// Whether the answer came from a cache.
    case cacheHit
    /// The client's address.
    case ip
    /// The client's user agent.
    case agent
    /// Any other key of the native line, as a dotted path.
    case metadata([String])

    /// The fields with a name of their own, in the order they are listed to people.
    public static let named: [(name: String, field: DecisionField)] = [
        ("id", .id), ("time", .time), ("tenant", .tenant), ("principal", .principal), ("role", .role),
        ("kind", .kind), ("resource", .resource), ("scope", .scope), ("action", .action),
        ("effect", .effect), ("policy", .policy), ("duration_us", .durationMicroseconds),
        ("cache_hit", .cacheHit), ("ip", .ip), ("agent", .agent),
    ]

    /// The field that a name denotes; a name that is none of `named` is a metadata path.
    public init(_ name: String) {
        if let known = Self.named.first(where: { $0.name == name }) {
            self = known.field
            return
        }
        self =
            Self.dotted[name]
            ?? .metadata(name.split(separator: ".", omittingEmptySubsequences: false).map(String.init))
    }

    /// The name that queries use.
    public var name: String {
        if case .metadata(let path) = self { return path.joined(separator: ".") }
        return Self.named.first { $0.field == self }?.name ?? ""
    }

    /// The paths by which the native line spells fields that have a name of their own.
    private static let dotted: [String: DecisionField] = [
        "principal.id": .principal, "principal.roles": .role, "resource.kind": .kind,
        "resource.id": .resource, "resource.scope": .scope, "actions": .action, "policies": .policy,
        "source.ip": .ip, "source.agent": .agent,
    ]
}

/// One value of a field.
public enum FieldValue: Sendable, Hashable {
    /// Text, compared as it is.
    case text(String)
    /// A number.
    case number(Double)
    /// A time.
    case time(Timestamp)
}
