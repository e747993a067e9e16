import Decisions
import Locks
import VectorIndex

/// The embedded store: ephemeral, durable in a directory with one writer and any number of readers, or the mirror
/// of a store that a server keeps.
///
/// Searches run in parallel with each other and with inserts and never wait for the disk. Writers
/// take turns at `writer`; order of locks: `writer`, then the state's, then the index's.
public final class MemoryStore: VectorStore, RecordStore {
    /// Where the store is.
    public let address: StoreAddress
    let options: StoreOptions
    let core: StoreCore
    let writer: Mutex<WriterState>
    let role: Role
    /// What a crash left at the end of the journal, moved away when it was opened.
    let tornEnd: TornEnd?
    /// Why the last snapshot could not be taken.
    let checkpointFailure = Mutex<StoreError?>(nil)
    /// Entries that retention never removes: members of open incidents.
    let pinned = Mutex<Set<EntryIdentity>>([])
    let contentChanges: Broadcast<UInt64>
    let recordFeed: Broadcast<Record>
    let checkHistory: Mutex<HealthHistory>
    /// Whether the index of a mirror still gets its links.
    let linking = Monitor(Linking.idle)
    /// Links what was inserted without being measured.
    let tailLinker: TailLinker

    /// What this opening is to its files.
    enum Role: Sendable {
        /// There are none.
        case ephemeral
        /// The one that writes them.
        case writer(Directory, StoreLock, JournalSynchronizer)
        /// One of those that read and follow them; perhaps because writing was refused.
        case reader(Directory, Follower, refusal: String?)
        /// It has none: it answers for a server that keeps everything.
        case mirror(any ChangeLog, StoreMirror)
    }

    /// What only the one who writes touches.
    struct WriterState: ~Copyable {
        /// Whether the store was closed.
        var isClosed = false
        /// Where changes are written before they are made; `nil` in an ephemeral store.
        var journal: JournalWriter?
        /// The journal's length at which the next snapshot is taken.
        var checkpointLength: Int
        /// Whether somebody links what a snapshot must have, without the turn to write, and takes it then.
        var awaitsLinks = false
        /// The number of the files that the last snapshot replaced, while the disk has not confirmed its name.
        var replacedNumber: UInt64?
    }

    /// Creates an empty store that lives as long as this object.
    public convenience init(options: StoreOptions) throws(StoreError) {
        try self.init(
            address: .ephemeral, core: StoreCore(configuration: options.index), options: options,
            role: .ephemeral, journal: nil)
    }

    init(
        address: StoreAddress, core: StoreCore, options: StoreOptions, role: Role,
        journal: sending JournalWriter?, tornEnd: TornEnd? = nil,
        contentChanges: Broadcast<UInt64> = Broadcast(buffered: 1),
        recordFeed: Broadcast<Record> = Broadcast(buffered: 10_000)
    ) {
        self.address = address
        self.core = core
        self.options = options
        self.role = role
        self.tornEnd = tornEnd
        self.contentChanges = contentChanges
        self.recordFeed = recordFeed
        tailLinker = TailLinker(core)
        checkHistory = Mutex(HealthHistory(start: options.clock()))
        writer = Mutex(
            WriterState(journal: journal, checkpointLength: options.snapshotAfterJournalBytes))
    }

    deinit { _ = shutDown() }

    /// What this opening of the store may do, and why not where it may not.
    public var capabilities: StoreCapabilities {
        get async {
            StoreCapabilities(
                readOnlyReason: readOnlyReason, isDurable: isDurable,
                keepsEverything: options.retention.keepsEverything)
        }
    }

    /// Follows the store: yields a number that grows whenever its content changes.
    public func changes() -> AsyncStream<UInt64> { contentChanges.stream() }

    /// Writes what is buffered and releases locks and files; the store answers nothing afterwards.
    public func close() async { await offPool { _ = shutDown() } }

    /// Closes the store; throws when something that was written or done may not be kept.
    public func finish() async throws {
        if let failure = await offPool({ shutDown() }) { throw failure }
    }

    /// Names the entries that retention must keep whatever their age, and removes what else is due.
    @concurrent
    public func pin(_ entries: Set<EntryIdentity>) async {
        pinned.withLock { $0 = entries }
        await offPool {
            writer.withLock { writer in
                // What cannot be removed now is removed by the next insert, which says why if it cannot.
                if readOnlyReason == nil, !writer.isClosed { try? applyRetention(&writer, exactly: false) }
            }
        }
    }

    /// Tells followers that the content changed.
    func announceChange() {
        contentChanges.send(core.state.withReading { $0.revision })
    }

    /// Whether anything is kept when the process ends.
    var isDurable: Bool {
        if case .ephemeral = role { return false }
        return true
    }

    /// Whether the directory is not there, so that the store reads as an empty one.
    var isAbsent: Bool {
        guard case .reader(let directory, _, _) = role else { return false }
        return (try? directory.exists()) == false
    }

    /// Why this opening may not write; `nil` when it may.
    var readOnlyReason: String? {
        if case .mirror(let log, _) = role { return log.readOnlyReason }
        guard case .reader(let directory, _, let refusal) = role else { return nil }
        if let holder = try? StoreLock.holder(directory) { return holder.description }
        if let refusal { return refusal }
        if options.access == .read { return "opened for reading" }
        return isAbsent
            ? "it does not exist: ingest into it first" : "the writer has ended: open the store again"
    }
}
