import ArgumentParser
import Decisions
import PostgresStore
import VectorStores

/// Opens the store that an address names.
enum StoreOpening {
    /// Opens a store; a directory that nobody named and that is absent reads as empty.
    ///
    /// What a crash left in it is told on standard error, as is what a mirror costs and how far it is, unless that is
    /// left out.
    static func open(
        _ resolved: StoreOptionGroup.Resolved, access: StoreOptions.Access,
        retention: RetentionPolicy? = nil, sync: Bool = false, createsMissing: Bool = true,
        mirror: MirrorReport? = MirrorReport(),
        clock: @escaping @Sendable () -> Timestamp = WallClock.now
    ) async throws -> any DecisionStore {
        var options = StoreOptions(clock: clock)
        options.access = access
        options.createsMissing = createsMissing
        options.missingReadsAsEmpty = !resolved.isNamed
        options.commandName = CommandName.current
        options.recipe = EmbeddingRecipe.current.description
        options.synchronizesEveryWrite = sync
        options.mirrorFiles = EnvironmentVariables.mirrorFiles
        if let mirror { options.mirrorWatch = mirror.watch }
        if let retention { options.retention = retention }
        let store: any DecisionStore
        do {
            defer { mirror?.finish() }
            store = try await opened(resolved.address, options)
        }
        if let notice = await store.openingNotice { StandardError.write("verdict: \(notice)\n") }
        return store
    }

    /// Refuses an address of a server that cannot be one, without asking the server.
    static func check(_ resolved: StoreOptionGroup.Resolved) throws {
        do throws(PostgresError) {
            _ = try PostgresServerAddress(resolved.address)
        } catch {
            throw CommandFailure(postgres: error)
        }
    }

    /// Asks about a large mirror before a screen is drawn where nobody could be asked any more.
    static func askAboutMirror(of resolved: StoreOptionGroup.Resolved) async throws {
        guard case .postgres = resolved.address, Confirmation.isPossible else { return }
        var options = StoreOptions(clock: WallClock.now)
        options.mirrorFiles = EnvironmentVariables.mirrorFiles
        let (address, asked) = (resolved.address, options)
        let cost = await withCheckedContinuation { (done: CheckedContinuation<MirrorCost?, Never>) in
            let body: @Sendable () -> Void = {
                done.resume(returning: PostgresStore.mirrorCost(address, options: asked))
            }
            if !BackgroundThread.start(body) { body() }
        }
        guard let cost, cost.needsConsent else { return }
        try MirrorReport().watch.begin(cost)
    }

    /// Opens the store at an address, on a thread that may wait where a server is asked.
    static func opened(
        _ address: StoreAddress, _ options: StoreOptions
    ) async throws -> any DecisionStore {
        guard case .postgres = address else { return try openedHere(address, options) }
        // Everything is read from a server first, and nothing is kept of it.
        return try await Interruption.endingAtOnce { try await openedAside(address, options) }
    }

    /// Opens the store at an address on a thread that may wait; Ctrl-C is left to the caller.
    static func openedAside(
        _ address: StoreAddress, _ options: StoreOptions
    ) async throws -> any DecisionStore {
        let result = await withCheckedContinuation {
            (done: CheckedContinuation<Result<any DecisionStore, any Error>, Never>) in
            let body: @Sendable () -> Void = {
                done.resume(returning: Result { try openedHere(address, options) })
            }
            if !BackgroundThread.start(body) { body() }
        }
        return try result.get()
    }

    /// Not inlined, and not async: the optimizer of Swift 6.3.1 breaks on the typed errors of an initializer
    /// inside an async function.
    @inline(never)
    private static func openedHere(
        _ address: StoreAddress, _ options: StoreOptions
    ) throws -> any DecisionStore {
        switch address {
        case .ephemeral: try MemoryStore(options: options)
        case .directory(let directory): try MemoryStore(directory: directory, options: options)
        case .postgres: try PostgresStore.open(address, options: options)
        }
    }
}

/// What this process is called in locks and messages.
enum CommandName {
    /// The commands there are.
    static let known = Set(Verdict.configuration.subcommands.compactMap { $0.configuration.commandName })

    /// `verdict ingest`, from the command line.
    static let current: String = {
        let word = CommandLine.arguments.dropFirst().first { known.contains($0) }
        return "verdict \(word ?? "console")"
    }()
}
