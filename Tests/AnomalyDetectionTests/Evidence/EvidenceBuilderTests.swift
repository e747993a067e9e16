import Decisions
import Testing
import VectorStores

@testable import AnomalyDetection

@Suite struct EvidenceBuilderTests {
    /// A store with some past, and a strange decision inserted after it.
    struct Scene {
        let store = PlainStore()
        var traffic = Traffic(seed: 1)
        var entry: Entry
        var novelty: Novelty?
        let context = PastContext(
            counters: ["svc-deploy: 214 past decisions, none on secrets"],
            principalHours: Array(repeating: 3, count: 24), principalPast: 214)

        init() async throws {
            let past = traffic.next(60) + [traffic.make("vault-agent", "get", "secrets", id: "db")]
            _ = try await store.insert(past.map(Entry.init))
            var other = Traffic(seed: 2, tenant: "globex")
            _ = try await store.insert([Entry(other.make("svc-deploy", "get", "secrets", id: "db"))])
            entry = Entry(traffic.make("svc-deploy", "get", "secrets", id: "db"))
            let report = try await store.insert([entry])
            novelty = report.outcomes[0].novelty
        }

        func assessment(_ past: PastContext?) -> Assessment {
            Assessment(
                scored: ScoredDecision(
                    id: entry.decision.id, time: entry.decision.time, tenant: entry.decision.tenant,
                    score: 0.99, state: .scored, anomalous: true, why: [], channels: ReasonsTests.channels),
                past: past)
        }

        func evidence(notYetPast: Set<String> = []) async throws -> Evidence {
            try await EvidenceBuilder(store: store).evidence(
                for: entry, assessment: assessment(context), novelty: novelty, notYetPast: notYetPast)
        }
    }

    @Test func `the nearest past decisions are of the same tenant and name what differs`() async throws {
        let scene = try await Scene()
        let evidence = try await scene.evidence()
        let nearest = try #require(evidence.nearest)
        #expect(nearest.decision.principal.id == "vault-agent")
        #expect(nearest.decision.tenant == "acme")
        #expect(nearest.differs == ["principal"])
        #expect(nearest.similarity > 0.3 && nearest.similarity < 1)
        let own = try #require(evidence.nearestOwn)
        #expect(own.decision.principal.id == "svc-deploy" && own.decision.id != scene.entry.decision.id)
        #expect(own.differs.contains("kind") && own.differs.contains("source"))
        #expect(evidence.counters == scene.context.counters)
        #expect(evidence.principalPast == 214 && evidence.principalHours == scene.context.principalHours)
    }

    @Test func `what came with or after the decision is no past`() async throws {
        var scene = try await Scene()
        let before = try await scene.evidence()
        let later = (0..<5).map { _ in Entry(scene.traffic.make("svc-deploy", "get", "secrets", id: "db")) }
        _ = try await scene.store.insert(later)
        let named = try await scene.evidence(notYetPast: Set(later.map(\.decision.id)))
        #expect(named == before)
        // Even unnamed, what is more similar than anything was at the insert cannot be past.
        #expect(try await scene.evidence() == before)
    }

    @Test func `a principal without past has no nearest of its own`() async throws {
        let scene = try await Scene()
        var context = scene.context
        context.principalPast = 0
        let evidence = try await EvidenceBuilder(store: scene.store).evidence(
            for: scene.entry, assessment: scene.assessment(context), novelty: scene.novelty, notYetPast: [])
        #expect(evidence.nearestOwn == nil && evidence.nearest != nil)
    }

    @Test func `an empty past leaves every token novel`() async throws {
        let store = PlainStore()
        var traffic = Traffic(seed: 3)
        let entry = Entry(traffic.next())
        _ = try await store.insert([entry])
        let scored = ScoredDecision(
            id: entry.decision.id, time: entry.decision.time, tenant: "acme", score: 1, state: .scored,
            anomalous: true, why: [], channels: ReasonsTests.channels)
        let evidence = try await EvidenceBuilder(store: store).evidence(
            for: entry, assessment: Assessment(scored: scored, past: nil), novelty: nil, notYetPast: [])
        #expect(evidence.nearest == nil)
        #expect(evidence.novelTokens.count == EvidenceBuilder.maximumTokens)
    }

    @Test func `novel tokens are those no neighbour has, with their share of the squared weight`() {
        var traffic = Traffic(seed: 4)
        let decision = traffic.make("svc-deploy", "get", "secrets", id: "db")
        var neighbour = decision
        neighbour.principal = Principal(id: "vault-agent", roles: ["staff"])
        let tokens = DecisionEmbedder().tokens(of: decision)
        let shares = EvidenceBuilder.novelTokens(of: decision, against: [neighbour])
        #expect(shares.map(\.token).contains("principal × action × kind = svc-deploy × get × secrets"))
        #expect(!shares.map(\.token).contains("kind = secrets"))
        #expect(shares.map(\.share) == shares.map(\.share).sorted(by: >))
        let total = Double(tokens.reduce(0) { $0 + $1.weight * $1.weight })
        let novel = tokens.filter { $0.value.contains("svc-deploy") }
        let expected = Double(novel.reduce(0) { $0 + $1.weight * $1.weight }) / total
        #expect(abs(shares.reduce(0) { $0 + $1.share } - expected) < 1e-9)
        #expect(EvidenceBuilder.novelTokens(of: decision, against: [decision]).isEmpty)
    }

    @Test func `differences are named in the order of the native line`() {
        var traffic = Traffic(seed: 5)
        let left = traffic.make("alice", "read", "invoice", id: "1")
        var right = left
        #expect(EvidenceBuilder.differences(left, right).isEmpty)
        right.id = "other"
        right.time = Timestamp(seconds: 0)
        right.durationNanoseconds = 5
        #expect(EvidenceBuilder.differences(left, right).isEmpty)
        right.principal = Principal(id: "bob", roles: [])
        right.resource = Resource(kind: "report", id: nil, scope: nil)
        right.actions = ["write"]
        right.effect = .deny
        right.outcome = "denied"
        right.policies = ["p"]
        right.source = Source(ip: "10.0.0.9", agent: "curl")
        #expect(
            EvidenceBuilder.differences(left, right) == [
                "principal", "roles", "kind", "id", "scope", "actions", "effect", "outcome", "policies",
                "source", "agent",
            ])
    }

    @Test func `every sort of token has words`() {
        for kind in TokenKind.allCases {
            #expect(!kind.words.isEmpty && kind.words.allSatisfy { !$0.isEmpty })
        }
    }
}
