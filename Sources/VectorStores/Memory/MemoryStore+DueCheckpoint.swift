import Locks
import VectorIndex

/// Snapshots that are due, taken once little is left to be linked: linking takes a tenth of a millisecond a vector, and
/// whoever inserts is not to wait for thousands of them.
extension MemoryStore {
    /// What became of a snapshot that may be due.
    enum CheckpointOutcome {
        /// It was taken, is not due, or another is about to take it.
        case done
        /// It is due and whoever asked takes it with ``checkpointOnceLinked()``, without the turn to write.
        case left
    }

    /// So many vectors are linked with the turn to write when a snapshot is taken: some milliseconds.
    static let linkedInTurn = 64

    /// Takes a snapshot when the journal has become long, measured against the store, or most rows are dead; where too
    /// much is to be linked before, it is left to the caller.
    func checkpointIfLong(_ writer: inout WriterState) -> CheckpointOutcome {
        guard writer.journal != nil else {
            if core.isSparse(past: StoreCore.deadRowsBetweenSnapshots) { core.compact() }
            return .done
        }
        guard !writer.awaitsLinks, isCheckpointDue(writer) else { return .done }
        if core.index.tailCount > Self.linkedInTurn {
            writer.awaitsLinks = true
            return .left
        }
        // The journal has everything, so that nothing is lost by a failure: the health check tells it.
        try? checkpoint(&writer)
        return .done
    }

    private func isCheckpointDue(_ writer: borrowing WriterState) -> Bool {
        guard let journal = writer.journal else { return false }
        return journal.length >= writer.checkpointLength
            || core.isSparse(past: StoreCore.deadRowsBetweenSnapshots)
    }

    /// Links what waits to be linked while others write and search, and then takes the snapshot that is due.
    ///
    /// At most as much as waits now. Where others have brought too much meanwhile, all of it, and until the snapshot is
    /// taken what they bring is linked as it comes: so that comes to an end.
    func checkpointOnceLinked() {
        let index = core.index
        index.linkTail(atMost: index.tailCount)
        guard writer.withLock({ takeAwaitedCheckpoint(&$0, linkingAll: false) }) == .left else { return }
        core.index.withoutTail {
            _ = writer.withLock { takeAwaitedCheckpoint(&$0, linkingAll: true) }
        }
    }

    /// Takes the snapshot that is due, with what little is left to be linked, or all; `left` where that is too much.
    func takeAwaitedCheckpoint(
        _ writer: inout WriterState, linkingAll: Bool
    ) -> CheckpointOutcome {
        // Others may have closed the store, or taken the snapshot.
        if !writer.isClosed, isCheckpointDue(writer) {
            if !linkingAll, core.index.tailCount > Self.linkedInTurn { return .left }
            try? checkpoint(&writer)
        }
        writer.awaitsLinks = false
        return .done
    }
}
