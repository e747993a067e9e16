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
            "checksum": .integer(checksum), "repeatable": .bool(isRepeatable(sample, embedder)),
            "length_error": .decimal(lengthError(sample, embedder), digits: 9),
            "collision_percent": .decimal(collisionShare(sample, embedder) * 100, digits: 3),
        ])
    }

    /// How many decisions the vectors are looked at of.
    private static let examined = 10_000

    /// Whether a second embedder gives the same vectors.
    private static func isRepeatable(_ sample: [Decision], _ embedder: DecisionEmbedder) -> Bool {
        let other = DecisionEmbedder()
        return sample.prefix(examined).allSatisfy { embedder.embed($0) == other.embed($0) }
    }

    /// How far the length of a vector is from 1 at most.
    private static func lengthError(_ sample: [Decision], _ embedder: DecisionEmbedder) -> Double {
        sample.prefix(examined).reduce(0) { worst, decision in
            let embedding = embedder.embed(decision)
            let squares = embedding.counts.reduce(0.0) { sum, count in
                let value = Double(count) * Double(embedding.scale)
                return sum + value * value
            }
            return max(worst, abs(squares.squareRoot() - 1))
        }
    }

    /// The share of pairs of a decision's features that fall on one dimension.
    private static func collisionShare(_ sample: [Decision], _ embedder: DecisionEmbedder) -> Double {
        var pairs = 0
        var collisions = 0
        for decision in sample.prefix(examined) {
            let slots = embedder.tokens(of: decision).map(\.slot)
            for place in slots.indices {
                pairs += place
                collisions += slots[..<place].count { $0 == slots[place] }
            }
        }
        return pairs == 0 ? 0 : Double(collisions) / Double(pairs)
    }

    /// Decisions of many tenants over some days, as `verdict generate --seed 7` gives them.
    static func generatedSample(_ count: Int) throws -> [Decision] {
        let generator = DecisionGenerator(
            seed: 7, decisions: count, tenants: 12, days: 7, policies: try SamplePolicySet.load())
        return try generator.map { generated in
            try Interruption.check()
            return generated.decision
        }
    }

    private static func measure(_ work: () -> Void) -> Double {
        let started = ContinuousClock().now
        work()
        return started.secondsUntilNow
    }
}
