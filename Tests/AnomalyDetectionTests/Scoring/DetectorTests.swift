import Decisions
import Testing
import VectorStores

@testable import AnomalyDetection

@Suite struct DetectorTests {
    static let near = Novelty(
        meanSimilarity: 1, nearestSimilarity: 1, nearestID: "before", identicalRows: 10)
    static let far = Novelty(
        meanSimilarity: 0.3, nearestSimilarity: 0.46, nearestID: "before", identicalRows: 0)

    /// A detector that has seen ordinary traffic.
    static func trained(
        _ traffic: inout Traffic, decisions: Int = 1_200,
        configuration: DetectorConfiguration = DetectorConfiguration()
    ) -> Detector {
        var detector = Detector(configuration: configuration)
        for decision in traffic.next(decisions) { _ = detector.ingest(decision, novelty: near) }
        return detector
    }

    @Test func `the same decisions give the same scores`() {
        func run() -> [Assessment] {
            var traffic = Traffic(seed: 1)
            var detector = Detector()
            return traffic.next(300).map { detector.ingest($0, novelty: Self.near) }
        }
        let first = run()
        #expect(first == run())
        #expect(first.allSatisfy { (0...1).contains($0.scored.score) })
    }

    @Test func `a tenant learns by count only and flags nothing before`() {
        var traffic = Traffic(seed: 2)
        var detector = Detector()
        for (index, decision) in traffic.next(999).enumerated() {
            let strange = index % 100 == 99
            let scored = detector.ingest(decision, novelty: strange ? Self.far : Self.near).scored
            #expect(scored.state == .learning && !scored.anomalous && scored.why.isEmpty)
        }
        let last = detector.ingest(traffic.make("mallory", "drop", "secrets"), novelty: Self.far)
        #expect(last.scored.state == .learning)
        #expect(!last.scored.anomalous && last.past == nil)
        let judged = detector.ingest(traffic.make("oscar", "wipe", "vault"), novelty: Self.far)
        #expect(judged.scored.state == .scored)
        #expect(judged.scored.anomalous)
        #expect(detector.decisions(ofTenant: "acme") == 1_001)
        #expect(detector.anomalies(ofTenant: "acme") == 1)
    }

    @Test func `what was never done is flagged and told, the strongest reason first`() {
        var traffic = Traffic(seed: 3)
        var detector = Self.trained(&traffic)
        var decision = traffic.make("svc-deploy", "get", "secrets", id: "db")
        decision.source.ip = "203.0.113.7"
        let assessment = detector.ingest(decision, storedID: "stored", novelty: Self.far)
        #expect(assessment.scored.anomalous)
        #expect(assessment.scored.id == "stored")
        #expect(assessment.scored.score > 0.98)
        #expect(assessment.scored.why.first?.hasPrefix("svc-deploy: ") == true)
        #expect(assessment.scored.why.first?.hasSuffix("past decisions, none on secrets") == true)
        #expect(assessment.scored.why.contains("secrets: never seen in acme"))
        #expect(assessment.scored.why.count <= 6)
        let counters = assessment.past?.counters ?? []
        #expect(counters.contains("source 203.0.113.7: never seen"))
        #expect(assessment.past?.principalHours.reduce(0, +) == assessment.past?.principalPast)
        #expect((assessment.past?.principalPast ?? 0) > 100)
    }

    @Test func `ordinary traffic is seldom flagged`() {
        var traffic = Traffic(seed: 4)
        var detector = Self.trained(&traffic)
        let flagged = traffic.next(2_000).count { detector.ingest($0, novelty: Self.near).scored.anomalous }
        #expect(flagged < 100)
    }

    @Test func `nothing below the least score is flagged, however ordinary the rest`() {
        var traffic = Traffic(seed: 12)
        var configuration = DetectorConfiguration()
        configuration.minimumScore = 1
        var detector = Self.trained(&traffic, configuration: configuration)
        let strange = detector.ingest(traffic.make("svc-deploy", "get", "secrets"), novelty: Self.far)
        #expect(strange.scored.score > 0.98 && !strange.scored.anomalous)
        #expect(strange.isUnfamiliar)
    }

