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
            return isSame(as: stored) ? .duplicate : .conflict
        }
        guard time == stored.time, principal == stored.principal, resource == stored.resource,
            actions == stored.actions, eventTexts == stored.eventTexts,
            extras["request"] == stored.extras["request"]
        else { return .conflict }
        return stage > storedStage ? .laterStage : .duplicate
    }

    /// Whether both are the same byte for byte: a name that only looks like another is another's.
    private func isSame(as other: Decision) -> Bool {
        self == other
            && nativeLine(canonical: true).utf8.elementsEqual(other.nativeLine(canonical: true).utf8)
    }

    /// The texts in which every stage of one audit event agrees.
    private var eventTexts: [ByteKey?] {
        let optional = [resource.id, resource.scope, source.format]
        return ([tenant, principal.id, resource.kind] + principal.roles + actions + optional)
            .map { $0.map { ByteKey($0) } }
    }

    /// The place of the audit stage in an event's life, nil when the decision has none.
    public var stageRank: Int? {
        guard source.format == "kubernetes", case .object(let attributes) = extras["attrs"],
            case .string(let stage) = attributes["stage"]
        else { return nil }
        return ["ResponseStarted", "ResponseComplete", "Panic"].firstIndex(of: stage)
    }
}
