import DecisionLogs
import Decisions
import Operations
import PolicyEngine

/// Measures the way from a native line to a vector.
enum EmbedSuite {
    static func run(decisions count: Int) throws {
        let sample = try generatedSample(count)
        let lines = sample.map { Array($0.nativeLine().utf8) }
        let parser = LineParser(format: .verdict)
        let parsing = measure {
            var items: [ParsedItem] = []
            for line in lines {
                items.removeAll(keepingCapacity: true)
                parser.parse(line.span, into: &items)
            }
        }
        let embedder = DecisionEmbedder()
        var checksum = 0
        let embedding = measure {
            for decision in sample { checksum &+= Int(embedder.embed(decision).counts[0]) }
        }
        try StandardOutput.shared.write(json: [
            "suite": .string("embed"), "decisions": .integer(count),
            "parse_us": .decimal(parsing / Double(count) * 1e6, digits: 3),
            "embed_us": .decimal(embedding / Double(count) * 1e6, digits: 3),
            "checksum": .integer(checksum),
        ])
    }

    /// Decisions of many tenants over some days, as `verdict generate --seed 7` gives them.
    static func generatedSample(_ count: Int) throws -> [Decision] {
        let generator = DecisionGenerator(
            seed: 7, decisions: count, tenants: 12, days: 7, policies: try SamplePolicySet.load())
        return generator.map(\.decision)
    }

    private static func measure(_ work: () -> Void) -> Double {
        let started = ContinuousClock().now
        work()
        return started.secondsUntilNow
    }
}
