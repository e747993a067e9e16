import Decisions
import Locks
import VectorIndex

extension MemoryStore {
    /// Links what a mirror was filled with: few vectors now, many on a thread of their own, while searches compare
    /// everything.
    ///
    /// `start` runs work on another thread, and answers false when it cannot.
    func linkLater(
        starting start: (@escaping @Sendable () -> Void) -> Bool = BackgroundThread.start
    ) {
        guard core.index.isUnlinked else { return }
        linking.update { $0 = .running }
        // Before the thread runs: a compaction until then would number the rows anew under it.
        let hold = RowHold(core)
        let work: @Sendable () -> Void = { [core, linking, options, contentChanges] in
            defer { withExtendedLifetime(hold) {} }
            do {
                try core.index.link(
                    threads: options.rebuildThreads, isCancelled: { linking.read { $0 == .stopped } })
                linking.update { $0 = $0 == .stopped ? .stopped : .idle }
            } catch {
                linking.update { $0 = $0 == .stopped ? .stopped : .failed("\(error)") }
            }
            contentChanges.send(core.state.withReading { $0.revision })
        }
        if core.index.distinctCount <= options.linkedAtOnce || !start(work) { work() }
    }

    /// Waits until what the mirror was filled with is linked: how new an entry is only the links tell in time.
    ///
    /// Where they could not be made it is not told.
    func waitForLinks() { linking.wait { $0 != .running } }

    /// Waits until searches walk the graph; false where it could not be made, and they compare everything.
    package func becomesLinked() async -> Bool {
        await offPool { waitForLinks() }
        return !core.index.isUnlinked
    }

    /// How linking stands.
    enum Linking: Hashable, Sendable {
        case idle
        case running
        /// The store is closed.
        case stopped
        /// Why it could not be done: everything is compared until the next opening.
        case failed(String)
    }

    /// The check of a graph that is not there yet; `nil` where it is.
    func linkingCheck(_ index: IndexStatistics, since now: Timestamp) -> HealthCheck? {
        guard core.index.isUnlinked else { return nil }
        let vectors = PrintedNumber.counted(index.nodes, "vector")
        switch linking.read({ $0 }) {
        case .idle, .stopped: return nil
        case .running:
            return HealthCheck(
                name: "index", status: .ok, since: now,
                detail: "\(vectors) are being linked: searches compare everything meanwhile")
        case .failed(let reason):
            return HealthCheck(
                name: "index", status: .degraded, since: now,
                detail: "\(vectors) could not be linked (\(PrintedText.escaped(reason))): searches compare "
                    + "everything, run verdict rebuild")
        }
    }
}
