import Decisions
import Testing

@testable import DecisionLogs

@Suite struct FormatReportTests {
    private func report(of files: String..., rules: [String] = []) throws -> FormatReport {
        var report = FormatReport(rules: LogRules(try rules.map { try LogRule(parsing: $0) }))
        for file in files {
            for item in try readAll(try Fixture.path(file)) { report.add(item.item) }
        }
        return report
    }

    private func sentences(_ report: FormatReport, _ format: String) -> [String] {
        report.gaps.filter { $0.format == format }.map(\.sentence)
    }

    private func decision(_ changes: (inout Decision) -> Void) -> ParsedItem {
        var decision = Decision(
            id: "d", time: Timestamp(seconds: 1_741_083_301), tenant: "t", principal: Principal(id: "p"),
            resource: Resource(kind: "k"), actions: ["a"], effect: .allow)
        decision.source.ip = "10.0.0.1"
        decision.durationNanoseconds = 1
        changes(&decision)
        return .decision(decision)
    }

    @Test func `each rule tells how many decisions it means and leaves out`() throws {
        let report = try report(
            of: "k8s-sample.audit.jsonl.gz",
            rules: [
                "keep effect:deny", "drop discovery", "sample 50 % action:[get,list]", "drop tenant:none",
            ])
        let counts = report.rules
        #expect(counts.map(\.rule).last == "drop tenant:none")
        #expect(counts[1].meant > 250 && counts[1].leftOut == counts[1].meant)
        #expect(counts[0].leftOut == 0)
        #expect(counts[2].leftOut > 0 && counts[2].leftOut < counts[2].meant)
        #expect(counts[3].meant == 0)
        #expect(report.leftOut == counts[1].leftOut + counts[2].leftOut)
        #expect(report.decisions + report.leftOut == 500)
        #expect(report.skipped == report.leftOut)
        #expect(report.formats == ["kubernetes": report.decisions])
        #expect(report.volume.rows == report.decisions)
    }

    @Test func `what a parser with rules leaves out is what the report says that it would`() throws {
        let texts = ["keep effect:deny", "drop leases", "sample 10 % watches", "sample 30 % discovery"]
        let report = try report(of: "k8s-sample.audit.jsonl.gz", rules: texts)
        let parser = LineParser(rules: LogRules(try texts.map { try LogRule(parsing: $0) }))
        let items = try readAll(try Fixture.path("k8s-sample.audit.jsonl.gz"), parser: parser)
        #expect(items.decisions.count == report.decisions)
        #expect(items.skips.count == report.leftOut)
    }

