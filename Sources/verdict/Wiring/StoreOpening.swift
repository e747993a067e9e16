import Decisions
import VectorStores

/// Opens the store that an address names.
enum StoreOpening {
    /// Opens a store; a directory that nobody named and that is absent reads as empty.
    ///
    /// What a crash left in it is told on standard error.
    ///
    /// Not inlined: the optimizer of Swift 6.3.1 breaks on its typed errors inside another async function.
    @inline(never)
    static func open(
        _ resolved: StoreOptionGroup.Resolved, access: StoreOptions.Access,
        retention: RetentionPolicy? = nil, sync: Bool = false,
        clock: @escaping @Sendable () -> Timestamp = WallClock.now
    ) async throws -> any DecisionStore {
        var options = StoreOptions(clock: clock)
        options.access = access
        options.missingReadsAsEmpty = !resolved.isNamed
        options.commandName = CommandName.current
        options.recipe = EmbeddingRecipe.current.description
        options.synchronizesEveryWrite = sync
        if let retention { options.retention = retention }
        switch resolved.address {
        case .ephemeral:
            return try MemoryStore(options: options)
        case .directory(let directory):
            let store = try MemoryStore(directory: directory, options: options)
            if let notice = await store.openingNotice { StandardError.write("verdict: \(notice)\n") }
            return store
        case .postgres:
            throw StoreError(
                .unsupported,
                "\(resolved.address): this build has no PostgreSQL store; use memory:DIR")
        }
    }
}

/// What this process is called in locks and messages.
enum CommandName {
    /// `verdict ingest`, from the command line.
    static let current: String = {
        let word = CommandLine.arguments.dropFirst().first { !$0.hasPrefix("-") }
        return word.map { "verdict \($0)" } ?? "verdict console"
    }()
}
