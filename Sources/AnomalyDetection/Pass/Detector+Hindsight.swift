import Decisions
import VectorStores

extension Detector {
    /// Scores a decision that is part of the past by all the rest of it, later decisions included; counts nothing.
    ///
    /// For what nobody could judge when it came. `novelty` must leave the decision itself out.
    func hindsight(_ decision: Decision, storedID: String, novelty: Novelty?) -> Assessment? {
        tenantDetector(decision.tenant)?.hindsight(
            decision, storedID: storedID, novelty: novelty,
            lessons: lessons.lessons(of: decision.tenant), configuration: configuration)
    }

    /// Whether hindsight may still flag a decision, however far from all others it is; costs no search.
    func mayBeFlagged(_ decision: Decision) -> Bool {
        let farthest = Novelty(meanSimilarity: -1, nearestSimilarity: -1, nearestID: nil, identicalRows: 0)
        return hindsight(decision, storedID: decision.id, novelty: farthest)?.scored.anomalous ?? false
    }
}

extension TenantDetector {
    fileprivate func hindsight(
        _ decision: Decision, storedID: String, novelty: Novelty?, lessons: TenantLessons?,
        configuration: DetectorConfiguration
    ) -> Assessment {
        let prior = prior(of: decision, configuration: configuration).leavingOneOut
        let counted = reading(of: prior, novelty: novelty)
        // Asking may make the window's histogram: in a copy.
        var past = self
        let judgement = past.judgement(
            of: decision, prior: prior, counted, novelty: novelty, lessons: lessons,
            configuration: configuration)
        return assessment(
            of: decision, storedID: storedID, judgement, novelty: novelty, configuration: configuration)
    }
}

extension PriorCounts {
    /// The counts as they would be without one decision that is among them.
    fileprivate var leavingOneOut: PriorCounts {
        func less(_ count: UInt32) -> UInt32 { count == 0 ? 0 : count - 1 }
        var counts = self
        counts.decisions = less(decisions)
        counts.principal = less(principal)
        counts.kind = less(kind)
        counts.principalKind = less(principalKind)
        counts.principalEffect = less(principalEffect)
        counts.principalScope = less(principalScope)
        counts.address = less(address)
        counts.principalAddress = less(principalAddress)
        counts.principalHour = less(principalHour)
        if counts.principalKind == 0, principalKind > 0 { counts.kindPrincipals = less(kindPrincipals) }
        counts.action.action = less(action.action)
        counts.action.principalAction = less(action.principalAction)
        counts.action.kindAction = less(action.kindAction)
        counts.action.actionEffect = less(action.actionEffect)
        counts.action.whole = less(action.whole)
        return counts
    }
}