    @Test func `an audit log of Kubernetes tells its level, and what is missing by it`() throws {
        let found = sentences(try report(of: "k8s-sample.audit.jsonl.gz"), "kubernetes")
        #expect(found.contains { $0.hasPrefix("level Metadata in each of 500: bodies are not logged") })
        #expect(found.contains { $0.contains("names a binding") })
        #expect(
            found.contains("no tenant is named in each of 500: --tenant NAME or --tenant-from FIELD says it"))
        #expect(found.contains("no client's address among 500"))
        #expect(found.contains("nothing among 500 says how long it took"))
        #expect(!found.contains { $0.contains("get, list or watch") })
    }

    @Test(arguments: [
        ("Metadata", ["level Metadata in 1 of 2"]),
        ("Request", ["level Request in 1 of 2: answers are not logged", "bodies are logged in 1 of 2"]),
        ("RequestResponse", ["bodies are logged in 1 of 2"]), ("None", []),
    ])
    func `every level is told by what it leaves out`(level: String, expected: [String]) {
        var report = FormatReport()
        for attributes in [JSONObject(), ["level": .string(level)]] {
            report.add(
                decision {
                    $0.source.format = "kubernetes"
                    $0.actions = ["get"]
                    $0.policies = ["ClusterRole/view"]
                    $0.extras = ["attrs": .object(attributes)]
                })
        }
        let found = sentences(report, "kubernetes")
        #expect(found.count == expected.count)
        #expect(zip(found, expected).allSatisfy { $0.hasPrefix($1) }, "\(found)")
    }

    @Test func `a log without anybody who looks says so`() {
        for (format, reason) in [("kubernetes", "the audit policy leaves them out"), ("gke", "are off")] {
            var report = FormatReport()
            let item = decision {
                $0.source.format = format
                $0.actions = ["create"]
            }
            for _ in 0..<3 { report.add(item) }
            let found = sentences(report, format)
            #expect(found.contains { $0.hasPrefix("no get, list or watch among 3") && $0.contains(reason) })
        }
    }

    @Test func `a decision log of Open Policy Agent tells what masks took and what no mapping finds`() throws
    {
        let found = sentences(try report(of: "opa.console.jsonl"), "opa")
        #expect(found.contains("the log's mask erased /input/user in 1 of 9, /input/user/ssn in 1 of 9"))
        #expect(found.contains("the log's mask wrote over /input/card in 1 of 9"))
        #expect(found.contains { $0.hasPrefix("nobody is found who asked in ") })
        #expect(found.contains { $0.hasPrefix("no resource is found in ") })
        #expect(found.contains { $0.hasPrefix("the result says neither yes nor no in ") })
        #expect(found.contains { $0.contains("nd_builtin_cache") })
    }

    @Test func `a result that the mask erased is not one that says nothing`() {
        var report = FormatReport()
        for place in ["/result", "/input/user"] {
            report.add(
                decision {
                    $0.source.format = "opa"
                    $0.effect = .conditional
                    $0.extras = ["attrs": .object(["erased": .array([.string(place)])])]
                })
        }
        let found = sentences(report, "opa")
        #expect(found.contains { $0.hasPrefix("the result says neither yes nor no in 1 of 2") })
        #expect(!found.contains { $0.contains("no resource") })
    }

    @Test func `however many places a log says were erased, few are told`() {
        var report = FormatReport()
        for number in 0..<1_000 {
            report.add(
                decision {
                    $0.source.format = "opa"
                    $0.extras = ["attrs": .object(["erased": .array([.string("/input/\(number)")])])]
                })
        }
        let found = sentences(report, "opa").first { $0.contains("mask erased") }
        #expect(found?.hasSuffix(", and 17 more") == true)
    }

    @Test func `calls of Cerbos that all have a denial are told, once there are many`() {
        func report(calls: Int, allowing: Int? = nil) -> FormatReport {
            var report = FormatReport()
            for call in 0..<calls {
                for (ending, effect) in [("#0/A", Effect.allow), ("#0/D", .deny)]
                where call != allowing || effect == .allow {
                    report.add(
                        decision {
                            $0.id = "call-\(call)" + ending
                            $0.effect = effect
                            $0.source.format = "cerbos"
                        })
                }
            }
            return report
        }
        #expect(
            sentences(report(calls: 20), "cerbos").contains { $0.hasPrefix("each of 20 calls has a deny") })
        #expect(!sentences(report(calls: 19), "cerbos").contains { $0.contains("calls has a deny") })
        #expect(!sentences(report(calls: 30, allowing: 7), "cerbos").contains { $0.contains("has a deny") })
    }

    @Test func `entries without content are told`() throws {
        let found = sentences(try report(of: "cerbos.file.jsonl"), "cerbos")
        #expect(found.contains("entries without content, which was too large for the log: 1"))
    }

    @Test func `a trail tells which calls it does not hold`() {
        var report = FormatReport()
        let item = decision {
            $0.source.format = "cloudtrail"
            $0.resource = Resource(kind: "iam:Role")
            $0.extras = ["attrs": .object(["readOnly": .bool(false)])]
        }
        report.add(item)
        #expect(sentences(report, "cloudtrail").contains { $0.hasPrefix("no call of objects in S3") })
        #expect(sentences(report, "cloudtrail").contains { $0.hasPrefix("no call that only reads among 1") })
        var withQuestions = report
        withQuestions.add(decision { $0.source.format = "avp" })
        #expect(!sentences(withQuestions, "cloudtrail").contains { $0.hasPrefix("no call of objects") })
        report.add(
            decision {
                $0.source.format = "cloudtrail"
                $0.resource = Resource(kind: "s3:Object")
                $0.extras = ["attrs": .object(["readOnly": .bool(true)])]
            })
        #expect(sentences(report, "cloudtrail").count == 1)
    }

    @Test func `a complete native log has nothing that it cannot show, and an empty one neither`() {
        var report = FormatReport()
        #expect(report.gaps.isEmpty)
        report.add(decision { _ in })
        #expect(report.gaps.isEmpty)
        report.add(
            decision {
                $0.principal.id = "?"
                $0.tenant = ""
            })
        #expect(sentences(report, "verdict").count == 2)
    }
}

@Suite struct LogVolumeTests {
    private func volume(_ times: [Int64], latest: Int64? = nil, leftOut: Int64? = nil) -> LogVolume {
        var volume = LogVolume(latest: latest.map { Timestamp(seconds: $0) })
        for time in times {
            let decision = Decision(
                id: "d", time: Timestamp(seconds: time), principal: Principal(id: "p"),
                resource: Resource(kind: "k"), actions: ["a"], effect: .allow)
            volume.add(decision, isTakenIn: time != leftOut)
        }
        return volume
    }

    @Test func `a day is the average of the time that a log spans`() throws {
        let noon: Int64 = 1_741_089_600
        let volume = volume([noon + 43_200, noon, noon + 10_000])
        #expect(volume.first == Timestamp(seconds: noon))
        #expect(volume.last == Timestamp(seconds: noon + 43_200))
        #expect(volume.spanSeconds == 43_200)
        let day = try #require(volume.day(logBytes: 5_000))
        #expect(day.rows == 6)
        #expect(day.logBytes == 10_000)
        #expect(day.lineBytes == Double(volume.lineBytes) * 2)
        #expect(volume.lineBytes > 3 * 80)
    }

    @Test func `what rules leave out spans time and makes no rows`() throws {
        let volume = volume([1_741_089_600, 1_741_176_000], leftOut: 1_741_176_000)
        #expect(volume.rows == 1)
        #expect(try #require(volume.day(logBytes: 7)).rows == 1)
    }

    @Test func `a log that spans too little tells nothing of a day`() {
        #expect(volume([]).day(logBytes: 0) == nil)
        #expect(volume([]).spanSeconds == nil)
        #expect(volume([1_741_089_600]).day(logBytes: 10) == nil)
        #expect(volume([1_741_089_600, 1_741_089_659]).day(logBytes: 10) == nil)
        #expect(volume([1_741_089_600, 1_741_089_660]).day(logBytes: 10) != nil)
    }

    @Test func `times that no log has are counted and not believed`() {
        let now: Int64 = 1_741_089_600
        let volume = volume(
            [-62_135_596_800, 0, now, now + 100, now + 90_000, 253_402_300_799], latest: now + 86_400)
        #expect(volume.misdated == 4)
        #expect(volume.rows == 2)
        #expect(volume.spanSeconds == 100)
    }
}
