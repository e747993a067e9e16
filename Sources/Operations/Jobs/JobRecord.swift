import Decisions
import VectorStores

/// A long piece of work as the store keeps it, so that every console sees it.
struct JobRecord: Sendable, Hashable {
    /// The collection of the records.
    static let collection = "jobs"
    /// After so many seconds without a sign of its owner a job counts as orphaned.
    static let leaseSeconds: Int64 = 10

    /// The largest number that JSON holds exactly.
    static let maximumID = 1 << 53

    /// What a job does.
    enum Kind: String, Sendable, Hashable {
        /// Builds the index anew.
        case rebuild
    }

    /// Its number in the store.
    var id: Int
    /// Who runs it.
    var owner: JobOwner
    /// What it does.
    var kind: Kind
    /// What it does, with its parameters.
    var title: String
    /// Where it is; never orphaned, which others tell by the heartbeat.
    var state = JobSummary.State.running
    /// What it is doing.
    var phase = ""
    /// What of the phase it is doing; empty where the phase says it.
    var detail = ""
    /// Share of the phase done, 0 to 1.
    var fraction = 0.0
    /// Vectors done in this phase.
    var done = 0
    /// Vectors in all in this phase.
    var total = 0
    /// When it started.
    var started: Timestamp
    /// When the phase started.
    var phaseStarted: Timestamp
    /// When its owner last said that it is there.
    var heartbeat: Timestamp
    /// When it ended; `nil` while it runs.
    var ended: Timestamp?
    /// What a finished rebuild changed.
    var report: RebuildReport?

    init(id: Int, owner: JobOwner, kind: Kind, title: String, started: Timestamp) {
        self.id = id
        self.owner = owner
        self.kind = kind
        self.title = title
        self.started = started
        phaseStarted = started
        heartbeat = started
    }

    /// Whether its owner has not said that it ended.
    var isRunning: Bool { ended == nil }

    /// Whether it runs no more although nobody said so.
    ///
    /// A heartbeat far in the future counts as silence, so that a clock set back keeps no job alive.
    func isOrphaned(at now: Timestamp, ownerIsGone: Bool) -> Bool {
        isRunning && (ownerIsGone || abs(now.seconds - heartbeat.seconds) >= Self.leaseSeconds)
    }

    /// Takes up how far a rebuild is.
    mutating func note(_ step: RebuildProgress, at now: Timestamp) {
        if phase != step.phase.rawValue { phaseStarted = now }
        phase = step.phase.rawValue
        detail = step.detail
        fraction = step.fraction
        done = step.done
        total = step.total
    }

    /// The job as screens show it; of another process's job nothing is known since its heartbeat.
    func summary(at now: Timestamp, isOwn: Bool, isOrphaned: Bool) -> JobSummary {
        let last = ended ?? (isOwn ? now : heartbeat)
        var summary = JobSummary(
            id: id, title: title, state: isOrphaned ? .orphaned : state, phase: phase, fraction: fraction,
            elapsedSeconds: max(0, last.secondsSince1970 - started.secondsSince1970), report: report,
            owner: isOwn ? nil : owner)
        summary.detail = isRunning ? detail : ""
        if isRunning, !isOrphaned, fraction > 0.02 {
            let phaseSeconds = max(0, last.secondsSince1970 - phaseStarted.secondsSince1970)
            summary.remainingSeconds = phaseSeconds / fraction * (1 - fraction)
        }
        return summary
    }

    /// Every job that a store keeps and that can be read, by number, with the revision of its record.
    static func all(of store: any RecordStore) async throws -> [(job: JobRecord, revision: UInt64)] {
        try await store.records(in: collection).compactMap { record in
            guard let job = record.value.flatMap({ JobRecord(json: $0) }), job.key == record.key else {
                return nil
            }
            return (job, record.revision)
        }.sorted { $0.job.id < $1.job.id }
    }

    /// A number that no record of the store has, also none that cannot be read.
    static func nextID(in store: any RecordStore) async throws -> Int {
        let numbers = try await store.records(in: collection).compactMap { Int($0.key) }
        return (numbers.filter { $0 < maximumID }.max() ?? 0) + 1
    }

    /// When a store's index was last built anew.
    static func lastRebuild(of store: any RecordStore) async throws -> Timestamp? {
        try await all(of: store).filter { $0.job.kind == .rebuild && $0.job.state == .done }
            .compactMap(\.job.ended).max()
    }
}
