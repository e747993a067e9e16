import Decisions
import Operations
import VectorIndex
import VectorStores

/// Measures searches under filters through a memory store: parsing, evaluating, searching, and giving back
/// decisions.
///
/// Each decision gets two labels beside what it was generated with, how far it is up by chance and how near
/// it is to one of them: expressions ask for those, so that it is known which share of the store they match.
struct FilterSuite {
    /// How the decisions that match are chosen.
    enum Labels: String, CaseIterable {
        /// By chance.
        case random
        /// The nearest to one decision: they lie together, far from most searches.
        case correlated
    }

    /// How a filter asks for a label.
    enum Form: String, CaseIterable {
        /// One of a list.
        case equals
        /// Part of a text that nearly every decision has another one of.
        case contains
        /// Between two bounds.
        case range
        /// All of those with and, or and not.
        case mixed
    }

    /// The shares that filters let through, in thousandths.
    private static let shares = [1, 10, 100, 500, 900]
    private static let limit = 10
    /// How many vectors are searched for; they are not in the store.
    private static let searches = 100
    private static let batch = 1_000
    private static let seed: UInt64 = 0xF117E5

    private let store: MemoryStore
    private let held: Int
    private let distinct: Int
    private let targets: [Embedding]
    private let seconds: Double

    static func run(decisions count: Int, seconds: Double) async throws {
        let suite = try await FilterSuite(decisions: count, seconds: seconds)
        // What a filter adds is told by searches without one.
        try await suite.measure("", form: "none", labels: "none", share: 1_000)
        for form in Form.allCases {
            for labels in Labels.allCases {
                for share in shares { try await suite.measure(form, labels, share) }
            }
        }
        await suite.store.close()
    }

    /// Fills a store.
    private init(decisions count: Int, seconds: Double) async throws {
        let sample = try EmbedSuite.generatedSample(count + Self.searches)
        let embedder = DecisionEmbedder()
        let embeddings = sample.map { embedder.embed($0) }
        store = try MemoryStore(options: StoreOptions(clock: WallClock.now))
        targets = Array(embeddings.suffix(Self.searches))
        held = count
        self.seconds = seconds
        let ranks = Self.ranks(Array(embeddings.prefix(count)))
        var entries: [Entry] = []
        for number in 0..<count {
            try Interruption.check()
            entries.append(
                Entry(
                    decision: Self.labelled(
                        sample[number], random: ranks.random[number] * 1_000 / count,
                        correlated: ranks.correlated[number] * 1_000 / count),
                    embedding: embeddings[number]))
            if entries.count == Self.batch || number == count - 1 {
                _ = try await store.insert(entries)
                entries.removeAll(keepingCapacity: true)
            }
        }
        distinct = try await store.statistics().distinct
    }

    /// The place of each in a shuffled order, and in that of nearness to one of them.
    private static func ranks(_ embeddings: [Embedding]) -> (random: [Int], correlated: [Int]) {
        var random = SplitMix64(seed: seed)
        let shuffled = embeddings.indices.shuffled(using: &random)
        let pivot = embeddings[shuffled[0]]
        let nearness = embeddings.map { embedding in
            var sum = 0
            for place in 0..<Embedding.dimension {
                sum += Int(embedding.counts[place]) * Int(pivot.counts[place])
            }
            return Float(sum) * embedding.scale
        }
        let nearest = embeddings.indices.sorted {
            nearness[$0] == nearness[$1] ? $0 < $1 : nearness[$0] > nearness[$1]
        }
        func places(_ order: [Int]) -> [Int] {
            var places = [Int](repeating: 0, count: order.count)
            for (place, number) in order.enumerated() { places[number] = place }
            return places
        }
        return (places(shuffled), places(nearest))
    }

    /// When the labels by nearness begin, as times.
    private static let firstTime = Timestamp(seconds: 1_767_225_600)

