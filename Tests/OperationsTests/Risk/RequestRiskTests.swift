import AnomalyDetection
import Decisions
import Testing
import VectorStores

@testable import Operations

@Suite struct RequestRiskTests {
    /// A store in which clerks read invoices and are denied payroll.
    static func session(_ count: Int = 1_200) async throws -> Session {
        let session = try await Session()
        let decisions = (0..<count).map { number in
            var decision = Session.decision(number)
            decision.effect = .allow
            if number % 10 == 0 {
                decision.resource = Resource(kind: "payroll", id: "p-\(number % 40)", scope: "eu")
                decision.effect = .deny
                decision.outcome = "denied"
            }
            return decision
        }
        _ = try await session.pipeline.accept(decisions)
        return session
    }

    static func assessor(_ session: Session) -> RiskAssessor {
        RiskAssessor(store: session.store, detection: session.detection)
    }

    static func request(
        _ principal: String = "user-3", _ action: String = "read", _ kind: String = "invoice",
        id: String = "inv-4"
    ) -> Decision {
        Decision(
            id: "?", time: Timestamp(seconds: 1_700_000_000), tenant: "acme",
            principal: Principal(id: principal, roles: ["clerk"]),
            resource: Resource(kind: kind, id: id, scope: "eu"), actions: [action], effect: .allow)
    }

    @Test func `what is allowed every day is low, and what is denied every day is high`() async throws {
        let assessor = try await Self.assessor(Self.session())
        let usual = try await assessor.assess(Self.request())
        #expect(usual.level == .low && usual.answers.denialRate == 0)
        #expect(usual.answers.requests == RiskAssessor.neighbours)
        #expect(usual.privilege.share == 0 && !usual.why.isEmpty)
        let denied = try await assessor.assess(Self.request("user-0", "read", "payroll", id: "p-0"))
        #expect(denied.score > usual.score && denied.level == .high)
        #expect((denied.answers.denialRate ?? 0) > 0.9)
        #expect(denied.why[0].hasPrefix("of the ") && denied.why[0].hasSuffix(" were denied"))
        #expect(denied.why.contains("payroll is sensitive; it only looks"))
    }

    @Test func `what nobody ever did is strange, and changing secrets more than reading them`() async throws {
        let assessor = try await Self.assessor(Self.session())
        let read = try await assessor.assess(Self.request("user-3", "read", "secrets", id: "db"))
        let delete = try await assessor.assess(Self.request("user-3", "delete", "secrets", id: "db"))
        #expect(read.preview.assessment.scored.score > 0.9)
        #expect(delete.score > read.score && delete.level == .high)
        #expect(delete.privilege == RequestRisk.Privilege(sensitive: ["secrets"], isChange: true))
        #expect(delete.why.contains("secrets is sensitive, and it changes something"))
        #expect(delete.why.contains { $0.hasPrefix("stranger than ") })
    }

    @Test func `judging changes nothing, however often`() async throws {
        let session = try await Self.session(300)
        let before = await session.detection.snapshot()
        let first = try await Self.assessor(session).assess(Self.request("mallory", "delete", "secrets"))
        #expect(try await Self.assessor(session).assess(first.request) == first)
        #expect(await session.detection.snapshot() == before)
        #expect(try await session.store.statistics().vectors == 300)
    }

    @Test func `a tenant that is learning or unknown says so, and its strangeness counts nothing`()
        async throws
    {
        let assessor = try await Self.assessor(Self.session(50))
        let learning = try await assessor.assess(Self.request())
        #expect(learning.why.contains { $0.hasPrefix("acme is still learning, 50 of 1,000 decisions") })
        #expect(learning.novelty == 0)
        var elsewhere = Self.request()
        elsewhere.tenant = "globex"
        let unknown = try await assessor.assess(elsewhere)
        #expect(unknown.answers == RequestRisk.PastAnswers())
        #expect(unknown.answers.denialRate == nil && unknown.level == .low)
        #expect(unknown.why.contains("no past request in globex is like it"))
    }

    @Test func `a stored decision is no neighbour of itself`() async throws {
        let session = try await Session()
        var stored = Self.request()
        stored.id = "own"
        _ = try await session.pipeline.accept([stored])
        let risk = try await Self.assessor(session).assess(stored)
        #expect(risk.answers.requests == 0)
        #expect(risk.preview.novelty.nearestID == nil)
    }

    @Test(arguments: [
        (0, 0, 0, 0.0), (25, 25, 0, 25.0 / 27), (1, 1, 0, 1.0 / 3), (10, 0, 10, 0.0), (10, 4, 4, 0.5),
    ])
    func `denials weigh by how many answers there are`(
        requests: Int, denied: Int, conditional: Int, weight: Double
    ) {
        let risk = Self.risk(
            RequestRisk.PastAnswers(requests: requests, denied: denied, conditional: conditional))
        #expect(abs(risk.denial - weight) < 1e-12)
    }

    @Test func `no part lowers what another one says`() {
        let answers = RequestRisk.PastAnswers(requests: 25, denied: 20)
        let plain = Self.risk(answers)
        let strange = Self.risk(answers, score: 0.99)
        let sensitive = Self.risk(answers, score: 0.99, sensitive: ["secrets"], isChange: true)
        #expect(plain.score < strange.score && strange.score < sensitive.score && sensitive.score <= 1)
        #expect(Self.risk(RequestRisk.PastAnswers(), score: 0.5).score == 0)
        #expect(Self.risk(RequestRisk.PastAnswers(), score: 0.2).level == .low)
        #expect(Self.risk(RequestRisk.PastAnswers(), sensitive: ["secrets"], isChange: true).level == .medium)
    }

    static func risk(
        _ answers: RequestRisk.PastAnswers, score: Double = 0.3, sensitive: [String] = [],
        isChange: Bool = false
    ) -> RequestRisk {
        let scored = ScoredDecision(
            id: "?", time: Timestamp(seconds: 0), tenant: "acme", score: score, state: .scored,
            anomalous: false, why: [],
            channels: ScoredDecision.Channels(distance: score, rarity: score, firstSeen: score))
        return RequestRisk(
            request: request(), answers: answers,
            preview: DecisionPreview(
                assessment: Assessment(scored: scored, past: nil),
                novelty: Novelty(
                    meanSimilarity: 0, nearestSimilarity: 0, nearestID: nil, identicalRows: 0),
                severity: .low, past: 2_000, isLive: true),
            privilege: RequestRisk.Privilege(sensitive: sensitive, isChange: isChange),
            warmUpDecisions: 1_000)
    }
}
