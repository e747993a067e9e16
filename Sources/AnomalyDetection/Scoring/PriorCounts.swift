/// What a tenant had counted of a decision's parts before that decision.
struct PriorCounts: Sendable, Hashable {
    /// Decisions of the tenant.
    var decisions: UInt32 = 0
    /// Decisions of the principal.
    var principal: UInt32 = 0
    /// Decisions on the kind.
    var kind: UInt32 = 0
    /// Decisions of the principal on the kind.
    var principalKind: UInt32 = 0
    /// Decisions of the principal with the effect.
    var principalEffect: UInt32 = 0
    /// Decisions of the principal in the scope.
    var principalScope: UInt32 = 0
    /// Decisions from the source address.
    var address: UInt32 = 0
    /// Decisions of the principal from the source address.
    var principalAddress: UInt32 = 0
    /// Decisions of the principal in the hour of the day.
    var principalHour: UInt32 = 0
    /// Principals that were seen on the kind.
    var kindPrincipals: UInt32 = 0
    /// When a principal was first seen on the kind for the last time, in seconds since 1970.
    var kindNewestPrincipal: Int64 = 0
    /// The action with the strangest counts.
    var action = ActionCounts()
    /// How many different actions, kinds and scopes there were.
    var distinctActions = 0
    /// How many different kinds there were.
    var distinctKinds = 0
    /// How many different scopes there were.
    var distinctScopes = 0

    /// The counts that depend on one action.
    struct ActionCounts: Sendable, Hashable {
        /// Which of the decision's actions.
        var index = 0
        /// Decisions with the action.
        var action: UInt32 = 0
        /// Decisions of the principal with the action.
        var principalAction: UInt32 = 0
        /// Decisions with the action on the kind.
        var kindAction: UInt32 = 0
        /// Decisions with the action and the effect.
        var actionEffect: UInt32 = 0
        /// Decisions of the principal with the action, kind and effect.
        var whole: UInt32 = 0
    }
}