    /// A decision with its labels where each form asks for them; its embedding was made before.
    private static func labelled(_ decision: Decision, random: Int, correlated: Int) -> Decision {
        var decision = decision
        var marks = ""
        decision.principal.roles = []
        for (labels, place) in [(Labels.random, random), (.correlated, correlated)] {
            for share in shares where place < share {
                decision.principal.roles.append("\(labels)-\(share)")
                marks += mark(labels, share)
            }
        }
        decision.resource.id = (decision.resource.id ?? "") + marks
        decision.durationNanoseconds = Int64(random) * 1_000
        decision.time = firstTime.advanced(bySeconds: Int64(correlated))
        return decision
    }

    private static func mark(_ labels: Labels, _ share: Int) -> String {
        (labels == .random ? "!" : "?")
            + (shares.firstIndex(of: share).map { String("ABCDE".dropFirst($0).prefix(1)) } ?? "")
    }

    /// A query that a share of the decisions matches.
    private static func query(_ form: Form, _ labels: Labels, _ share: Int) -> String {
        let (first, rest) =
            switch labels {
            case .random: ("duration_us>=0", "duration_us>=\(share)")
            case .correlated:
                ("time>=\(firstTime)", "time>=\(firstTime.advanced(bySeconds: Int64(share)))")
            }
        let part = "resource~\"\(mark(labels, share).lowercased())\""
        return switch form {
        case .equals: "role:\(labels)-\(share)"
        case .contains: part
        case .range: "\(first) \(rest.replacing(">=", with: "<"))"
        case .mixed: "(role:\(labels)-\(share) or \(part)) \(first) not \(rest)"
        }
    }

    /// Searches under one filter over and over.
    private func measure(_ form: Form, _ labels: Labels, _ share: Int) async throws {
        try await measure(
            Self.query(form, labels, share), form: form.rawValue, labels: labels.rawValue, share: share)
    }

    private func measure(_ text: String, form: String, labels: String, share: Int) async throws {
        let query = try Query(parsing: text, now: WallClock.now())
        var strategies: [String: Int] = [:]
        var (wanted, right, given) = (0, 0, 0)
        // What the filter matches is not known yet.
        let firstBegan = ContinuousClock().now
        _ = try await store.search(
            SearchRequest(target: .embedding(targets[0]), query: query, limit: Self.limit))
        let first = firstBegan.secondsUntilNow * 1e6
        for target in targets {
            try Interruption.check()
            var request = SearchRequest(target: .embedding(target), query: query, limit: Self.limit)
            let answer = try await store.search(request)
            request.exact = true
            let truth = try await store.search(request)
            let bound = (truth.results.last?.similarity ?? 1) - 1e-6
            strategies[answer.strategy.rawValue, default: 0] += 1
            wanted += truth.results.count
            given += answer.results.count
            right += answer.results.count { ($0.similarity ?? 0) >= bound }
        }
        var times = LatencyHistogram()
        let began = ContinuousClock().now
        repeat {
            try Interruption.check()
            for target in targets {
                let started = ContinuousClock().now
                _ = try await store.search(
                    SearchRequest(
                        target: .embedding(target), query: try Query(parsing: text, now: WallClock.now()),
                        limit: Self.limit))
                times.record(microseconds: started.secondsUntilNow * 1e6)
            }
        } while began.secondsUntilNow < seconds
        try StandardOutput.shared.write(json: [
            "suite": .string("filters"), "decisions": .integer(held), "distinct": .integer(distinct),
            "form": .string(form), "labels": .string(labels),
            "percent": .decimal(Double(share) / 10, digits: 1), "query": .string(text),
            "strategy": .string(strategies.max { $0.value < $1.value }?.key ?? ""),
            "recall10": .decimal(Double(right) / Double(max(1, wanted)), digits: 4),
            "complete": .decimal(Double(given) / Double(max(1, wanted)), digits: 4),
            "found": .decimal(Double(given) / Double(targets.count), digits: 2),
            "first_us": .decimal(first, digits: 1), "p50_us": .decimal(times.quantile(0.5) ?? 0, digits: 1),
            "p99_us": .decimal(times.quantile(0.99) ?? 0, digits: 1),
        ])
    }
}
