/// How a decision stands to one that is stored under the same tenant and id.
public enum IdentityRelation: Sendable, Hashable {
    /// The same decision again, or an earlier stage of it: nothing to store.
    case duplicate
    /// A later stage of the same event, which replaces what is stored.
    case laterStage
    /// Something else under the same id.
    case conflict
}

extension Decision {
    /// How this decision stands to one already stored under the same identity.
    ///
    /// Lines of one Kubernetes audit event agree when principal, action, resource, request, authorization
    /// annotation and the time of receipt agree; then the stage decides. Everything else must be equal.
    public func relation(toStored stored: Decision) -> IdentityRelation {
        guard let stage = stageRank, let storedStage = stored.stageRank else {
            return self == stored ? .duplicate : .conflict
        }
        guard tenant == stored.tenant, time == stored.time, principal == stored.principal,
            resource == stored.resource, actions == stored.actions, source.format == stored.source.format,
            extras["request"] == stored.extras["request"]
        else { return .conflict }
        return stage > storedStage ? .laterStage : .duplicate
    }

    /// The place of the audit stage in an event's life, nil when the decision has none.
    public var stageRank: Int? {
        guard source.format == "kubernetes", case .object(let attributes) = extras["attrs"],
            case .string(let stage) = attributes["stage"]
        else { return nil }
        return ["ResponseStarted", "ResponseComplete", "Panic"].firstIndex(of: stage)
    }
}
