import Decisions

/// A field of decisions that is a column of texts, or of lists of texts.
enum TextField {
    case tenant, principal, kind, resource, scope, ip, agent, outcome, format
    case role, action, policy

    init?(_ field: DecisionField) {
        switch field {
        case .tenant: self = .tenant
        case .principal: self = .principal
        case .role: self = .role
        case .kind: self = .kind
        case .resource: self = .resource
        case .scope: self = .scope
        case .action: self = .action
        case .policy: self = .policy
        case .ip: self = .ip
        case .agent: self = .agent
        case .metadata(["outcome"]): self = .outcome
        case .metadata(["source", "format"]): self = .format
        case .metadata, .effect, .cacheHit, .time, .durationMicroseconds, .id: return nil
        }
    }

    /// Whether its texts are lists.
    var isList: Bool {
        switch self {
        case .role, .action, .policy: true
        case .tenant, .principal, .kind, .resource, .scope, .ip, .agent, .outcome, .format: false
        }
    }
}

extension DecisionColumns {
    /// Runs a closure on the column of a field.
    @inline(__always)
    func withTexts<Result>(_ field: TextField, _ body: (borrowing TextColumn) -> Result) -> Result {
        switch field {
        case .tenant: body(tenants)
        case .principal: body(principals)
        case .role: body(roles)
        case .kind: body(kinds)
        case .resource: body(resources)
        case .scope: body(scopes)
        case .action: body(actions)
        case .policy: body(policies)
        case .ip: body(addresses)
        case .agent: body(agents)
        case .outcome: body(outcomes)
        case .format: body(formats)
        }
    }
}
