public import Decisions
public import VectorStores

/// Watches one store: scores what is inserted, gathers evidence, keeps incidents and its own state in
/// the store's records. One process per store does so, the holder of the lease; others follow.
public actor DetectionService {
    let store: any DecisionStore
    let configuration: DetectionConfiguration
    let holder: LeaseHolder
    let clock: @Sendable () -> Timestamp
    let isGone: @Sendable (LeaseHolder) -> Bool

    var role = DetectionRole.idle
    var detector: Detector
    var book: IncidentBook
    /// The detector as another process saved it, once a preview has asked for it.
    var restored: RestoredDetector?
    var leaseRevision: UInt64 = 0
    var lastHeartbeat: Timestamp?
    /// When the state was last saved, or detection began.
    var lastCheckpoint: Timestamp?
    /// Whether the holder before ended without giving the lease back.
    var wasCutShort = false
    /// Records each tenant's state takes, to delete what a shorter one leaves behind.
    var stateChunks: [ByteKey: Int] = [:]
    /// Tenants whose state changed since it was saved.
    var changedTenants: Set<ByteKey> = []
    /// Decisions scored since the state was saved.
    var decisionsSinceCheckpoint = 0
    /// Tenants whose state is in the store.
    var savedTenants: Set<ByteKey> = []
    /// The number of the last save of the state.
    var lastSave = 0
    /// Up to where the store's entries were scored.
    var scored = ScoringTrail()
    /// Up to where what was scored is in the incidents.
    var filed = ScoringTrail()
    /// Incidents that changed since they were saved, and those that went.
    var changedIncidents: Set<String> = []
    var removedIncidents: Set<String> = []
    /// The revision of each incident's record.
    var recordRevisions: [String: UInt64] = [:]
    /// The last revision of the record of each incident that was deleted and whose deletion was not told yet.
    var removedRevisions: [String: UInt64] = [:]
    /// The version of the book's members that the store was last told to keep.
    var pinnedVersion = 0
    /// What is hunted.
    var hunts = HuntWatch()
    /// Whether signals of other processes wait to be filed.
    var hasHandedOver = false
    /// What people did to incidents and is not saved yet, in its order.
    var unsavedActs: [UnsavedAct] = []
    /// Why what people did waits to be saved, and when it is tried again; `nil` while nothing waits.
    var waitingActs: WaitingActs?
    /// Incidents that are not saved because no store could read them back.
    var unwritable: Set<String> = []
    /// Decisions from before that still wait to be scored.
    var unscored = 0
    /// What nobody could judge when it came, for the periodic pass.
    var unjudged = UnjudgedSpans()
    var problems: [String] = []
    /// Why what was scored is not saved yet; `nil` while all is.
    var unsaved: String?
    /// How many decisions of each tenant were flagged, as saved.
    var savedAnomalies: [ByteKey: Int] = [:]
    /// Tenants whose count of flagged decisions changed since it was saved.
    var changedAnomalies: Set<ByteKey> = []
    var generation: UInt64 = 0
    var turns = TurnQueue()
    /// Whether the store tells what others store in it, which is for this process to score.
    var isWatching = false
    /// What others stored and is not scored yet.
    var arrived: [StoredDecision] = []
    /// What was caught up without a position, and arrives once more.
    var caughtUp: Set<EntryIdentity> = []
    /// Up to where others' entries were scored when nothing waited.
    var scoredPosition: JSONValue?
    /// What was scored since.
    var beyond = ScoredBeyond()
    /// Whether none is saved.
    var needsPosition = false
    /// The newest snapshot, while it holds.
    var latest: DetectionSnapshot?
    /// Who is told of changes.
    var watchers: [Int: AsyncStream<UInt64>.Continuation] = [:]
    var nextWatcher = 0
    /// What people taught: rules and lessons, with how often they were of use.
    var taught = TaughtBook()
    /// What was flagged or nearly was.
    var history = DetectionHistory()
    /// What takes over the changes that other processes make.
    var following: [Task<Void, Never>] = []

    /// What watching some inserted entries gave.
    public struct Observation: Sendable {
        /// One per entry; `nil` for duplicates, merged entries, and all of them when only following.
        public var scored: [ScoredDecision?] = []
        /// The incidents that were opened, reopened or grew.
        public var changes: [IncidentBook.Change] = []
    }

    /// Creates a service that is idle until started.
    ///
    /// `isGone` says whether a holder's process is known to have ended, so that a crashed one need
    /// not be waited for.
    public init(
        store: any DecisionStore, configuration: DetectionConfiguration = DetectionConfiguration(),
        holder: LeaseHolder, clock: @escaping @Sendable () -> Timestamp,
        isGone: @escaping @Sendable (LeaseHolder) -> Bool = { _ in false }
    ) {
        self.store = store
        self.configuration = configuration
        self.holder = holder
        self.clock = clock
        self.isGone = isGone
        detector = Detector(configuration: configuration.detector)
        book = IncidentBook(configuration: configuration.incidents)
    }

    /// Whether what is inserted will be scored here by how new it is; what others score need not be measured.
    public var measuresNovelty: Bool { role == .detecting }

    /// Scores inserted entries in their order; the members of incidents among them are pinned when it
    /// returns.
    ///
    /// Does nothing unless this process holds the lease. What cannot be saved now is told by the
    /// snapshot and saved by a later call: the entries are stored and scored whatever becomes of it.
    public func observe(_ entries: [Entry], _ report: InsertReport) async -> Observation {
        await takeTurn()
        defer { turns.pass() }
        guard role == .detecting, entries.count == report.outcomes.count else {
            return Observation(scored: Array(repeating: nil, count: entries.count))
        }
        await scoreArrivals()
        // What was caught up when the lease was taken may have been inserted here before.
        if let receipt = report.receipt, await !store.confirm(receipt) {
            return Observation(scored: Array(repeating: nil, count: entries.count))
        }
        let outcomes = report.isMeasured ? report.outcomes : await measured(entries, report.outcomes)
        let observation = await score(entries, outcomes)
        outdated()
        await pinMembers()
        await saveOrTell { try await saveWhatIsDue(urgent: observation.changes.contains(where: \.isNew)) }
        if !observation.changes.isEmpty { published() }
        return observation
    }

    /// Says that this process is there, saves what changed; takes over a lease that became free.
    ///
    /// To be called about every two seconds.
    @discardableResult
    public func heartbeat() async throws -> DetectionRole {
        await takeTurn()
        defer { turns.pass() }
        switch role {
        case .idle:
            break
        case .detecting:
            await scoreArrivals()
            if hasHandedOver { await takeHandedOver() }
            await pinMembers()
            try await keepLease()
            guard role == .detecting else { break }
            wakeDue()
            try await expireTaught()
            try await saveIncidents(flushing: !taught.changedHits.isEmpty)
            try await saveStateIfOld()
            if unsaved != nil {
                unsaved = nil
                outdated()
            }
        case .following:
            await saveWaitingActs()
            if try await takeOver() { published() }
        }
        return role
    }

    /// Saves incidents and the detector's state.
    public func checkpoint() async throws {
        await takeTurn()
        defer { turns.pass() }
        guard role == .detecting else { return }
        await scoreArrivals()
        await pinMembers()
        try await saveIncidents()
        try await saveState()
    }

    /// Saves everything and gives the lease back.
    ///
    /// Throws when that fails; the decisions are stored and the lease is kept, so that whoever takes it next
    /// knows that there is something to catch up.
    public func close() async throws {
        await takeTurn()
        defer { turns.pass() }
        for task in following { task.cancel() }
        following = []
        for watcher in watchers.values { watcher.finish() }
        watchers = [:]
        // Only then: what is saved until the end still says up to where it goes.
        defer {
            role = .idle
            isWatching = false
            outdated()
        }
        if role == .following { try await saveLastActs() }
        guard role == .detecting else { return }
        await scoreArrivals()
        await pinMembers()
        do {
            try await saveIncidents()
            try await saveState()
            try await releaseLease()
            await stopWatching()
        } catch {
            throw StoreError(.failed, Self.unsavedSentence(error))
        }
    }

    /// Waits for its turn; who took it passes it on.
    func takeTurn() async {
        if turns.takeIfFree() { return }
        await withCheckedContinuation { turns.wait($0) }
    }
}
