import DecisionLogs
import Decisions
import Testing

@Suite struct GoldenTests {
    private func check(_ items: [LogItem], against file: String) throws {
        let golden = try Samples.golden(of: file)
        let found = items.decisions.map(\.canonicalRecord)
        #expect(found.count == golden.count)
        for (one, other) in zip(found, golden) {
            #expect(one.says(other), "\(one.json) is not \(other.json)")
        }
    }

    @Test(arguments: Samples.sound)
    func `every sample maps to its golden records`(file: String, format: DecisionLogFormat) throws {
        for format in [.auto, format] {
            let items = try readAll(try Fixture.path(file), parser: LineParser(format: format))
            try check(items, against: file)
            #expect(items.rejects.map(\.reason) == [])
        }
    }

    @Test func `what is sound among malformed lines maps to its golden record`() throws {
        for format in [DecisionLogFormat.auto, .openfga] {
            let items = try readAll(
                try Fixture.path("malformed.jsonl"), parser: LineParser(format: format))
            try check(items, against: "malformed.jsonl")
            #expect(items.rejects.map(\.line) == [2, 3, 5, 7, 8])
        }
    }

    @Test(arguments: [
        ("opa.console.jsonl", "opa.post-body.json.gz"), ("k8s.audit.jsonl", "k8s.webhook.eventlist.json"),
        ("cloudtrail.lines.jsonl", "cloudtrail.Records.json.gz"),
    ])
    func `decisions are the same whichever way they came`(one: String, other: String) throws {
        let first = try readAll(try Fixture.path(one)).decisions
        let second = try readAll(try Fixture.path(other)).decisions
        #expect(first == second)
        #expect(!first.isEmpty)
    }

    @Test func `what a cloud wraps is the decision that stands in its plain log`() throws {
        for (wrapped, plain) in [
            ("k8s.cloud-envelopes.jsonl", "k8s.audit.jsonl"),
            ("cloudtrail.lookup-and-eventbridge.jsonl", "cloudtrail.lines.jsonl"),
        ] {
            let known = Set(try readAll(try Fixture.path(plain)).decisions)
            let found = try readAll(try Fixture.path(wrapped)).decisions.filter { $0.source.format != "gke" }
            #expect(found.count == 2)
            #expect(found.allSatisfy(known.contains))
        }
    }

    @Test(arguments: Samples.files)
    func `every decision survives its native line`(file: String) throws {
        for decision in try readAll(try Fixture.path(file)).decisions {
            #expect(try Decision(parsing: decision.nativeLine()) == decision)
            #expect(LineParser().parse(decision.nativeLine()) == [.decision(decision)])
        }
    }

    @Test func `each sample tells which format its decisions came in`() throws {
        var report = FormatReport()
        for file in Samples.files {
            for item in try readAll(try Fixture.path(file)) { report.add(item.item) }
        }
        #expect(
            report.formats == [
                "avp": 6, "cerbos": 5, "cloudtrail": 18, "gke": 1, "kubernetes": 14, "opa": 18, "openfga": 1,
                "spicedb": 1,
            ])
        #expect((report.decisions, report.skipped, report.rejected) == (64, 7, 0))
    }
}