    @Test func `a principal is at home on a kind after many decisions`() {
        var traffic = Traffic(seed: 13)
        var detector = Detector()
        for number in 0..<150 {
            let assessment = detector.ingest(traffic.make("alice", "read", "report"), novelty: nil)
            #expect(assessment.isUnfamiliar == (number < 100))
        }
    }

    @Test func `a principal with a short past is scored and called new`() {
        var traffic = Traffic(seed: 5)
        var detector = Self.trained(&traffic)
        let first = detector.ingest(traffic.make("newcomer", "read", "report"), novelty: Self.far)
        #expect(first.scored.state == .scored && first.scored.anomalous)
        #expect(first.scored.why.contains("new principal: 0 past decisions"))
        let second = detector.ingest(traffic.make("newcomer", "erase", "invoice"), novelty: Self.far)
        #expect(second.scored.why.contains("new principal: 1 past decision"))
    }

    @Test func `tenants know nothing of each other`() {
        var one = Traffic(seed: 6, tenant: "acme")
        var other = Traffic(seed: 7, tenant: "globex")
        var together = Detector()
        var alone = Detector()
        for _ in 0..<400 {
            let decision = one.next()
            let crowded = together.ingest(decision, novelty: Self.near)
            let expected = alone.ingest(decision, novelty: Self.near)
            #expect(crowded == expected)
            _ = together.ingest(other.next(), novelty: Self.far)
        }
        #expect(together.tenantNames == ["acme", "globex"])
        #expect(together.decisions(ofTenant: "nobody") == 0)
        #expect(together.anomalies(ofTenant: "nobody") == 0)
    }

    @Test func `without a measured distance the counting channels decide`() {
        var traffic = Traffic(seed: 8)
        var detector = Self.trained(&traffic)
        let scored = detector.ingest(traffic.make("svc-build", "delete", "secrets"), novelty: nil).scored
        #expect(scored.channels.distance == 0)
        #expect(scored.score == (scored.channels.rarity + scored.channels.firstSeen) / 2)
        #expect(scored.anomalous)
    }

    @Test func `of several actions the strangest stands for the decision`() {
        var traffic = Traffic(seed: 9)
        var detector = Self.trained(&traffic)
        var usual = traffic.make("alice", "read", "invoice")
        usual.actions = ["read", "update"]
        var strange = traffic.make("alice", "read", "invoice")
        strange.actions = ["read", "purge"]
        var copy = detector
        let usualScore = copy.ingest(usual, novelty: Self.near).scored.channels.rarity
        let strangeAssessment = detector.ingest(strange, novelty: Self.far)
        #expect(strangeAssessment.scored.channels.rarity > usualScore)
        #expect(strangeAssessment.scored.why.contains { $0.contains("purge") })
    }

    @Test func `a decision without actions is scored like any other`() {
        var traffic = Traffic(seed: 10)
        var detector = Self.trained(&traffic)
        var decision = traffic.make("alice", "read", "secrets")
        decision.actions = []
        let scored = detector.ingest(decision, novelty: Self.far).scored
        #expect((0...1).contains(scored.score))
    }

    @Test func `times before 1970 have their hour of the day`() {
        #expect(TenantDetector.hour(of: Timestamp(seconds: -1)) == 23)
        #expect(TenantDetector.hour(of: Timestamp(seconds: -86_400)) == 0)
        #expect(TenantDetector.hour(of: Timestamp(seconds: 3_600 * 5)) == 5)
    }
}

