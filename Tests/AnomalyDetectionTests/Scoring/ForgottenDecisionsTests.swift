import Decisions
import Testing
import VectorStores

@testable import AnomalyDetection

@Suite struct ForgottenDecisionsTests {
    /// Only what no decision can be taken out of again: sizes of tables, the clock, and who else came to a kind.
    private static func comparable(_ prior: PriorCounts) -> PriorCounts {
        var prior = prior
        prior.decisions = 0
        prior.distinctActions = 0
        prior.distinctKinds = 0
        prior.distinctScopes = 0
        prior.kindNewestPrincipal = 0
        prior.kindPrincipals = 0
        return prior
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func `what is forgotten is counted nowhere, as if it had never come`(seed: UInt64) throws {
        var mixture = PreviewTests.Mixture(seed: seed)
        let configuration = DetectorConfiguration()
        var past = TenantDetector(tenant: "acme", configuration: configuration)
        func ingest(_ decision: Decision) {
            _ = past.ingest(decision, storedID: "s", novelty: nil, configuration: configuration)
        }
        for _ in 0..<400 { ingest(mixture.next()) }
        let before = past
        let others = (0..<40).map { _ in mixture.next() }
        for other in others { ingest(other) }
        var changed = 0
        for decision in others + (0..<40).map({ _ in mixture.next() }) {
            let was = before.prior(of: decision, configuration: configuration)
            let now = past.prior(
                of: decision, configuration: configuration,
                forgetting: ForgottenDecisions(others, of: decision))
            #expect(Self.comparable(now) == Self.comparable(was))
            if past.prior(of: decision, configuration: configuration).kind != was.kind { changed += 1 }
        }
        // Otherwise nothing would have been taken out.
        #expect(changed > 20)
    }

    @Test func `more than was counted takes nothing below zero`() {
        var traffic = Traffic(seed: 4)
        let configuration = DetectorConfiguration()
        var past = TenantDetector(tenant: "acme", configuration: configuration)
        let decision = traffic.make("mallory", "drop", "secrets", id: "db")
        _ = past.ingest(decision, storedID: "s", novelty: nil, configuration: configuration)
        let prior = past.prior(
            of: decision, configuration: configuration,
            forgetting: ForgottenDecisions([decision, decision, decision], of: decision))
        #expect(prior.principal == 0 && prior.principalKind == 0 && prior.action.whole == 0)
        #expect(prior.kindPrincipals == 0)
    }

    @Test func `an attack that repeated itself is as strange without its own decisions as the first`() {
        var traffic = Traffic(seed: 6)
        var detector = DetectorTests.trained(&traffic)
        let attack = (0..<30).map { traffic.make("svc-deploy", "get", "secrets", id: "db-\($0)") }
        let first = detector.preview(attack[0], novelty: DetectorTests.far).scored
        for decision in attack { _ = detector.ingest(decision, novelty: DetectorTests.far) }
        let plain = detector.preview(attack[0], novelty: DetectorTests.far).scored
        let without = detector.preview(attack[0], novelty: DetectorTests.far, forgetting: attack).scored
        #expect(first.anomalous && plain.score < first.score - 0.05)
        #expect(abs(without.score - first.score) < 0.03)
    }
}
