import Decisions
import Testing
import VectorStores

@testable import AnomalyDetection

@Suite struct PreviewTests {
    /// Decisions of every sort: habits, newcomers, several actions and the same one twice, long names, no address.
    struct Mixture {
        var random: SplitMix64
        var number = 0

        init(seed: UInt64) {
            random = SplitMix64(seed: seed)
        }

        mutating func next() -> Decision {
            number += 1
            let names = ["read", "update", "list", "delete", "approve-\(number % 37)"]
            let actions = (0..<Int.random(in: 1...4, using: &random)).map { _ in
                names[Int.random(in: 0..<names.count, using: &random)]
            }
            let isNewcomer = Int.random(in: 0..<8, using: &random) == 0
            var decision = Decision(
                id: "m-\(number)", time: Timestamp(seconds: 1_767_600_000 + Int64(number) * 41),
                tenant: Int.random(in: 0..<3, using: &random) == 0 ? "globex" : "acme",
                principal: Principal(
                    id: isNewcomer
                        ? "new-\(number)" : "user-\(Int.random(in: 0..<9, using: &random))"),
                resource: Resource(
                    kind: Int.random(in: 0..<20, using: &random) == 0
                        ? String(repeating: "k", count: 1_500) + "\(number % 3)"
                        : "kind-\(Int.random(in: 0..<7, using: &random))",
                    id: "r", scope: Bool.random(using: &random) ? "eu" : nil),
                actions: actions, effect: Effect.allCases.randomElement(using: &random) ?? .allow)
            if Bool.random(using: &random) {
                decision.source.ip = "10.0.0.\(Int.random(in: 0..<40, using: &random))"
            }
            return decision
        }

        mutating func novelty() -> Novelty? {
            guard Int.random(in: 0..<10, using: &random) > 0 else { return nil }
            let nearest = Float.random(in: 0.2...1, using: &random)
            return Novelty(
                meanSimilarity: nearest * Float.random(in: 0.5...1, using: &random),
                nearestSimilarity: nearest, nearestID: "before", identicalRows: 0)
        }
    }

    @Test(arguments: [(1, 500_000), (2, 25), (3, 5), (4, 500_000)])
    func `a preview is what ingest then gives, to the bit`(seed: UInt64, names: Int) {
        var configuration = DetectorConfiguration()
        configuration.warmUpDecisions = 100
        configuration.minimumScore = 0.6
        configuration.alpha = 0.2
        configuration.thresholdWindow = 150
        configuration.maximumNames = names
        configuration.maximumCounters = 2_000
        var detector = Detector(configuration: configuration)
        var mixture = Mixture(seed: seed)
        var flagged = 0
        for _ in 0..<2_500 {
            let decision = mixture.next()
            let novelty = mixture.novelty()
            let preview = detector.preview(decision, storedID: "s", novelty: novelty)
            let assessment = detector.ingest(decision, storedID: "s", novelty: novelty)
            #expect(preview == assessment)
            if preview != assessment { return }
            if assessment.scored.anomalous { flagged += 1 }
        }
        // Otherwise reasons and hours would never have been compared.
        #expect(flagged > 20)
    }

    @Test func `previewing leaves the past as it is, however often`() {
        var traffic = Traffic(seed: 5)
        var detector = DetectorTests.trained(&traffic)
        let before = detector
        let strange = traffic.make("mallory", "drop", "secrets")
        let first = detector.preview(strange, novelty: DetectorTests.far)
        #expect(first == detector.preview(strange, novelty: DetectorTests.far))
        #expect(first.scored.anomalous && !first.scored.why.isEmpty)
        #expect(detector == before)
        #expect(detector.decisions(ofTenant: "acme") == 1_200)
        #expect(detector.ingest(strange, novelty: DetectorTests.far) == first)
    }

    @Test func `a tenant that is only asked about has no past afterwards`() {
        var configuration = DetectorConfiguration()
        configuration.maximumTenants = 1
        var traffic = Traffic(seed: 6)
        var detector = DetectorTests.trained(&traffic, decisions: 50, configuration: configuration)
        var other = Traffic(seed: 7, tenant: "globex")
        let asked = other.next()
        let preview = detector.preview(asked, novelty: nil)
        #expect(preview.scored.state == .learning && preview.scored.tenant == "globex")
        #expect(detector.tenantNames == ["acme"])
        #expect(detector.ingest(asked, novelty: nil) == preview)
        #expect(detector.tenantNames == ["globex"])
    }
}
