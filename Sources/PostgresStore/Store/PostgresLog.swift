import Decisions
import Locks
import VectorStores

/// Keeps what a mirror changes in PostgreSQL, and follows what others change there.
///
/// All who write with Verdict take one advisory lock for the time of a transaction, read what others have committed
/// and only then decide: what is decided is never stale. Every other program may write the table at any time, and is
/// followed by the changes that its triggers note.
final class PostgresLog: ChangeLog {
    let address: PostgresServerAddress
    let pool: PostgresPool
    let options: StoreOptions
    /// What was found when it was opened, or when the server came back; `nil` while that is away.
    let found: Mutex<OpenedDatabase?>
    /// Why the server was not there when it was opened.
    let absence: PostgresError?
    /// How it stands with the mirror's file.
    let saving = Mutex(Saving())
    /// Where entries wait for a server that is away.
    let writeQueue: WriteQueue?
    /// Why nothing can be queued; `nil` when it can, or is not to be.
    let queueFailure: StoreError?
    /// How far the changes were read; only whoever has the store's turn changes it.
    let place: Mutex<Place>
    /// How it stands, for those who must not wait.
    let standing: Mutex<Standing>
    /// Where those read who do not write.
    let servers: ReadableServers
    /// What others stored, for whoever scores it; taken after ``place`` where both are.
    let arrivals = Mutex(ArrivalWatch())
    /// How often and after what pauses a write is tried again.
    let retries = RetryPolicy(attempts: 60, longestPause: .seconds(3))
    /// What runs beside: the thread that follows and the one that moves rows.
    let threads: LogThreads
    /// Until when the server is not asked to answer searches, since it did not answer one in time.
    let searchesResume = Mutex(ContinuousClock.now)
    /// What the last search saw of the database, and until when those that follow go by it.
    let searcher = Mutex<(searcher: ServerSearcher, until: Deadline)?>(nil)
    /// How it stands with comparing the mirror with what the server holds; taken after ``place`` where both are.
    let audit = Mutex(Audit())
    /// Whether the server told that it passes no notifications on.
    let isMute = Mutex(false)

    /// The lock of whoever writes, beside ``lockedTables``: the bytes of `verW`.
    static let writerLock = 0x7665_7257
    /// The lock of whoever moves rows out of the inbox, beside ``lockedTables``: the bytes of `verI`.
    static let moverLock = 0x7665_7249
    /// The number that tells the tables of one schema from those of another, whatever the search path is.
    static let lockedTables: SQL = "'decision_inbox'::regclass::oid::int4"
    /// How long a write may take, with waiting for others.
    static let writeLimit = Duration.seconds(60)
    /// How long reading what others changed may take before the first row of it comes.
    static let followLimit = Duration.seconds(20)
    /// How many identifiers one statement names.
    static let identifiersAtATime = 5_000

    /// How far the changes were read.
    struct Place {
        /// The transactions that were visible when changes were last read, as the server writes them.
        var snapshot = ""
        /// Transactions of this process that the snapshot does not tell of yet: what they did is in the mirror.
        var own: [UInt64] = []
        /// How far the server was, and on which of its lives, when changes were last read.
        var moment: ServerMoment?
        var names = RowNames()
        /// Rows that cannot be held, and why.
        var leftOut: [ByteKey: String] = [:]
        /// Rows that were read, when all last were, and are neither held nor left out; 0 but for a fault.
        var unaccounted = 0
        /// Whether everything must be read anew, since changes were lost.
        var isLost = false
        /// What changed and is not read yet: it stays where reading ends in an error.
        var unread = ForeignChanges()
        /// Whether somebody scores what others store, and what of that came since all changes were last read.
        var isWatched = false
        var arrived: [EntryIdentity] = []
        /// Entries that were let go of since then: under another identifier they may be there all the same.
        var released: Set<EntryIdentity> = []
        /// What is read anew since it was queued here.
        var unheld: [EntryIdentity: UnheldEntry] = [:]
    }

    init(
        address: PostgresServerAddress, pool: PostgresPool, servers: ReadableServers, options: StoreOptions,
        facts: OpenedDatabase?, absence: PostgresError? = nil
    ) {
        self.address = address
        self.pool = pool
        self.servers = servers
        self.options = options
        found = Mutex(facts)
        self.absence = absence
        place = Mutex(Place())
        standing = Mutex(Standing())
        threads = LogThreads()
        (writeQueue, queueFailure) = Self.openQueue(of: address, options)
    }

    /// What was found of the database, as far as it is known.
    var facts: OpenedDatabase { found.withLock { $0 } ?? .unknown(options.access) }

    var readOnlyReason: String? { facts.readOnlyReason }

    var openingNotice: String? {
        let notices = [facts.notice, saving.withLock { $0.notice }, queueFailure?.description].compactMap {
            $0
        }
        return notices.isEmpty ? nil : notices.joined(separator: "; ")
    }

    var diskBytes: Int { standing.withLock { $0.diskBytes } }

    func prepared(_ entries: [Entry]) throws(StoreError) -> [Entry] {
        slowDown()
        return entries.map { Entry(decision: $0.decision.keptForm, embedding: $0.embedding) }
    }

    func start(turn: @escaping Turn) {
        // A command that only asks how it is does not wait for the thread that follows.
        measure()
        threads.start { [self] in runFollowing(turn) }
        if options.access != .read { threads.start { [self] in moveOnceKnown() } }
    }

    func interrupt() {
        threads.interrupt()
        servers.stopConnecting()
    }

    func stop() {
        threads.stop()
        servers.close()
        writeQueue?.close()
    }
}

extension StoreError {
    /// What the client says, in the words of a store.
    init(_ error: PostgresError) {
        let code: Code =
            switch error.code {
            case .usage: .usage
            case .missing: .missing
            case .permission, .readOnlyServer: .readOnly
            case .cancelled: .cancelled
            case .connection, .authentication, .timeout, .full, .tooManyConnections, .shuttingDown,
                .unknownOutcome:
                .inputOutput
            case .conflict, .uniqueViolation, .server, .protocolViolation: .failed
            }
        self.init(code, error.description)
    }
}
