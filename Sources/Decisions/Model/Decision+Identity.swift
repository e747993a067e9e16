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
    /// Lines of one Kubernetes audit event agree when their ``event`` is the same; then the stage decides.
    /// Everything else must be equal.
    public func relation(toStored stored: Decision) -> IdentityRelation {
        switch (stageRank, stored.stageRank) {
        case (nil, nil):
            isSame(as: stored) ? .duplicate : .conflict
        case (let stage?, let storedStage?) where event.isSame(as: stored.event):
            stage > storedStage ? .laterStage : .duplicate
        default:
            .conflict
        }
    }

    /// What every stage of one audit event tells alike: the decision without what a later stage may change.
    ///
    /// A decision without a stage is its own event. An answer that the authorizer annotated belongs to the
    /// event; one that was read from the status code follows the stage.
    public var event: Decision {
        guard stageRank != nil else { return self }
        var event = self
        // The instant counts, not how many digits it was written with.
        event.time = Timestamp(
            seconds: time.seconds, nanoseconds: time.nanoseconds, fractionDigits: 9)
        if !isAnnotated { event.effect = .allow }
        event.outcome = nil
        event.durationNanoseconds = nil
        event.cacheHit = nil
        event.source = Source(format: source.format)
        event.extras = JSONObject()
        event.extras["request"] = extras["request"]
        return event
    }

    /// Whether the authorizer itself wrote its answer into the event.
    private var isAnnotated: Bool {
        guard case .object(let request) = extras["request"] else { return false }
        return request["authorization"] == .string("allow") || request["authorization"] == .string("forbid")
    }

    /// Whether both are the same byte for byte: a name that only looks like another is another's.
    private func isSame(as other: Decision) -> Bool {
        self == other
            && nativeLine(canonical: true).utf8.elementsEqual(other.nativeLine(canonical: true).utf8)
    }

    /// The place of the audit stage in an event's life, nil when the decision has none.
    public var stageRank: Int? {
        guard source.format == "kubernetes", case .object(let attributes) = extras["attrs"],
            case .string(let stage) = attributes["stage"]
        else { return nil }
        return ["ResponseStarted", "ResponseComplete", "Panic"].firstIndex(of: stage)
    }
}

extension Decision {
    /// The most bytes that a tenant's name has: keys of tables hold it whole, beside an identifier.
    package static let longestTenant = 1_000

    /// Why a decision of its tenant cannot be stored; `nil` when it can.
    package var tenantRefusal: String? {
        // A server keeps U+FFFD in place of the zero character: three bytes.
        let length = tenant.utf8.count + tenant.utf8.count { $0 == 0 } * 2
        if length <= Self.longestTenant { return nil }
        return "its tenant's name has \(length) bytes, more than \(Self.longestTenant): give it a shorter one"
    }
}
