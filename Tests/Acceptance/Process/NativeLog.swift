import Foundation

/// Native lines written by hand, for logs that a fixture file would only make longer.
enum NativeLog {
    /// One line; times count in seconds from 2026-01-05T00:00:00Z.
    static func line(
        _ id: String, at seconds: Int = 0, tenant: String = "acme", principal: String = "alice",
        kind: String = "invoice", resource: String = "inv-1", action: String = "read",
        effect: String = "allow", address: String = "10.0.0.1"
    ) -> String {
        """
        {"id":"\(id)","time":"\(time(seconds))","tenant":"\(tenant)",\
        "principal":{"id":"\(principal)","roles":["clerk"]},\
        "resource":{"kind":"\(kind)","id":"\(resource)","scope":"eu"},"actions":["\(action)"],\
        "effect":"\(effect)","policies":["\(kind)-base"],"duration_us":300,"cache_hit":false,\
        "source":{"ip":"\(address)","agent":"web/4.2","format":"verdict"}}

        """
    }

    /// The time so many seconds after 2026-01-05T00:00:00Z.
    static func time(_ seconds: Int) -> String {
        let (day, rest) = (5 + seconds / 86_400, seconds % 86_400)
        let digits = [day, rest / 3600, rest / 60 % 60, rest % 60].map { String(format: "%02d", $0) }
        return "2026-01-\(digits[0])T\(digits[1]):\(digits[2]):\(digits[3])Z"
    }

    /// A quiet office: a few people who do the same few things, one decision every ten seconds.
    static func routine(_ count: Int, tenant: String = "acme", prefix: String = "r") -> String {
        let people = ["alice", "bob", "carol", "dan"]
        let kinds = ["invoice", "report", "ledger"]
        return (0..<count).map { number in
            line(
                "\(prefix)-\(String(format: "%05d", number))", at: number * 10, tenant: tenant,
                principal: people[number % people.count], kind: kinds[number / 2 % kinds.count],
                resource: "item-\(number * 7 % 20)", action: number % 5 == 0 ? "update" : "read",
                address: "10.0.0.\(1 + number % people.count)")
        }.joined()
    }

    /// What nobody in the quiet office ever did: a known person, an unknown address, secrets, denied.
    static func intrusion(_ count: Int, from seconds: Int, tenant: String = "acme") -> String {
        (0..<count).map { number in
            line(
                "x-\(number)", at: seconds + number, tenant: tenant, principal: "alice", kind: "secret",
                resource: "vault-\(number)", action: "exfiltrate", effect: "deny",
                address: "203.0.113.\(1 + number % 250)")
        }.joined()
    }
}

/// The fixture files beside these tests.
enum Fixture {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Fixtures")

    /// The path of a fixture.
    static func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    /// The path of a documented sample of a log format; these lie with the tests that read them in pieces.
    static func samplePath(_ name: String) -> String {
        folder.deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("DecisionLogsTests/Fixtures/\(name)").path
    }

    /// The documented samples of every log format whose lines are all in order, with the format's name.
    static let samples = [
        ("cerbos.file.jsonl", "cerbos"), ("cloudtrail.Records.json.gz", "cloudtrail"),
        ("cloudtrail.lines.jsonl", "avp"), ("cloudtrail.lookup-and-eventbridge.jsonl", "cloudtrail"),
        ("k8s.audit.jsonl", "kubernetes"), ("k8s.cloud-envelopes.jsonl", "kubernetes"),
        ("k8s.webhook.eventlist.json", "kubernetes"), ("opa.console.jsonl", "opa"),
        ("opa.post-body.json.gz", "opa"), ("openfga.log.jsonl", "openfga"),
        ("spicedb.audit.cloudevents.jsonl", "spicedb"),
    ]

    /// The text of a fixture.
    static func text(_ name: String) throws -> String {
        try String(contentsOfFile: path(name), encoding: .utf8)
    }

    /// The lines of a fixture.
    static func lines(_ name: String) throws -> [String] {
        try text(name).split(separator: "\n").map(String.init)
    }
}
