import Locks
import VectorIndex

extension MemoryStore {
    /// Decides what is to change and keeps it before it is made: in the journal, or on the server that is mirrored.
    ///
    /// Nobody else changes the store between the decision and its making. The closure may be called again where
    /// something came between, and only its last answer counts. An ephemeral store keeps nothing.
    func keepChange(
        _ writer: inout WriterState, _ decide: () throws(StoreError) -> StoreChange?
    ) throws(StoreError) {
        if case .mirror(let log, let mirror) = role { return try log.keep(in: mirror, decide) }
        guard let change = try decide() else { return }
        try journal(&writer) { change.add(to: &$0) }
    }

    /// Writes what a closure adds to the journal, all or nothing; only a store with files has one.
    private func journal(
        _ writer: inout WriterState, _ add: (inout JournalFrames) -> Void
    ) throws(StoreError) {
        guard case .writer(_, _, let synchronizer) = role, let journal = writer.journal else { return }
        if let failure = synchronizer.failure { throw failure }
        let synchronizedLength = synchronizer.synchronizedLength
        var frames = journal.frames(synchronizedLength: synchronizedLength)
        let empty = frames.writer.bytes.count
        add(&frames)
        guard frames.writer.bytes.count > empty else { return }
        try confirmSnapshot(&writer)
        try journal.append(frames, synchronizedLength: synchronizedLength)
        synchronizer.noteWritten(journal.length)
    }

    /// Waits for the disk when every write is to be on it before it is acknowledged.
    func synchronizeIfAsked() throws(StoreError) {
        guard options.synchronizesEveryWrite, case .writer(_, _, let synchronizer) = role else { return }
        try synchronizer.synchronizeNow()
    }

    /// Writes index and columns aside, begins a new journal, and only then lets go of the old one.
    ///
    /// A failure leaves the old snapshot and journal in use, and is told by the health check too.
    func checkpoint(_ writer: inout WriterState) throws(StoreError) {
        guard case .writer(let directory, _, let synchronizer) = role, let old = writer.journal else {
            return
        }
        do throws(StoreError) {
            try confirmSnapshot(&writer)
            try synchronizer.synchronizeNow()
            // The journal names entries, not rows, so that it fits whether or not the snapshot is written.
            if core.isSparse() { core.compact() }
            let (journal, bytes) = try publishSnapshot(old.number + 1, in: directory)
            // The new snapshot has its name: from here on it is the store, whatever happens.
            synchronizer.follow(journal.file, length: journal.length)
            writer.journal = journal
            writer.checkpointLength = max(options.snapshotAfterJournalBytes, bytes / 2)
            writer.replacedNumber = old.number
            core.leaveOldEntries(toSnapshot: journal.number, in: directory, recipe: options.recipe)
            try confirmSnapshot(&writer)
        } catch {
            checkpointFailure.withLock { $0 = error }
            if let journal = writer.journal {
                writer.checkpointLength = max(writer.checkpointLength, journal.length * 2)
            }
            throw error
        }
    }

    /// Waits until the disk has the name of the last snapshot; nothing is left to do when it has.
    ///
    /// Before that the old files stay and nothing more is acknowledged: without the name the store would come
    /// back with them, and what the new journal holds would be lost.
    private func confirmSnapshot(_ writer: inout WriterState) throws(StoreError) {
        guard let old = writer.replacedNumber, case .writer(let directory, _, _) = role else { return }
        try directory.synchronize()
        for path in [directory.journal(old), directory.snapshot(old), directory.index(old)] {
            directory.remove(path)
        }
        writer.replacedNumber = nil
        checkpointFailure.withLock { $0 = nil }
    }

    /// Writes a snapshot with its index and the journal that will continue it; all of them or none.
    private func publishSnapshot(
        _ number: UInt64, in directory: Directory
    ) throws(StoreError) -> (JournalWriter, bytes: Int) {
        do throws(StoreError) {
            let index: UInt32
            do {
                index = try core.index.writeSnapshot(to: directory.index(number))
            } catch {
                throw StoreError(.inputOutput, error.description)
            }
            var file = try SnapshotFileWriter(
                path: directory.snapshot(number), number: number, recipe: options.recipe, in: directory)
            try core.state.withReading { state throws(StoreError) in try state.write(to: &file) }
            try file.writeIndexChecksum(index)
            let (bytes, checksum) = try file.finish()
            let journal = try JournalWriter.create(
                number, in: directory, recipe: options.recipe, continuing: checksum)
            try file.publish()
            return (journal, bytes)
        } catch {
            for path in [directory.journal(number), directory.index(number), directory.snapshot(number)] {
                directory.remove(path + ".new")
            }
            directory.remove(directory.journal(number))
            directory.remove(directory.index(number))
            throw error
        }
    }

    /// A journal shorter than this is cheaper to read again than to make a snapshot of.
    private static let smallJournalBytes = 256 << 10

    /// Ends writing or following; answers why something that was written or done may not be kept.
    func shutDown() -> StoreError? {
        // Whoever has the turn may wait for a server that is away.
        if case .mirror(let log, _) = role { log.interrupt() }
        linking.update { $0 = .stopped }
        tailLinker.stop()
        let failure = writer.withLock { writer -> StoreError? in
            guard !writer.isClosed else { return nil }
            writer.isClosed = true
            switch role {
            case .ephemeral: return nil
            case .mirror(let log, let mirror):
                log.save(mirror, isClosing: true)
                return nil
            case .reader(_, let follower, _):
                follower.stop()
                return nil
            case .writer(_, let lock, let synchronizer):
                let failure = endWriting(&writer, synchronizer)
                writer.journal = nil
                lock.release()
                return failure
            }
        }
        // Its thread may wait for the writer's turn, and goes when that is refused.
        if case .mirror(let log, _) = role { log.stop() }
        contentChanges.finish()
        recordFeed.finish()
        return failure
    }

    /// Does what is left to do, each step whether or not the one before failed; answers the first failure.
    private func endWriting(_ writer: inout WriterState, _ synchronizer: JournalSynchronizer) -> StoreError? {
        var failure: StoreError?
        do { try applyRetention(&writer, exactly: true) } catch { failure = error }
        do {
            if let journal = writer.journal, journal.length > MemoryStore.smallJournalBytes {
                try checkpoint(&writer)
            }
        } catch { failure = failure ?? error }
        do { try markEnd(&writer, synchronizer) } catch { failure = failure ?? error }
        synchronizer.stop()
        return failure ?? synchronizer.failure
    }

    /// Says at the end of the journal that the disk has all of it, so that later damage is known as such.
    private func markEnd(
        _ writer: inout WriterState, _ synchronizer: JournalSynchronizer
    ) throws(StoreError) {
        guard let journal = writer.journal, !journal.endsMarked else { return }
        try synchronizer.synchronizeNow()
        try journal.appendMark()
        synchronizer.noteWritten(journal.length)
    }
}
