import Decisions
import Testing
import VectorStores

@testable import Operations

@Suite struct PolicyTests {
    struct Case {
        var kind: String
        var action: String
        var effect = Effect.allow
        var role = "clerk"
        var count: Int
    }

    static func collect(
        _ policies: [(name: String, cases: [Case])], tenant: String = "acme",
        into collector: inout PolicyCollector
    ) {
        for (name, cases) in policies {
            for one in cases {
                for number in 0..<one.count {
                    var decision = Decision(
                        id: "\(name)-\(one.kind)-\(one.action)-\(number)",
                        time: Timestamp(seconds: 1_700_000_000 + Int64(number) * 977), tenant: tenant,
                        principal: Principal(id: "\(name)-user-\(number % 11)", roles: [one.role]),
                        resource: Resource(kind: one.kind, id: "\(one.kind)-\(number)", scope: "eu"),
                        actions: [one.action], effect: one.effect)
                    decision.policies = name.split(separator: "+").map(String.init)
                    decision.source.ip = "10.0.\(name.count).\(number % 200)"
                    collector.add(decision)
                }
            }
        }
    }

    static func report(_ policies: (name: String, cases: [Case])...) -> PolicyReport {
        var collector = PolicyCollector()
        collect(policies, into: &collector)
        return collector.report()
    }

    static let clerks = [
        Case(kind: "invoice", action: "read", count: 60), Case(kind: "invoice", action: "approve", count: 20),
        Case(kind: "customer", action: "read", count: 20),
    ]

    @Test func `two copies of one policy under two names come first, whoever asked`() throws {
        let report = Self.report(
            ("base", Self.clerks), ("deploy", [Case(kind: "build", action: "start", role: "ops", count: 50)]),
            ("copy", Self.clerks),
            (
                "half",
                [
                    Case(kind: "invoice", action: "read", count: 30),
                    Case(kind: "tax", action: "file", count: 30),
                ]
            ))
        #expect(report.policies.count == 4 && report.decisions == 310)
        let first = try #require(report.pairs.first)
        #expect(Set([first.first.policy, first.second.policy]) == ["base", "copy"])
        #expect(first.similarity > 0.999 && first.isCandidate && first.relation == .same)
        #expect(first.shared > 0.999 && first.onlyFirst.isEmpty && first.onlySecond.isEmpty)
        #expect(first.common[0].pattern.words == "clerk read invoice allow")
        #expect(first.advice == "they decide the same: one policy would do for both")
        #expect(!report.pairs.contains { $0.first.policy == "deploy" || $0.second.policy == "deploy" })
        #expect(report.pairs.dropFirst().allSatisfy { !$0.isCandidate })
    }

    @Test func `a policy that only decides part of another may be folded into it`() throws {
        let report = Self.report(("base", Self.clerks), ("part", Array(Self.clerks.prefix(2))))
        let pair = try #require(report.pairs.first)
        #expect(pair.first.policy == "base" && pair.second.policy == "part")
        #expect(pair.relation == .secondWithinFirst && pair.isCandidate)
        #expect(pair.secondCovered > 0.99 && pair.firstCovered < 0.9)
        #expect(pair.advice == "all that part decides base decides too: part may be folded into it")
        #expect(pair.onlyFirst.contains { $0.pattern.kind == "customer" })
        #expect(
            pair.why.contains { $0.hasPrefix("rather base: ") && $0.contains("clerk read customer allow +") })
    }

    @Test func `policies that answer the same question differently are no candidates`() throws {
        let opposite = Self.clerks.map {
            Case(kind: $0.kind, action: $0.action, effect: .deny, role: $0.role, count: $0.count)
        }
        let pair = PolicyPair(
            try #require(Self.report(("yes", Self.clerks)).policies.first),
            try #require(Self.report(("no", opposite)).policies.first))
        #expect(pair.contradictions == 3 && !pair.isCandidate && pair.shared == 0)
        #expect(pair.advice == "3 questions they answer differently: they cannot be made one as they are")
    }

    @Test func `policies that always decide together are told so`() throws {
        let report = Self.report(("base+audit", Self.clerks))
        let pair = try #require(report.pairs.first)
        #expect(report.decisions == 100 && report.policies.map(\.decisions) == [100, 100])
        #expect(pair.together == 1 && pair.relation == .same)
        #expect(pair.advice == "they always decide the same together: one of them can go")
    }

    @Test func `tenants are never held against each other, and tiny policies say nothing`() {
        var collector = PolicyCollector()
        Self.collect([("base", Self.clerks)], into: &collector)
        Self.collect([("base", Self.clerks)], tenant: "globex", into: &collector)
        Self.collect([("tiny", [Case(kind: "invoice", action: "read", count: 2)])], into: &collector)
        let report = collector.report()
        #expect(report.policies.count == 3 && report.pairs.isEmpty)
    }

    @Test func `what names no policy and what there is no room for is counted`() {
        var collector = PolicyCollector()
        for number in 0..<(PolicyCollector.maximumPolicies + 5) {
            var decision = Session.decision(number)
            decision.policies = ["p-\(number)", "", "p-\(number)"]
            collector.add(decision)
        }
        var none = Session.decision(9)
        none.policies = [""]
        collector.add(none)
        let report = collector.report()
        #expect(report.policies.count == PolicyCollector.maximumPolicies)
        #expect(report.leftOut == 5 && report.withoutPolicy == 1)
        #expect(report.policies.allSatisfy { $0.decisions == 1 })
    }

    @Test func `patterns have a limit, and shares stay shares`() {
        var collector = PolicyCollector()
        for number in 0..<(PolicyProfile.maximumPatterns + 50) {
            var decision = Session.decision(number)
            decision.resource.kind = "kind-\(number)"
            decision.policies = ["wild"]
            collector.add(decision)
        }
        let policy = collector.report().policies[0]
        #expect(policy.patterns.count == PolicyProfile.maximumPatterns)
        #expect(policy.patterns.keys.reduce(0) { $0 + policy.share(of: $1) } <= 1)
    }

    @Test func `so many pairs are told as are asked for, and the report is the same each time`() {
        var collector = PolicyCollector()
        Self.collect((0..<8).map { ("p-\($0)", Self.clerks) }, into: &collector)
        #expect(collector.report(pairs: 5).pairs.count == 5)
        #expect(collector.report(pairs: 0).pairs.isEmpty)
        #expect(collector.report().pairs.count == 28)
        #expect(collector.report() == collector.report())
    }

    @Test func `a store is read by query, and the newest of a tenant for a screen`() async throws {
        let session = try await Session()
        for tenant in ["acme", "globex"] {
            _ = try await session.pipeline.accept(
                (0..<30).map { number in
                    var decision = Session.decision(number, tenant: tenant)
                    decision.policies = number % 2 == 0 ? ["even"] : ["odd"]
                    return decision
                })
        }
        let all = try await PolicyReading.report(of: session.store, matching: nil)
        #expect(all.decisions == 60 && all.policies.count == 4)
        let denied = try await PolicyReading.report(
            of: session.store, matching: try Query(parsing: "effect:deny", now: session.clock.now))
        #expect(denied.decisions == 6 && denied.policies.allSatisfy { $0.denied == $0.decisions })
        let newest = try await PolicyReading.newest(of: session.store, tenant: "globex")
        #expect(newest.decisions == 30 && Set(newest.policies.map(\.tenant)) == ["globex"])
        #expect(try await PolicyReading.newest(of: session.store, tenant: nil).decisions == 60)
    }
}
