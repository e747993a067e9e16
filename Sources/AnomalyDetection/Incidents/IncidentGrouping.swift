public import Decisions

/// What of a decision tells stories apart, beside its tenant and its effect, which always do.
public struct IncidentGrouping: Sendable, Hashable {
    /// Whether each principal has a story of its own.
    public var byPrincipal: Bool
    /// Whether each kind of resource has a story of its own.
    public var byKind: Bool

    /// Creates a grouping; by principal and kind unless said otherwise.
    public init(byPrincipal: Bool = true, byKind: Bool = true) {
        self.byPrincipal = byPrincipal
        self.byKind = byKind
    }

    /// What makes a decision the same story as others; what is not told apart is ``IncidentBook/burstName``.
    public func key(of decision: Decision) -> Incident.Key {
        Incident.Key(
            tenant: decision.tenant,
            principal: byPrincipal ? decision.principal.id : IncidentBook.burstName,
            kind: byKind ? decision.resource.kind : IncidentBook.burstName, effect: decision.effect)
    }
}
