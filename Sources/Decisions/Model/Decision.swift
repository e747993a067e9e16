/// One authorization answer: who asked to do what to which resource, and what was answered.
///
/// Optional fields stay absent when a log does not say them: absent is never false.
public struct Decision: Sendable, Hashable {
    /// The identifier the source gave; unique within a tenant.
    public var id: String
    /// When the decision was made.
    public var time: Timestamp
    /// The tenant it belongs to; `""` when there is none.
    public var tenant: String
    /// Who asked.
    public var principal: Principal
    /// What was asked about.
    public var resource: Resource
    /// What was to be done; in the order the source gave, never empty.
    public var actions: [String]
    /// What was answered.
    public var effect: Effect
    /// What happened afterwards: `ok`, `denied` or an error class.
    public var outcome: String?
    /// The policies that decided.
    public var policies: [String]
    /// How long the decision took, in nanoseconds.
    public var durationNanoseconds: Int64?
    /// Whether the answer came from a cache.
    public var cacheHit: Bool?
    /// Where the request came from.
    public var source: Source
    /// Keys of the native line that have no field here, at every depth, kept as metadata.
    ///
    /// `{"principal":{"department":"x"},"trace":"1"}` merges back into the line when printed.
    public var extras: JSONObject

    /// Creates a decision from its required fields; the optional ones start absent.
    public init(
        id: String, time: Timestamp, tenant: String = "", principal: Principal, resource: Resource,
        actions: [String], effect: Effect
    ) {
        self.id = id
        self.time = time
        self.tenant = tenant
        self.principal = principal
        self.resource = resource
        self.actions = actions
        self.effect = effect
        outcome = nil
        policies = []
        durationNanoseconds = nil
        cacheHit = nil
        source = Source()
        extras = JSONObject()
    }
}

/// Who asked for a decision.
public struct Principal: Sendable, Hashable {
    /// The principal's name; `"?"` when the source erased it.
    public var id: String
    /// The roles or groups it acted with, in the order the source gave.
    public var roles: [String]

    /// Creates a principal.
    public init(id: String, roles: [String] = []) {
        self.id = id
        self.roles = roles
    }
}

/// What a decision was about.
public struct Resource: Sendable, Hashable {
    /// The kind of resource: `invoice`, `apps/deployments`.
    public var kind: String
    /// The resource itself, when one is named.
    public var id: String?
    /// Where it lives: a namespace, a region, a dotted scope.
    public var scope: String?

    /// Creates a resource.
    public init(kind: String, id: String? = nil, scope: String? = nil) {
        self.kind = kind
        self.id = id
        self.scope = scope
    }
}

/// Where a request came from, as far as the source says.
public struct Source: Sendable, Hashable {
    /// The client's address, without port.
    public var ip: String?
    /// The client's user agent.
    public var agent: String?
    /// The log format the decision was read from: `verdict`, `kubernetes`.
    public var format: String?

    /// Creates a source.
    public init(ip: String? = nil, agent: String? = nil, format: String? = nil) {
        self.ip = ip
        self.agent = agent
        self.format = format
    }
}

/// The answer of an authorization engine.
public enum Effect: String, Sendable, Hashable, CaseIterable {
    /// The action may be done.
    case allow
    /// The action may not be done.
    case deny
    /// The answer depends on something the engine left open; counted apart, never as allow.
    case conditional
}
