import Decisions
import Locks
import VectorIndex

extension MemoryStore {
    /// Opens a store that answers for one that a server keeps: loaded before this returns, followed from then on.
    ///
    /// Searches never wait for the server. Costs what the server holds, in time and in memory.
    package convenience init(
        mirroring log: any ChangeLog, at address: StoreAddress, options: StoreOptions
    ) throws(StoreError) {
        let contentChanges = Broadcast<UInt64>(buffered: 1)
        let recordFeed = Broadcast<Record>(buffered: 10_000)
        let core = Mutex<StoreCore?>(nil)
        let mirror = try StoreMirror(configuration: options.index) { records in
            for record in records { recordFeed.send(record) }
            guard let core = core.withLock({ $0 }) else { return }
            contentChanges.send(core.state.withReading { $0.revision })
        }
        do {
            try log.load(into: mirror)
        } catch {
            log.stop()
            throw error
        }
        core.withLock { $0 = mirror.core }
        let queue = log.queue
        self.init(
            address: address, core: mirror.core, options: options, role: .mirror(log, mirror), journal: nil,
            contentChanges: contentChanges, recordFeed: recordFeed)
        linkLater()
        // What a process that ended has left is searchable before the server has it.
        if let queue, queue.count > 0 { holdTakenOver(queue, mirror) }
        log.start { [weak self] read throws(StoreError) in try self?.takeTurn(read) }
    }

    /// How it is with the server that keeps the store; `nil` where none does.
    var serverReport: ServerReport? {
        guard case .mirror(let log, _) = role else { return nil }
        return log.serverReport
    }

    /// Lets the server bring what it acknowledged to where it stays.
    @concurrent
    public func settle(_ goesOn: @escaping @Sendable (_ waiting: Int) -> Bool) async -> Int {
        guard case .mirror(let log, _) = role else { return 0 }
        return await offPool { log.settle(goesOn) }
    }

    /// Ends whatever waits for the server, now and from now on; answers at once.
    public func stopWaiting() {
        if case .mirror(let log, _) = role { log.interrupt() }
    }

    /// Takes over what others have kept, in a turn of its own.
    package func followNow() throws(StoreError) {
        guard case .mirror(let log, _) = role else { return }
        try takeTurn { mirror throws(StoreError) in try log.follow(into: mirror) }
    }

    private func takeTurn(_ read: (StoreMirror) throws(StoreError) -> Void) throws(StoreError) {
        guard case .mirror(let log, let mirror) = role else { return }
        // Whoever inserts meanwhile does not wait for a server that is away.
        if log.isAway { try log.reach() }
        var isSavingLeft = false
        try writer.withLock { writer throws(StoreError) in
            if writer.isClosed { return }
            let before = core.state.withReading { $0.revision }
            try read(mirror)
            takeOverAbandoned(log, mirror)
            writeQueued(&writer, log, mirror)
            mirror.tidy()
            isSavingLeft = saveIfLinked(log, mirror) == .left
            if core.state.withReading({ $0.revision }) != before { announceChange() }
        }
        if isSavingLeft { saveOnceLinked(log, mirror) }
    }

    /// Keeps the mirror on this machine where that is worth it; where too much is to be linked before, it is left to
    /// the caller, without the turn to write.
    private func saveIfLinked(_ log: any ChangeLog, _ mirror: StoreMirror) -> CheckpointOutcome {
        if core.index.tailCount > Self.linkedInTurn, log.isSaveDue(mirror, isClosing: false) { return .left }
        log.save(mirror, isClosing: false)
        return .done
    }

    /// The same once what waits is linked; others write and search meanwhile, as with ``checkpointOnceLinked()``.
    private func saveOnceLinked(_ log: any ChangeLog, _ mirror: StoreMirror) {
        let index = core.index
        index.linkTail(atMost: index.tailCount)
        let outcome = writer.withLock { $0.isClosed ? .done : saveIfLinked(log, mirror) }
        guard outcome == .left else { return }
        core.index.withoutTail {
            writer.withLock { if !$0.isClosed { log.save(mirror, isClosing: false) } }
        }
    }
}
