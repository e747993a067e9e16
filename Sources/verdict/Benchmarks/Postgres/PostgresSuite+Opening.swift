import Decisions
import Locks
import Operations
import PostgresStore
import VectorStores

/// Opening the store: everything read from the server, then as it was saved.
extension PostgresSuite {
    /// Opens the store twice, and waits each time until its graph is there.
    ///
    /// The first opening reads everything from the server and saves it; the second opens what was saved, unless that
    /// could not be used: each line says which.
    func measureOpening() async throws {
        for time in ["first", "second"] {
            let before = ProcessMeter.residentAnonymousBytes() ?? 0
            let began = ContinuousClock().now
            let (store, isSaved) = try await opened()
            let opened = began.secondsUntilNow
            let request = SearchRequest(target: .embedding(targets[0]), limit: Self.limit)
            let first = try await store.search(request).strategy
            let answered = began.secondsUntilNow
            try await waitForGraph(of: store)
            let linked = began.secondsUntilNow
            let then = try await store.search(request).strategy
            let statistics = try await store.statistics()
            let after = ProcessMeter.residentAnonymousBytes() ?? 0
            let closing = ContinuousClock().now
            await store.close()
            try tell(
                "opening",
                [
                    "time": .string(time), "source": .string(isSaved ? "saved" : "server"),
                    "seconds": Self.figure(opened, 2), "first_answer_s": Self.figure(answered, 2),
                    "first_strategy": .string(first.rawValue), "linked_s": Self.figure(linked, 2),
                    "strategy": .string(then.rawValue), "closing_s": Self.figure(closing.secondsUntilNow, 2),
                    "vectors": .integer(statistics.vectors), "distinct": .integer(statistics.distinct),
                    "mem_mb": Self.figure(Double(after - before) / 1e6),
                ])
            guard time == "second", !isSaved else { continue }
            let reason = await store.openingNotice ?? "nothing was saved"
            StandardError.write("bench: the saved mirror was not used: \(reason)\n")
        }
    }

    /// Opens the store, and waits until its graph is there.
    func linkedStore() async throws -> MemoryStore {
        let store = try await opened().store
        try await waitForGraph(of: store)
        return store
    }

    /// Opens the store; tells whether what was saved of it was used.
    ///
    /// Its graph is made afterwards and it is saved whatever its size, as is done with a large one.
    private func opened() async throws -> (store: MemoryStore, isSaved: Bool) {
        var options = StoreOptions(clock: WallClock.now)
        options.access = .write
        options.commandName = CommandName.current
        options.recipe = EmbeddingRecipe.current.description
        options.linkedAtOnce = 0
        var files = MirrorFiles(folder: folder + "/mirrors")
        files.leastRows = 0
        options.mirrorFiles = files
        // Told once more where the file turns out to be damaged: the last word counts.
        let isSaved = Mutex(false)
        options.mirrorWatch = MirrorWatch(
            begin: { cost throws(StoreError) in isSaved.withLock { $0 = cost.isSaved } })
        guard let store = try await StoreOpening.openedAside(address, options) as? MemoryStore else {
            throw CommandFailure.failed("the store of \(address) is no mirror")
        }
        return (store, isSaved.withLock { $0 })
    }

    private func waitForGraph(of store: MemoryStore) async throws {
        guard await store.becomesLinked() else {
            let check = try await store.health().first { $0.name == "index" }
            throw CommandFailure.failed(
                "the graph of the mirror was not made: \(check?.detail ?? "no reason is known")")
        }
    }
}
