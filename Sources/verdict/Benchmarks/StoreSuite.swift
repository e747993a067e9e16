import Decisions
import Operations
import VectorStores

/// Measures single inserts into a memory store while somebody searches it without a pause.
///
/// What is timed is the whole call, with one decision that is embedded already, after which every search finds it.
/// Plain inserts are linked behind; scored ones tell how new each is, as logs are scored by.
struct StoreSuite {
    /// What an insert is asked for.
    enum Form: String, CaseIterable {
        /// To be found.
        case plain
        /// To be found, and how new it is.
        case scored
    }

    private static let mostInserts = 5_000
    /// How many vectors are searched for; they are not in the store.
    private static let targets = 100
    private static let batch = 1_000
    private static let limit = 10

    private let store: MemoryStore
    private let held: Int
    private let coming: [Form: [Entry]]
    private let targets: [Embedding]

    static func run(decisions count: Int) async throws {
        let suite = try await StoreSuite(decisions: count)
        for form in Form.allCases { try await suite.measure(form) }
        await suite.store.close()
    }

    /// Fills a store with the oldest; the newest come later, one by one.
    private init(decisions count: Int) async throws {
        let inserts = min(Self.mostInserts, count / 4)
        let sample = try EmbedSuite.generatedSample(
            count + inserts * Form.allCases.count + Self.targets)
        let embedder = DecisionEmbedder()
        func entries(_ range: Range<Int>) throws -> [Entry] {
            try sample[range].map { decision in
                try Interruption.check()
                return Entry(decision: decision, embedding: embedder.embed(decision))
            }
        }
        store = try MemoryStore(options: StoreOptions(clock: WallClock.now))
        held = count
        for start in stride(from: 0, to: count, by: Self.batch) {
            _ = try await store.insert(try entries(start..<min(start + Self.batch, count)))
        }
        var coming: [Form: [Entry]] = [:]
        for (place, form) in Form.allCases.enumerated() {
            let first = count + place * inserts
            coming[form] = try entries(first..<first + inserts)
        }
        self.coming = coming
        targets = try entries(sample.count - Self.targets..<sample.count).map(\.embedding)
    }

    private func measure(_ form: Form) async throws {
        let entries = coming[form] ?? []
        // So that what those before left behind takes no part of the processor.
        while try await store.statistics().index.tail > 0 {
            try Interruption.check()
            try await Task.sleep(for: .milliseconds(10))
        }
        let searching = Task { try await searchTimes() }
        defer { searching.cancel() }
        var times = LatencyHistogram()
        var (accepted, found) = (0, 0)
        for entry in entries {
            try Interruption.check()
            let began = ContinuousClock().now
            let report = try await store.insert([entry], measuringNovelty: form == .scored)
            times.record(microseconds: began.secondsUntilNow * 1e6)
            accepted += report.outcomes.count { $0.disposition == .accepted }
            found += try await isFound(entry) ? 1 : 0
        }
        searching.cancel()
        let beside = try await searching.value
        try StandardOutput.shared.write(json: [
            "suite": .string("store"), "form": .string(form.rawValue), "decisions": .integer(held),
            "inserts": .integer(entries.count), "accepted": .integer(accepted),
            "found": .decimal(Double(found) / Double(max(1, entries.count)), digits: 4),
            "insert_p50_us": .decimal(times.quantile(0.5) ?? 0, digits: 1),
            "insert_p99_us": .decimal(times.quantile(0.99) ?? 0, digits: 1),
            "search_p50_us": .decimal(beside.quantile(0.5) ?? 0, digits: 1),
            "search_p99_us": .decimal(beside.quantile(0.99) ?? 0, digits: 1),
        ])
    }

    /// Whether a search for its vector finds a decision, or as many others as near as are asked for.
    private func isFound(_ entry: Entry) async throws -> Bool {
        let answer = try await store.search(
            SearchRequest(target: .embedding(entry.embedding), limit: Self.limit))
        return answer.results.contains { $0.stored.decision.id == entry.decision.id }
            || (answer.results.last?.similarity ?? 0) >= 1 - 1e-6
    }

    /// Searches without a pause until the task is cancelled.
    private func searchTimes() async throws -> LatencyHistogram {
        var times = LatencyHistogram()
        while true {
            for target in targets {
                if Task.isCancelled { return times }
                let began = ContinuousClock().now
                do {
                    _ = try await store.search(
                        SearchRequest(target: .embedding(target), limit: Self.limit))
                } catch is CancellationError {
                    return times
                }
                times.record(microseconds: began.secondsUntilNow * 1e6)
            }
        }
    }
}
