import Decisions
import Testing
import VectorStores

@testable import AnomalyDetection

@Suite struct ReasonsTests {
    static let channels = ScoredDecision.Channels(distance: 0.9946, rarity: 0.5, firstSeen: 0.5)

    static func decision() -> Decision {
        var traffic = Traffic(seed: 1)
        return traffic.make("svc-deploy", "get", "secrets", id: "db")
    }

    static func words(
        _ prior: PriorCounts, _ decision: Decision = ReasonsTests.decision(), novelty: Novelty? = nil,
        channels: ScoredDecision.Channels = ReasonsTests.channels
    ) -> [String] {
        var configuration = DetectorConfiguration()
        configuration.maximumReasons = 20
        return Reasons(
            decision: decision, prior: prior, channels: channels, novelty: novelty,
            configuration: configuration
        ).words
    }

    /// A principal that does all day what it is about to do.
    static var usual: PriorCounts {
        var prior = PriorCounts()
        prior.decisions = 1_000
        prior.principal = 214
        prior.kind = 300
        prior.principalKind = 200
        prior.principalEffect = 214
        prior.principalScope = 214
        prior.principalHour = 10
        prior.kindPrincipals = 3
        prior.distinctKinds = 10
        prior.distinctActions = 5
        prior.distinctScopes = 2
        prior.action.action = 500
        prior.action.principalAction = 150
        prior.action.kindAction = 120
        prior.action.actionEffect = 400
        prior.action.whole = 80
        return prior
    }

    @Test func `nothing is told of what is usual but the channel that stands out`() {
        #expect(Self.words(Self.usual) == ["distance higher than 99.4 % of the past"])
    }

    @Test func `a kind the principal never touched is told with who did`() {
        var prior = Self.usual
        prior.principalKind = 0
        prior.kindNewestPrincipal = Self.decision().time.seconds - 41 * 86_400
        let words = Self.words(prior)
        #expect(words.first == "svc-deploy: 214 past decisions, none on secrets")
        #expect(words.contains("secrets in acme: 3 principals ever, last new one 41 days ago"))
    }

    @Test func `a kind seldom touched is told with how often`() {
        var prior = Self.usual
        prior.principalKind = 1
        prior.principal = 5_000
        #expect(Self.words(prior).contains("svc-deploy: 5,000 past decisions, 1 on secrets"))
    }

