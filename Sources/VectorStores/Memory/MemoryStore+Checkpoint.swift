import Glibc
import Synchronization
import VectorIndex

extension MemoryStore {
    /// Writes what a closure adds to the journal, all or nothing; an ephemeral store has none.
    func journal(
        _ writer: inout WriterState, _ add: (inout JournalFrames) -> Void
    ) throws(StoreError) {
        guard case .writer(_, _, let synchronizer) = role, let journal = writer.journal else { return }
        if let failure = synchronizer.failure { throw failure }
        var frames = journal.frames(synchronizedLength: synchronizer.synchronizedLength)
        let empty = frames.writer.bytes.count
        add(&frames)
        guard frames.writer.bytes.count > empty else { return }
        try journal.append(frames)
        synchronizer.noteWritten(journal.length)
    }

    /// Waits for the disk when every write is to be on it before it is acknowledged.
    func synchronizeIfAsked() throws(StoreError) {
        guard options.synchronizesEveryWrite, case .writer(_, _, let synchronizer) = role else { return }
        try synchronizer.synchronizeNow()
    }

    /// Takes a snapshot when the journal has become long, measured against the store.
    func checkpointIfLong(_ writer: inout WriterState) {
        guard let journal = writer.journal, journal.length >= writer.checkpointLength else { return }
        checkpoint(&writer)
    }

    /// Writes index and columns aside, begins a new journal, and only then lets go of the old one.
    ///
    /// A failure leaves the old snapshot and journal in use and is told by the health check.
    func checkpoint(_ writer: inout WriterState) {
        guard case .writer(let directory, _, let synchronizer) = role, let old = writer.journal else {
            return
        }
        let number = old.number + 1
        do throws(StoreError) {
            try synchronizer.synchronizeNow()
            do {
                try core.index.writeSnapshot(to: directory.index(number))
            } catch {
                throw StoreError(.inputOutput, error.description)
            }
            var file = try SnapshotFileWriter(
                path: directory.snapshot(number), number: number, recipe: options.recipe, in: directory)
            try core.state.withReading { state throws(StoreError) in try state.write(to: &file) }
            let bytes = try file.finish()
            let journal = try JournalWriter.create(number, in: directory, recipe: options.recipe)
            try file.publish()
            synchronizer.follow(journal.file, length: journal.length)
            writer.journal = journal
            writer.checkpointFailure = nil
            writer.checkpointLength = max(options.snapshotAfterJournalBytes, bytes / 2)
            directory.remove(directory.journal(old.number))
            directory.remove(directory.snapshot(old.number))
            directory.remove(directory.index(old.number))
        } catch {
            for path in [
                directory.journal(number), directory.index(number), directory.snapshot(number) + ".new",
            ] {
                directory.remove(path)
            }
            writer.checkpointFailure = error
            writer.checkpointLength = old.length * 2
        }
    }

    /// A journal shorter than this is cheaper to read again than to make a snapshot of.
    private static let smallJournalBytes = 256 << 10

    /// Ends writing or following.
    func shutDown() {
        writer.withLock { writer in
            guard !writer.isClosed else { return }
            writer.isClosed = true
            switch role {
            case .ephemeral: break
            case .reader(_, let follower, _): follower.stop()
            case .writer(_, let lock, let synchronizer):
                try? applyRetention(&writer, exactly: true)
                if let journal = writer.journal, journal.length > MemoryStore.smallJournalBytes {
                    checkpoint(&writer)
                }
                synchronizer.stop()
                writer.journal = nil
                lock.release()
            }
        }
        contentChanges.finish()
        recordFeed.finish()
    }
}
