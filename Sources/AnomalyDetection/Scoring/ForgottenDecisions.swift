import Decisions

/// Decisions that are taken out of the past again, as far as they were counted with a decision that is scored.
///
/// What an incident did is part of the past by now. Whoever asks what of it was strange asks without it.
struct ForgottenDecisions {
    /// What one of them has in common with the decision that is scored.
    private struct Common {
        var principal: Bool
        var kind: Bool
        var effect: Bool
        var scope: Bool
        var hour: Bool
        var address: Bool
        /// Its actions as they were counted, one that is named twice twice.
        var actions: [ByteKey]
    }

    private let others: [Common]

    /// Compares decisions of one tenant with the one that is scored.
    init(_ others: [Decision], of decision: Decision) {
        let principal = NameTable.key(of: decision.principal.id)
        let kind = NameTable.key(of: decision.resource.kind)
        let scope = NameTable.key(of: decision.resource.scope ?? "")
        let address = decision.source.ip.map { NameTable.key(of: $0) }
        let hour = TenantDetector.hour(of: decision.time)
        self.others = others.map { other in
            Common(
                principal: NameTable.key(of: other.principal.id) == principal,
                kind: NameTable.key(of: other.resource.kind) == kind, effect: other.effect == decision.effect,
                scope: NameTable.key(of: other.resource.scope ?? "") == scope,
                hour: TenantDetector.hour(of: other.time) == hour,
                address: address != nil && other.source.ip.map { NameTable.key(of: $0) } == address,
                actions: other.actions.prefix(TenantDetector.maximumActions).map { NameTable.key(of: $0) })
        }
    }

    /// Takes them out of the counts that depend on no action.
    func leave(_ prior: inout PriorCounts) {
        let wasAtHome = prior.principalKind > 0
        for other in others {
            Self.take(1, from: &prior.principal, where: other.principal)
            Self.take(1, from: &prior.kind, where: other.kind)
            Self.take(1, from: &prior.principalKind, where: other.principal && other.kind)
            Self.take(1, from: &prior.principalEffect, where: other.principal && other.effect)
            Self.take(1, from: &prior.principalScope, where: other.principal && other.scope)
            Self.take(1, from: &prior.principalHour, where: other.principal && other.hour)
            Self.take(1, from: &prior.address, where: other.address)
            Self.take(1, from: &prior.principalAddress, where: other.principal && other.address)
        }
        if wasAtHome, prior.principalKind == 0, prior.kindPrincipals > 0 { prior.kindPrincipals -= 1 }
    }

    /// Takes them out of the counts of one action.
    func leave(_ counts: inout PriorCounts.ActionCounts, ofAction name: String) {
        let action = NameTable.key(of: name)
        for other in others {
            let times = UInt32(other.actions.count { $0 == action })
            guard times > 0 else { continue }
            Self.take(times, from: &counts.action, where: true)
            Self.take(times, from: &counts.principalAction, where: other.principal)
            Self.take(times, from: &counts.kindAction, where: other.kind)
            Self.take(times, from: &counts.actionEffect, where: other.effect)
            Self.take(times, from: &counts.whole, where: other.principal && other.kind && other.effect)
        }
    }

    /// Aging may have halved what was counted: nothing goes below zero.
    private static func take(_ times: UInt32, from count: inout UInt32, where isCommon: Bool) {
        if isCommon { count -= min(count, times) }
    }
}
