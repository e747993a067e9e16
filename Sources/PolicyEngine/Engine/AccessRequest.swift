public import Decisions

/// A question to the engine: whether this principal may do these actions to this resource now.
public struct AccessRequest: Sendable, Hashable {
    /// The identifier that the decision will carry.
    public var id: String
    /// When it is asked.
    public var time: Timestamp
    /// The tenant it belongs to.
    public var tenant: String
    /// Who asks.
    public var principal: Principal
    /// What conditions may know about the principal.
    public var principalAttributes: Attributes
    /// What is asked about.
    public var resource: Resource
    /// What conditions may know about the resource.
    public var resourceAttributes: Attributes
    /// What is to be done.
    public var actions: [String]
    /// Where the request comes from.
    public var source: Source

    /// Creates a request without attributes and source.
    public init(
        id: String, time: Timestamp, tenant: String = "", principal: Principal, resource: Resource,
        actions: [String]
    ) {
        self.id = id
        self.time = time
        self.tenant = tenant
        self.principal = principal
        self.resource = resource
        self.actions = actions
        principalAttributes = [:]
        resourceAttributes = [:]
        source = Source()
    }
}

/// What the policies say to a request.
public struct Answer: Sendable, Hashable {
    /// The effect.
    public var effect: Effect
    /// The names of the policies that decided, in the order of the actions.
    public var policies: [String]

    /// Creates an answer.
    public init(effect: Effect, policies: [String]) {
        self.effect = effect
        self.policies = policies
    }

    /// The decision that an answer to a request makes.
    public func decision(on request: AccessRequest) -> Decision {
        var decision = Decision(
            id: request.id, time: request.time, tenant: request.tenant, principal: request.principal,
            resource: request.resource, actions: request.actions, effect: effect)
        decision.policies = policies
        decision.outcome = effect == .allow ? "ok" : "denied"
        decision.source = request.source
        return decision
    }
}
