import Decisions
import Testing

@testable import DecisionLogs

/// A decision like that of an API server, with parts replaced.
private func audited(
    _ id: String = "a", kind: String = "pods", actions: [String] = ["get"], effect: Effect = .allow,
    principal: String = "system:node:n1", code: String = "200"
) -> Decision {
    var decision = Decision(
        id: id, time: Timestamp(seconds: 1_741_083_301), tenant: "c1",
        principal: Principal(id: principal, roles: ["system:nodes", "system:authenticated"]),
        resource: Resource(kind: kind, id: "prod/web", scope: "prod"), actions: actions, effect: effect)
    decision.outcome = "ok"
    decision.policies = ["ClusterRole/system:node"]
    decision.cacheHit = false
    decision.source = Source(ip: "10.0.0.5", agent: "kubelet/v1.29 (linux)", format: "kubernetes")
    decision.extras = ["attrs": .object(["level": .string("Metadata"), "code": .number(code)])]
    return decision
}

@Suite struct LogRuleTests {
    private func fits(_ conditions: String, _ decision: Decision = audited()) throws -> Bool {
        try LogRule(parsing: "drop " + conditions).fits(decision)
    }

    @Test(
        arguments: [
            ("id:a", true), ("id:b", false), ("tenant:c1", true), ("tenant:C1", false),
            ("principal:system:node:n1", true), ("principal:system:node", false),
            ("principal:system:*", true),
            ("role:system:nodes", true), ("role:system:masters", false), ("kind:pods", true),
            ("kind:pod*", true), ("kind:*", true), ("resource:prod/*", true), ("scope:prod", true),
            ("action:get", true), ("action:[list,get]", true), ("action:[ list , watch ]", false),
            ("effect:allow", true), ("effect:[deny,conditional]", false), ("policy:ClusterRole/*", true),
            ("ip:10.0.0.5", true), ("ip:10.0.0.*", true), ("agent:kubelet/*", true),
            (#"agent:"kubelet/v1.29 (linux)""#, true), (#"agent:"kubelet/v1.29 ("*"#, true),
            (#"agent:"kubelet/*""#, false), ("cache_hit:false", true), ("outcome:ok", true),
            ("attrs.level:Metadata", true), ("attrs.level:Meta*", true), ("attrs.code:200", true),
            ("attrs.code:2e2", true), ("attrs.code:20*", false), ("source.format:kubernetes", true),
            ("resource.kind:pods", true), ("attrs.none:x", false), ("not attrs.none:x", true),
            ("not kind:secrets", true), ("not kind:[secrets,pods]", false), ("kind:pods action:get", true),
            ("kind:pods action:list", false), ("kind:pods not action:list", true),
        ] as [(String, Bool)])
    func `a condition compares a field with values and beginnings`(conditions: String, isMet: Bool) throws {
        #expect(try fits(conditions) == isMet)
    }

    @Test func `a field that is absent is met by nothing`() throws {
        var bare = audited()
        bare.source = Source()
        bare.resource = Resource(kind: "pods")
        for condition in ["ip:*", "agent:*", "scope:*", "resource:*"] {
            #expect(try !fits(condition, bare))
            #expect(try fits("not " + condition, bare))
        }
    }

    @Test func `what only looks alike is not the same`() throws {
        let composed = audited(principal: "ren\u{E9}")
        #expect(try fits("principal:ren\u{E9}", composed))
        #expect(try !fits("principal:rene\u{301}", composed))
        #expect(try !fits("principal:rene*", composed))
    }

    @Test func `a decision about several actions is left out only when all of them are meant`() throws {
        let both = audited(actions: ["get", "delete"])
        #expect(try !fits("action:get", both))
        #expect(try fits("action:[get,delete]", both))
        #expect(try !fits("not action:get", both))
        #expect(try fits("not action:list", both))
        #expect(try LogRule(parsing: "keep action:delete").fits(both))
        #expect(try LogRule(parsing: "keep not action:get").fits(both))
        #expect(try !LogRule(parsing: "keep not action:[get,delete]").fits(both))
    }

    @Test(
        arguments: [
            ("discovery", "url:/api", "get", true), ("discovery", "url:/api/v1", "get", true),
            ("discovery", "url:/apis", "get", true), ("discovery", "url:/apis/apps", "get", true),
            ("discovery", "url:/openapi/v2", "get", true), ("discovery", "url:/version", "get", true),
            ("discovery", "url:/apiserver", "get", false), ("discovery", "url:/metrics", "get", false),
            ("discovery", "url:/api/v1", "post", false), ("discovery", "pods", "get", false),
            ("leases", "coordination.k8s.io/leases", "update", true),
            ("leases", "coordination.k8s.io/leases", "get", true),
            ("leases", "coordination.k8s.io/leases", "delete", false), ("leases", "leases", "get", false),
            ("watches", "pods", "watch", true), ("watches", "secrets", "watch", false),
            ("watches", "pods", "list", false),
        ] as [(String, String, String, Bool)])
    func `a preset means what fills logs`(preset: String, kind: String, action: String, isMeant: Bool) throws
    {
        #expect(try fits(preset, audited(kind: kind, actions: [action])) == isMeant)
        for effect in [Effect.deny, .conditional] {
            #expect(try !fits(preset, audited(kind: kind, actions: [action], effect: effect)))
        }
    }

    @Test func `conditions narrow a preset`() throws {
        let lease = audited(kind: "coordination.k8s.io/leases", actions: ["update"])
        #expect(try fits("leases principal:system:node:*", lease))
        #expect(try !fits("leases principal:system:kube-*", lease))
        #expect(try !fits("not principal:system:node:* leases", lease))
    }

    @Test(arguments: [
        ("", "must begin with keep, drop or sample, not with ``"), ("discovery", "not with `discovery`"),
        ("Drop discovery", "not with `Drop`"), ("drop", "say what is dropped, such as drop discovery"),
        ("drop everything", "`everything` is neither field:value nor one of discovery, leases, watches"),
        ("drop discovery leases", "it means only what discovery and leases both are; write two"),
        ("drop kinds:pods", "`kinds` is none of id, tenant, principal"), ("drop :x", "`` is none of id"),
        ("drop time:2025", "`time` is no text"), ("drop duration_us:5", "`duration_us` is no text"),
        ("drop effect:denied", "`effect` is one of allow, deny, conditional"),
        ("drop effect:[allow,x*]", "`effect` is one of"), ("drop cache_hit:yes", "one of true, false"),
        ("drop kind:", "`kind` has no value"), ("drop kind: pods", "`kind` has no value"),
        ("drop kind:[]", "`kind` has no value"), ("drop kind:[a,,b]", "`kind` has no value"),
        ("drop kind:[a,b", "ends nowhere: ] is missing"), ("drop kind:[a b]", "] is missing"),
        ("drop kind:[a]b", "a blank must stand before `b`"),
        (#"drop agent:"x"y"#, "a blank must stand before `y`"),
        (#"drop agent:"x"#, "no quotation mark at its end"),
        ("drop not", "not takes field:value after it"), ("drop not discovery", "not takes field:value"),
        ("sample watches", "sample takes a share first"), ("sample 10 watches", "sample takes a share first"),
        ("sample % watches", "sample takes a share first"), ("sample 1.2.3 %", "sample takes a share first"),
        ("sample 0 % watches", "between 0 and 100 %"), ("sample 100 % watches", "between 0 and 100 %"),
        ("sample 1000000000000000000000 %", "between 0 and 100 %"),
    ])
    func `a rule that means nothing is refused with what to write`(text: String, reason: String) {
        #expect {
            try LogRule(parsing: text)
        } throws: { error in
            "\(error)".hasPrefix("the rule `\(text.prefix(80))`: ") && "\(error)".contains(reason)
        }
    }

    @Test func `a rule has a length`() throws {
        let values = String(repeating: "a,", count: 2_000)
        #expect(try fits("kind:[\(values)pods]"))
        #expect(throws: LogSettingError.self) { try LogRule(parsing: "drop kind:[\(values)\(values)pods]") }
    }

    @Test func `a rule is told as it was written`() throws {
        #expect(try LogRule(parsing: "  sample  10 %\twatches ").description == "sample  10 %\twatches")
        #expect(try LogRule(parsing: #"drop agent:"say \"a\\b\"""#).fits(audited()) == false)
        var quoted = audited()
        quoted.source.agent = #"say "a\b""#
        #expect(try fits(#"agent:"say \"a\\b\"""#, quoted))
    }

    @Test(arguments: [("50 %", 0.5), ("10%", 0.1), ("0.5 %", 0.005), ("99 %", 0.99)])
    func `a sample is the share that was asked for, however identifiers look`(text: String, share: Double)
        throws
    {
        let rule = try LogRule(parsing: "sample " + text)
        var generator = SeededGenerator(seed: 7)
        let random = (0..<10_000).map { _ in String(generator.next(), radix: 16) }
        for ids in [random, (0..<10_000).map { "call-\($0)" }, (0..<10_000).map { "\($0)#0/A" }] {
            let kept = ids.count { rule.reasonToLeaveOut(audited($0)) == nil }
            // Five standard deviations of a binomial count.
            let deviation = (10_000 * share * (1 - share)).squareRoot()
            #expect(abs(Double(kept) - 10_000 * share) < 5 * deviation, "\(kept)")
        }
    }

    @Test func `a smaller sample is part of a larger one, and depends on the identifier alone`() throws {
        let small = try LogRule(parsing: "sample 5 %")
        let large = try LogRule(parsing: "sample 20 % kind:pods")
        var count = 0
        for number in 0..<2_000 {
            let decision = audited("e-\(number)")
            let later = audited("e-\(number)", effect: .deny, principal: "else", code: "500")
            #expect(small.reasonToLeaveOut(decision) == small.reasonToLeaveOut(later))
            guard small.reasonToLeaveOut(decision) == nil else { continue }
            count += 1
            #expect(large.reasonToLeaveOut(decision) == nil)
        }
        #expect(count > 0)
    }

    @Test func `which identifiers a share holds never changes`() throws {
        // What was sampled with one version must agree with what the next one samples.
        for (percent, numbers) in [(25.0, [11, 13]), (40, [0, 1, 3, 11, 13])] {
            let share = try #require(SampleShare(percent: percent))
            #expect((0..<16).filter { share.holds("id-\($0)") } == numbers)
        }
        #expect(SampleShare(percent: 0) == nil)
        #expect(SampleShare(percent: 100) == nil)
        #expect(SampleShare(percent: .nan) == nil)
    }
}

@Suite struct LogRulesTests {
    private func rules(_ texts: String...) throws -> LogRules {
        LogRules(try texts.map { try LogRule(parsing: $0) })
    }

    @Test func `the first rule that means a decision counts`() throws {
        let rules = try rules(
            "keep effect:deny", "drop discovery", "keep kind:url:*", "drop principal:system:*")
        func reason(_ decision: Decision) -> SkipReason? { rules.reasonToLeaveOut(decision) }
        #expect(reason(audited(kind: "url:/api", effect: .deny)) == nil)
        #expect(reason(audited(kind: "url:/api")) == .dropped)
        #expect(reason(audited(kind: "url:/metrics")) == nil)
        #expect(reason(audited()) == .dropped)
        #expect(reason(audited(principal: "ann")) == nil)
        #expect(LogRules().reasonToLeaveOut(audited()) == nil)
        #expect(try self.rules("keep", "drop kind:pods").reasonToLeaveOut(audited()) == nil)
    }

    @Test func `what a line comes to says which decisions rules leave out`() throws {
        let lines = "[" + ["a", "b", "c"].map(nativeLine).joined(separator: ",") + ",7]"
        let parser = LineParser(rules: try rules("drop id:b", "sample 0.000000001 % id:c"))
        let items = parser.parse(lines)
        #expect(items.count == 4)
        #expect(items[0] == LineParser().parse(nativeLine("a"))[0])
        #expect(items[1] == .skipped(.dropped))
        #expect(items[2] == .skipped(.sampledOut))
        #expect(items[3] == .rejected("not a JSON object"))
    }

    @Test func `rules look at the tenant that was given, and leave what is not readable to be told`() throws {
        let parser = LineParser(
            tenantRule: TenantRule(fallback: "acme"), rules: try rules("drop tenant:acme"))
        #expect(parser.parse(nativeLine("a")) == [.skipped(.dropped)])
        #expect(parser.parse(#"{"principal":{"id":"x"}}"#) == [.rejected("id is missing")])
        #expect(parser.parse("") == [.skipped(.blank)])
        let long = LineParser(
            tenantRule: TenantRule(fallback: String(repeating: "t", count: 2_000)),
            rules: try rules("drop id:a"))
        guard case .rejected? = long.parse(nativeLine("a")).first else {
            Issue.record("a refused tenant was not told")
            return
        }
    }

    @Test(arguments: Samples.files)
    func `a share and what it leaves out are the whole log, and a second look agrees`(file: String) throws {
        let all = try readAll(try Fixture.path(file))
        let parser = LineParser(rules: try rules("drop effect:deny", "sample 50 %"))
        let taken = try readAll(try Fixture.path(file), parser: parser)
        #expect(try readAll(try Fixture.path(file), parser: parser) == taken)
        #expect(taken.count == all.count)
        for (before, after) in zip(all, taken) where before != after {
            guard case .decision(let decision) = before.item else {
                Issue.record("what is no decision was changed")
                continue
            }
            #expect(after.item == .skipped(decision.effect == .deny ? .dropped : .sampledOut))
        }
        #expect(taken.decisions.allSatisfy { $0.effect != .deny })
    }

    @Test func `the stages of one event are taken in or left out together`() throws {
        let parser = LineParser(rules: try rules("sample 50 %"))
        for number in 0..<100 {
            let fates = ["ResponseStarted", "ResponseComplete", "Panic"].map { stage in
                let event =
                    #"{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"a-\#(number)","stage":"\#(stage)","#
                    + #""verb":"watch","requestURI":"/api/v1/pods","user":{"username":"u"},"#
                    + #""requestReceivedTimestamp":"2025-03-04T10:15:01.100000Z"}"#
                if case .decision? = parser.parse(event).first { return true }
                return false
            }
            #expect(Set(fates).count == 1)
        }
    }
}
