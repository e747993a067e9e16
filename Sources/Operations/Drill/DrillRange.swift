import AnomalyDetection
import Decisions
import VectorStores

/// Where a drill takes place: a store and a detector of its own beside those that count, made by the same code and
/// rules, with a past that is made up, and thrown away afterwards.
///
/// So the way from a decision to an incident is gone to its end, and nothing of it is in the past of the store's
/// tenants, their counts or their incidents.
struct DrillRange: Sendable {
    private let store: MemoryStore
    private let detection: DetectionService
    private let pipeline: DecisionPipeline

    /// The past, as short as it is, is enough to judge by.
    private static let warmUpDecisions = 500
    /// Of the newest scores of the past, those from after its own beginning.
    private static let thresholdWindow = 200

    /// Makes a range and its past by the rules of a detector.
    init(_ script: DrillScript, rules: DetectionConfiguration) async throws {
        let now = script.now
        var rules = rules
        rules.detector.warmUpDecisions = min(rules.detector.warmUpDecisions, Self.warmUpDecisions)
        rules.detector.thresholdWindow = min(rules.detector.thresholdWindow, Self.thresholdWindow)
        store = try MemoryStore(options: StoreOptions(clock: { now }))
        detection = DetectionService(
            store: store, configuration: rules,
            holder: LeaseHolder(host: "drill", processID: 0, session: "drill"), clock: { now })
        pipeline = DecisionPipeline(store: store, detection: detection)
        try await detection.start()
        let past = script.past
        for start in stride(from: 0, to: past.count, by: DecisionPipeline.batchSize) {
            try Task.checkCancellation()
            let end = min(past.count, start + DecisionPipeline.batchSize)
            _ = try await pipeline.accept(Array(past[start..<end]))
        }
    }

    /// Sends a decision the way of every decision, and tells the incident that was made of it; `nil` when none was.
    func incident(of decision: Decision) async throws -> Incident? {
        _ = try await pipeline.accept([decision])
        return await detection.snapshot().incidents.first { $0.members.contains(decision.id) }
    }

    /// Throws it away.
    func close() async {
        try? await detection.close()
        await store.close()
    }
}