@Suite struct DetectorLimitTests {
    @Test func `of too many tenants one that was idle learns anew`() {
        var configuration = DetectorConfiguration()
        configuration.maximumTenants = 3
        var detector = Detector(configuration: configuration)
        for round in 0..<20 {
            var traffic = Traffic(seed: UInt64(round), tenant: "tenant-\(round)")
            _ = detector.ingest(traffic.next(), novelty: nil)
            #expect(detector.tenantNames.count <= 3)
            #expect(detector.decisions(ofTenant: "tenant-\(round)") == 1)
        }
    }

    @Test func `a flood of principals leaves the memory and habits stay`() {
        var configuration = DetectorConfiguration()
        configuration.maximumNames = 200
        var detector = Detector(configuration: configuration)
        var traffic = Traffic(seed: 1)
        for decision in traffic.next(1_500) { _ = detector.ingest(decision, novelty: nil) }
        for number in 0..<2_000 {
            _ = detector.ingest(traffic.make("flood-\(number)", "read", "report"), novelty: nil)
        }
        let tenant = detector.tenantDetector("acme")
        #expect((tenant?.principals.distinct ?? 0) <= 200)
        let habit = detector.ingest(
            traffic.make("svc-deploy", "read", "deploy", id: "deploy-1"), novelty: nil)
        let novelty = detector.ingest(traffic.make("svc-deploy", "erase", "invoice"), novelty: nil)
        #expect(habit.scored.score < novelty.scored.score)
    }

    @Test func `too many counters over all tenants age the large ones`() {
        var configuration = DetectorConfiguration()
        configuration.maximumCounters = 2_000
        var detector = Detector(configuration: configuration)
        var small = Traffic(seed: 1, tenant: "small")
        for decision in small.next(50) { _ = detector.ingest(decision, novelty: nil) }
        let before = detector.tenantDetector("small")
        var large = Traffic(seed: 2, tenant: "large")
        for number in 0..<1_500 {
            _ = detector.ingest(large.make("p-\(number)", "read", "kind-\(number)"), novelty: nil)
        }
        #expect(detector.tenantDetector("small") == before)
        #expect((detector.tenantDetector("large")?.footprint ?? .max) < 4_000)
    }

    @Test func `aging keeps every family of counters`() {
        var tenant = TenantDetector(tenant: "acme", configuration: DetectorConfiguration())
        var traffic = Traffic(seed: 1)
        var decision = traffic.make("alice", "read", "report", id: "r", effect: .deny)
        decision.source.ip = "10.0.0.1"
        for _ in 0..<8 { _ = tenant.count(decision, configuration: DetectorConfiguration()) }
        _ = tenant.count(traffic.make("once", "peek", "odd"), configuration: DetectorConfiguration())
        tenant.age()
        #expect(tenant.principals.names == ["alice"])
        let prior = tenant.count(decision, configuration: DetectorConfiguration())
        #expect(prior.principal == 4 && prior.kind == 4 && prior.principalKind == 4)
        #expect(prior.principalEffect == 4 && prior.principalScope == 4 && prior.principalHour == 4)
        #expect(prior.address == 4 && prior.principalAddress == 4)
        #expect(prior.action.action == 4 && prior.action.principalAction == 4)
        #expect(prior.action.kindAction == 4 && prior.action.actionEffect == 4 && prior.action.whole == 4)
        #expect(prior.kindPrincipals == 1)
    }

    @Test func `names past the limit look unseen and are not counted`() {
        var configuration = DetectorConfiguration()
        configuration.maximumNames = 1
        var tenant = TenantDetector(tenant: "acme", configuration: configuration)
        var traffic = Traffic(seed: 1)
        for _ in 0..<5 {
            _ = tenant.count(traffic.make("alice", "read", "report"), configuration: configuration)
        }
        for _ in 0..<3 {
            let prior = tenant.count(traffic.make("bob", "write", "vault"), configuration: configuration)
            #expect(prior.principal == 0 && prior.kind == 0 && prior.principalKind == 0)
            #expect(prior.action.whole == 0)
        }
        #expect(tenant.isFull(limit: 1))
    }
}
