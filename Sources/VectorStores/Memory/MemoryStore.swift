import Decisions
import Synchronization
import VectorIndex

/// The embedded store: ephemeral, or durable in a directory with one writer and any number of readers.
///
/// Searches run in parallel with each other and with inserts and never wait for the disk. Writers
/// take turns at `writer`; order of locks: `writer`, then the state's, then the index's.
public final class MemoryStore: VectorStore, RecordStore {
    /// Where the store is.
    public let address: StoreAddress
    let options: StoreOptions
    let core: StoreCore
    let writer: Mutex<WriterState>
    let contentChanges = Broadcast<UInt64>(buffered: 1)
    let recordFeed = Broadcast<Record>(buffered: 10_000)

    /// What only the one who writes touches.
    struct WriterState: ~Copyable {
        /// Entries that retention never removes: members of open incidents.
        var pinned: Set<EntryIdentity> = []
        /// Whether the store was closed.
        var isClosed = false
    }

    /// Creates an empty store that lives as long as this object.
    public convenience init(options: StoreOptions) throws(StoreError) {
        try self.init(address: .ephemeral, core: StoreCore(configuration: options.index), options: options)
    }

    init(address: StoreAddress, core: StoreCore, options: StoreOptions) {
        self.address = address
        self.core = core
        self.options = options
        writer = Mutex(WriterState())
    }

    /// What this opening of the store may do, and why not where it may not.
    public var capabilities: StoreCapabilities {
        get async { StoreCapabilities(readOnlyReason: nil, isDurable: false) }
    }

    /// Follows the store: yields a number that grows whenever its content changes.
    public func changes() -> AsyncStream<UInt64> { contentChanges.stream() }

    /// Writes what is buffered and releases locks and files; the store answers nothing afterwards.
    public func close() async {
        writer.withLock { $0.isClosed = true }
        contentChanges.finish()
        recordFeed.finish()
    }

    /// Names the entries that retention must keep whatever their age.
    public func pin(_ entries: Set<EntryIdentity>) async {
        writer.withLock { $0.pinned = entries }
    }

    /// Tells followers that the content changed.
    func announceChange() {
        contentChanges.send(core.state.withReading { $0.revision })
    }
}

extension MemoryStore {
    /// Opens the store in a directory.
    public convenience init(directory: String, options: StoreOptions) throws(StoreError) {
        throw StoreError(.unsupported, "durable stores are not in this build: use memory:")
    }
}
