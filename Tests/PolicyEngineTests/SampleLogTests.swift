import Decisions
import Foundation
import Gzip
import PolicyEngine
import Testing

@Suite struct SampleLogTests {
    private static func generated() throws -> DecisionGenerator {
        DecisionGenerator(seed: 7, decisions: 20_000, tenants: 4, days: 7, policies: try samplePolicies())
    }

    @Test func `the log kept is the one the generator makes`() throws {
        var text: [UInt8] = []
        var inflater = try GzipInflater()
        let packed = [UInt8](try Data(contentsOf: sampleData("generated.jsonl.gz")))
        try inflater.inflate(packed.span) { piece in
            for place in piece.indices { text.append(piece[place]) }
        }
        try inflater.finish()
        let kept = String(decoding: text, as: UTF8.self).split(separator: "\n")
        #expect(kept.count == 20_000)
        let made = try Self.generated().lazy.map { $0.decision.nativeLine() }
        let differing = zip(kept, made).enumerated().first { String($0.element.0) != $0.element.1 }
        #expect(differing == nil, "make the sample log again: sample-data/README.md")
    }

    @Test func `the labels kept are those the generator gives`() throws {
        let file = try String(contentsOf: sampleData("generated.labels.csv"), encoding: .utf8)
        let lines = [GeneratedDecision.labelsHeader] + (try Self.generated().map(\.labelsLine)) + [""]
        #expect(lines.joined(separator: "\n") == file, "make the sample log again: sample-data/README.md")
    }
}

/// A file of the sample data.
func sampleData(_ name: String) -> URL {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
        .appending(path: "sample-data").appending(path: name)
}
