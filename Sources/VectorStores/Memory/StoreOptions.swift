public import Decisions
import Glibc
public import VectorIndex

/// How a store is opened.
public struct StoreOptions: Sendable {
    /// What the opener wants to do.
    public var access: Access = .write
    /// Whether a directory that does not exist reads as an empty store: true for the default directory only.
    public var missingReadsAsEmpty = false
    /// Whether a directory that does not exist is made by who writes.
    public var createsMissing = true
    /// What the lock says of this process: `verdict ingest`.
    public var commandName = "verdict"
    /// Whether an insert waits until the disk has it.
    public var synchronizesEveryWrite = false
    /// How much is kept.
    public var retention = RetentionPolicy.keepEverything
    /// How a new index is built; a stored one keeps its own.
    public var index = IndexConfiguration()
    /// Name and version of the embedding recipe; a store of another recipe is refused.
    public var recipe = "decision-384/1"
    /// The journal size past which a snapshot is taken, at least; it grows with the store.
    ///
    /// Whoever opens the store reads the whole journal again: 8 MB are about 30,000 decisions, some seconds.
    public var snapshotAfterJournalBytes = 8 << 20
    /// How many threads a rebuild uses: all processors but one, and both where there are two.
    public var rebuildThreads = StoreOptions.rebuildThreads(processors: sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    /// Who is told what it costs to read a server's rows, and how far that is.
    public var mirrorWatch = MirrorWatch()
    /// Where a mirror of a server is kept between two openings, and what is queued for the server; `nil` keeps none.
    public var mirrorFiles: MirrorFiles?
    /// A mirror of up to so many distinct vectors is linked before it is open: a second or so.
    package var linkedAtOnce = 10_000
    /// The wall clock.
    public var clock: @Sendable () -> Timestamp
    /// How many rows an exact search compares before whoever waits to write has its turn: half a millisecond or so.
    var rowsComparedAtATime = 16_384
    /// Waits until the disk has the names in a directory.
    var synchronizeNames: @Sendable (String) throws(StoreError) -> Void = Directory.synchronize

    /// What an opener wants to do.
    public enum Access: Sendable, Hashable {
        /// Writes; fails when another process does.
        case write
        /// Only reads, and follows a writer if there is one.
        case read
        /// Writes if nobody else does, else follows.
        case writeOrFollow
    }

    /// How many threads a rebuild uses on a machine of so many processors.
    ///
    /// One is left to the searches that go on meanwhile; of two a search gets its share when it needs it, which is
    /// soon over, and the rebuild would take twice as long.
    static func rebuildThreads(processors: Int) -> Int {
        max(1, processors > 2 ? processors - 1 : processors)
    }

    /// Creates options with defaults.
    public init(clock: @escaping @Sendable () -> Timestamp) {
        self.clock = clock
    }
}
