public import AnomalyDetection
public import Decisions
public import VectorStores

/// The way of a decision into a store: embedded, inserted, scored, grouped into incidents.
///
/// One batch at a time goes through, in order, so that each decision is scored against exactly the
/// ones before it. Several sources may call it at once; their batches take turns.
public actor DecisionPipeline {
    /// Decisions that go through together.
    public static let batchSize = 512

    /// What became of a batch.
    public struct Counts: Sendable, Hashable {
        /// Stored.
        public var accepted = 0
        /// Already there.
        public var duplicates = 0
        /// Later stages that followed.
        public var merged = 0
        /// Same identity, other content: stored beside.
        public var conflicts = 0
        /// Older than what the store keeps: not stored.
        public var expired = 0
        /// Scored.
        public var scored = 0
        /// Flagged as anomalous.
        public var anomalous = 0

        /// Creates counts of zero.
        public init() {}

        /// Adds the counts of another batch.
        public static func += (lhs: inout Counts, rhs: Counts) {
            lhs.accepted += rhs.accepted
            lhs.duplicates += rhs.duplicates
            lhs.merged += rhs.merged
            lhs.conflicts += rhs.conflicts
            lhs.expired += rhs.expired
            lhs.scored += rhs.scored
            lhs.anomalous += rhs.anomalous
        }
    }

    private let store: any DecisionStore
    private let detection: DetectionService?
    private let wait: StoreWait?
    private let embedder = DecisionEmbedder()
    private var turns = TurnQueue()

    /// Creates a pipeline into a store; without detection nothing is scored.
    ///
    /// A `wait` is told while the store is given something.
    public init(store: any DecisionStore, detection: DetectionService?, wait: StoreWait? = nil) {
        self.store = store
        self.detection = detection
        self.wait = wait
    }

    /// Takes decisions in; when it returns, they are acknowledged and scored.
    ///
    /// Throws what the store throws; nothing of the batch is then acknowledged.
    public func accept(_ decisions: [Decision]) async throws -> Counts {
        try await accept(entries: decisions.map { Entry(decision: $0, embedding: embedder.embed($0)) })
    }

    /// Takes in entries whose vectors are known, as ``accept(_:)`` does.
    public func accept(entries: [Entry]) async throws -> Counts {
        await takeTurn()
        defer { turns.pass() }
        var counts = Counts()
        do {
            try await detection?.settle()
        } catch let error as StoreError where error.code == .inputOutput {
            // The store is away: it queues what comes or refuses it itself, and what is stored is scored later.
        }
        let report = try await insert(entries)
        for outcome in report.outcomes {
            switch outcome.disposition {
            case .accepted: counts.accepted += 1
            case .duplicate: counts.duplicates += 1
            case .merged: counts.merged += 1
            case .conflict: counts.conflicts += 1
            case .expired: counts.expired += 1
            }
        }
        if let detection {
            let observation = await detection.observe(entries, report)
            counts.scored = observation.scored.count { $0 != nil }
            counts.anomalous = observation.scored.count { $0?.anomalous ?? false }
        }
        return counts
    }

    private func insert(_ entries: [Entry]) async throws -> InsertReport {
        wait?.begin()
        defer { wait?.end() }
        // Who does not score need not wait for what only scoring asks.
        let isMeasured = await detection?.measuresNovelty ?? false
        return try await store.insert(entries, measuringNovelty: isMeasured)
    }

    // An actor lets other calls in at each await; batches must not overtake each other.
    private func takeTurn() async {
        if turns.takeIfFree() { return }
        await withCheckedContinuation { turns.wait($0) }
    }
}
