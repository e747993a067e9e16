import DecisionLogs
import Decisions
import Testing

/// The documented samples: one file for each way in which a log arrives.
enum Samples {
    /// The files whose lines and documents are all in order, with the format that an option names.
    static let sound: [(String, DecisionLogFormat)] = [
        ("cerbos.file.jsonl", .cerbos), ("cloudtrail.Records.json.gz", .cloudtrail),
        ("cloudtrail.lines.jsonl", .cloudtrail), ("cloudtrail.lines.jsonl", .avp),
        ("cloudtrail.lookup-and-eventbridge.jsonl", .cloudtrail), ("k8s.audit.jsonl", .kubernetes),
        ("k8s.cloud-envelopes.jsonl", .kubernetes), ("k8s.webhook.eventlist.json", .kubernetes),
        ("opa.console.jsonl", .opa), ("opa.post-body.json.gz", .opa), ("openfga.log.jsonl", .openfga),
        ("spicedb.audit.cloudevents.jsonl", .spicedb),
    ]

    /// The files themselves, each once.
    static let files = sound.filter { $0.1 != .avp }.map(\.0)

    /// The decisions that a correct reader finds in a file.
    static func golden(of file: String) throws -> [JSONValue] {
        let files = try JSONParser().parse(try Fixture.text("golden.canonical.json")).object
        return try #require(files?[file]?.elements)
    }

    /// The lines of all files that are text.
    static func lines() throws -> [String] {
        var lines: [String] = []
        for file in files where !file.hasSuffix(".gz") {
            lines += try Fixture.text(file).split(separator: "\n").map(String.init)
        }
        return lines
    }
}

extension JSONValue {
    /// Whether both say the same, with numbers as numbers: `3` is `3.0`.
    func says(_ other: JSONValue) -> Bool {
        switch (self, other) {
        case (.number, .number): number == other.number
        case (.array(let ones), .array(let others)):
            ones.count == others.count && zip(ones, others).allSatisfy { $0.says($1) }
        case (.object(let one), .object(let another)):
            one.members.count == another.members.count
                && one.members.allSatisfy { another[$0.key].map($0.value.says) ?? false }
        default: self == other
        }
    }
}