    @Test func `the strongest fact of a principal stands alone, the others in one reason`() {
        var prior = Self.usual
        prior.action.principalAction = 0
        prior.principalEffect = 0
        prior.principalScope = 0
        prior.principalHour = 0
        let words = Self.words(prior)
        #expect(words.first == "svc-deploy: 214 past decisions, none of get")
        #expect(words.contains("svc-deploy: also none with effect allow, none in scope eu"))
        #expect(words.contains { $0.hasPrefix("svc-deploy: never active at") })
        prior.principalKind = 0
        #expect(
            Self.words(prior).contains(
                "svc-deploy: also none of get, none with effect allow, none in scope eu"))
        prior = Self.usual
        prior.action.principalAction = 1
        prior.principal = 5_000
        #expect(Self.words(prior).contains("svc-deploy: 5,000 past decisions, 1 of get"))
    }

    @Test func `of a new principal it is said that it is new, and what it did not do so far`() {
        var prior = Self.usual
        prior.principal = 7
        prior.principalKind = 0
        prior.action.principalAction = 0
        let words = Self.words(prior)
        #expect(words.first == "new principal: 7 past decisions")
        #expect(words.contains("svc-deploy: none on secrets, none of get so far"))
    }

    @Test func `a new combination of known parts is told`() {
        var prior = Self.usual
        prior.action.whole = 0
        #expect(Self.words(prior).contains("first get on secrets with effect allow for svc-deploy"))
        prior.action.kindAction = 0
        #expect(
            Self.words(prior).contains(
                "first time this action on this kind in the tenant: get on secrets"))
        prior.action.action = 0
        #expect(Self.words(prior).contains("get: never seen in acme"))
        prior.kind = 0
        #expect(Self.words(prior).contains("secrets: never seen in acme"))
    }

    @Test func `addresses are told as new to the tenant or to the principal`() {
        var decision = Self.decision()
        decision.source.ip = "203.0.113.7"
        var prior = Self.usual
        #expect(Self.words(prior, decision).contains("source 203.0.113.7: never seen"))
        prior.address = 4
        #expect(Self.words(prior, decision).contains("svc-deploy: first time from 203.0.113.7"))
        prior.principalAddress = 2
        #expect(!Self.words(prior, decision).contains { $0.contains("203.0.113.7") })
    }

    @Test func `the nearest past decision is told when it is not near`() {
        #expect(Self.words(Self.usual, novelty: DetectorTests.far).contains("nearest past decision cos .46"))
        #expect(!Self.words(Self.usual, novelty: DetectorTests.near).contains { $0.contains("cos") })
        let none = Novelty(meanSimilarity: 0, nearestSimilarity: 0, nearestID: nil, identicalRows: 0)
        #expect(Self.words(Self.usual, novelty: none).contains("no past decision is like it"))
    }

    @Test func `a decision without a tenant names the log`() {
        var decision = Self.decision()
        decision.tenant = ""
        var prior = Self.usual
        prior.kind = 0
        #expect(Self.words(prior, decision).contains("secrets: never seen in the log"))
    }

    @Test func `long names are cut`() {
        let name = String(repeating: "x", count: 500)
        #expect(Reasons.short(name).count == Reasons.maximumNameCharacters + 1)
        #expect(Reasons.short("short") == "short")
    }

    @Test(arguments: [
        (0.46, ".46"), (0.05, ".05"), (1.0, "1.00"), (-0.12, "-.12"), (0.999, "1.00"), (0.0, ".00"),
    ])
    func `cosines have two digits`(value: Double, text: String) {
        #expect(Reasons.hundredths(value) == text)
    }

    @Test(
        arguments: [
            (-5, "0 s ago"), (30, "30 s ago"), (600, "10 min ago"), (7_200, "2 h ago"),
            (86_400 * 41, "41 days ago"),
        ] as [(Int64, String)])
    func `ages are told in the unit that fits`(seconds: Int64, text: String) {
        #expect(Reasons.ago(seconds) == text)
    }
}

@Suite struct SeverityScaleTests {
    let scale = SeverityScale()

    @Test(arguments: [
        "secrets", "core/secrets", "pods/exec", "rbac.authorization.k8s.io/rolebindings", "iam:user",
        "kms:key",
        "iam:CreateAccessKey", "cloudtrail:trail", "policies", "payroll", "serviceaccounts/token",
        "users/impersonate",
    ])
    func `sensitive names are known`(name: String) {
        #expect(scale.hasSensitiveWord(name))
    }

    @Test(arguments: ["pods", "executions", "monkeys", "invoice", "configmaps", "", "keyboard"])
    func `names that only look alike are not sensitive`(name: String) {
        #expect(!scale.hasSensitiveWord(name))
    }

    @Test func `allowed sensitive things are worse than denied ones and than the harmless`() {
        var traffic = Traffic(seed: 1)
        let cases: [(String, String, Effect, Double, Incident.Severity)] = [
            ("read", "secrets", .allow, 0.99, .critical), ("read", "secrets", .allow, 0.9, .high),
            ("read", "secrets", .deny, 0.99, .high), ("read", "secrets", .deny, 0.9, .medium),
            ("read", "invoice", .allow, 0.99, .medium), ("read", "invoice", .allow, 0.9, .low),
            ("read", "invoice", .deny, 0.99, .low), ("export", "invoice", .conditional, 0.99, .critical),
        ]
        for (action, kind, effect, score, severity) in cases {
            let decision = traffic.make("alice", action, kind, effect: effect)
            #expect(scale.severity(of: decision, score: score) == severity)
        }
    }

    @Test func `of a new principal strangeness says less`() {
        var traffic = Traffic(seed: 1)
        let decision = traffic.make("alice", "read", "secrets")
        #expect(scale.severity(of: decision, score: 0.99, isNewPrincipal: true) == .high)
        #expect(scale.severity(of: decision, score: 0.9, isNewPrincipal: true) == .medium)
    }

    @Test func `words are split at marks and capitals`() {
        #expect(SeverityScale.words(of: "iam:CreateAccessKey2") == ["iam", "create", "access", "key2"])
        #expect(SeverityScale.words(of: "a/b_c") == ["a", "b", "c"])
    }
}
