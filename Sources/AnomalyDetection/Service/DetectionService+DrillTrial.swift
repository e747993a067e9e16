import Decisions
import VectorStores

/// Where a drill meets what is real: the past of a tenant, its percentiles and threshold, its lessons and rules.
extension DetectionService {
    /// The most tenants that are looked at for one where nothing hides a drill.
    static let maximumTried = 8

    /// What a drill would be in the tenant with the longest past, of those that have learnt enough.
    ///
    /// It is previewed: nothing is counted, stored, filed, hunted or hit. A tenant where a rule or a lesson hides it
    /// is passed over, since that is what somebody wanted. Costs a look at each tenant, a preview and two searches.
    /// For whoever has the turn, in the process that detects.
    public func drillTrial() async throws -> DrillTrial {
        let now = clock()
        var passedOver: [String] = []
        for tenant in detector.busiestTenants(
            Self.maximumTried, having: configuration.detector.warmUpDecisions)
        {
            let decision = drill(in: tenant)
            if let rule = taught.rule(hiding: decision, at: now) {
                passedOver.append("\(DrillTrial.name(of: tenant)), where rule \(rule.id) hides it")
            } else if isHushed(decision) {
                passedOver.append("\(DrillTrial.name(of: tenant)), where a lesson makes it ordinary")
            } else {
                return DrillTrial(
                    tenant: tenant, outcome: try await outcome(of: decision), passedOver: passedOver)
            }
        }
        return DrillTrial(tenant: nil, outcome: .nowhere, passedOver: passedOver)
    }

    private func drill(in tenant: String) -> Decision {
        let made = Decision.drill(inTenant: tenant, onKind: "verdict:drill", at: clock())
        let usual = detector.tenantDetector(tenant)?.usualKinds(for: made, limit: 1).first
        return Decision.drill(inTenant: tenant, onKind: usual ?? made.resource.kind, at: clock())
    }

    private func outcome(of decision: Decision) async throws -> DrillTrial.Outcome {
        let preview = try await preview(decision)
        let assessment = preview.assessment
        guard assessment.scored.anomalous else { return .unflagged(score: assessment.scored.score) }
        let entry = Entry(decision: decision, embedding: DecisionEmbedder().embed(decision))
        let evidence = try await EvidenceBuilder(store: store).evidence(
            for: entry, assessment: assessment, novelty: preview.novelty, notYetPast: [])
        // In a book of its own, by the same rules: that of the store stays as it is.
        var book = IncidentBook(configuration: configuration.incidents)
        let anomaly = Anomaly(decision: decision, scored: assessment.scored, severity: preview.severity)
        guard var incident = book.add(anomaly, evidence: evidence)?.incident else {
            return .unflagged(score: assessment.scored.score)
        }
        incident.id = DrillTrial.incidentID
        return .caught(incident)
    }
}
