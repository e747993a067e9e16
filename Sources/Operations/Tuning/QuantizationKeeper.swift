public import VectorStores

/// A quantization that a store shall have from its opening on.
public struct QuantizationChoice: Sendable, Hashable {
    /// One of ``QuantizationSetting/names``.
    public var name: String
    /// Whether this session was asked for it; otherwise a configuration says so to each that opens the store.
    public var isAskedHere: Bool

    /// Creates a choice.
    public init(_ name: String, isAskedHere: Bool) {
        self.name = name
        self.isAskedHere = isAskedHere
    }
}

/// Gives a store's index the quantization that was chosen for it, by a rebuild beside everything else.
///
/// A rebuild that failed, was stopped or died with its process is not tried again; one that an orderly end of its
/// session cancelled is.
public actor QuantizationKeeper {
    private let store: any DecisionStore
    private let jobs: JobBoard
    /// The choice this session began with, until it is kept.
    private var pending: QuantizationChoice?
    /// The choice that a rebuild was started for here: what cannot be recorded is not repeated either.
    private var attempted: String?
    /// The choice that the index was seen to have; another one makes another record.
    private var present: QuantizationSetting?

    /// Creates a keeper of a store, whose rebuilds are jobs of a board; a choice is kept by the first `keepUp`
    /// that can.
    public init(store: any DecisionStore, jobs: JobBoard, choosing choice: QuantizationChoice? = nil) {
        self.store = store
        self.jobs = jobs
        pending = choice
    }

    /// The choice of a store; `nil` when there is none that can be read.
    public static func setting(of store: any RecordStore) async throws -> QuantizationSetting? {
        try await store.record(in: QuantizationSetting.collection, key: QuantizationSetting.key)?.value
            .flatMap { QuantizationSetting(json: $0) }
    }

    /// Keeps a choice; one that is kept already stays as it is, with what became of it.
    public func choose(_ name: String) async throws {
        guard let setting = QuantizationSetting(name) else {
            let names = QuantizationSetting.names.joined(separator: ", ")
            throw StoreError(.usage, "there is no quantization of that name: choose one of \(names)")
        }
        if let reason = await store.capabilities.readOnlyReason { throw Self.readOnly(reason) }
        guard try await Self.setting(of: store)?.name != name else { return }
        try await store.write([setting.change()])
        attempted = nil
    }

    /// Makes what was chosen if that is due, and waits for its end; a reader does nothing, and says so only of
    /// what it was asked for itself.
    ///
    /// Throws what the rebuild failed with, once it is recorded.
    public func keepUp(
        progress: @escaping @Sendable (RebuildProgress) -> Void = { _ in }
    ) async throws {
        if let reason = await store.capabilities.readOnlyReason {
            return try await refuse(pending, because: reason)
        }
        if let choice = pending {
            try await choose(choice.name)
            pending = nil
        }
        guard let setting = try await Self.setting(of: store), setting != present, setting.name != attempted
        else { return }
        let statistics = try await store.statistics()
        switch setting.standing(
            present: statistics.index.quantization, distinct: statistics.distinct)
        {
        case .present: present = setting
        case .waiting, .ended: return
        case .building(let job):
            guard await !jobs.summaries().contains(where: { $0.id == job && $0.isRunning }) else { return }
            try await end(setting, .failed("its process ended"))
        case .due:
            // What somebody else builds comes first.
            guard await !jobs.summaries().contains(where: \.isRunning) else { return }
            try await make(setting, progress: progress)
        }
    }

    /// Says why a choice cannot be kept here, where it was asked for here and the store is not to have it anyway.
    private func refuse(_ choice: QuantizationChoice?, because reason: String) async throws {
        guard let choice, choice.isAskedHere else { return }
        let chosen = try await Self.setting(of: store)?.name
        let present = try await store.statistics().index.quantization
        guard choice.name != chosen ?? present else { return }
        throw Self.readOnly(reason)
    }

    private static func readOnly(_ reason: String) -> StoreError {
        StoreError(.readOnly, "the quantization is the writer's to choose: \(reason)")
    }

    private func make(
        _ setting: QuantizationSetting, progress: @escaping @Sendable (RebuildProgress) -> Void
    ) async throws {
        attempted = setting.name
        do {
            _ = try await jobs.rebuild(
                RebuildRequest(quantization: setting.name),
                noting: { job in
                    var started = setting
                    started.job = job
                    return [started.change()]
                }, progress: progress)
        } catch let error as StoreError where error.code == .usage {
            // Somebody else's job began at the same moment: it has its turn first.
            attempted = nil
        } catch {
            let outcome: QuantizationSetting.Outcome? =
                !error.isCancellation ? .failed("\(error)") : Task.isCancelled ? nil : .cancelled
            try await end(setting, outcome)
            throw error
        }
    }

    /// Records how a job ended that made nothing; without an outcome the next session goes on.
    ///
    /// A choice that somebody made meanwhile stays.
    private func end(_ setting: QuantizationSetting, _ outcome: QuantizationSetting.Outcome?) async throws {
        let record = try await store.record(
            in: QuantizationSetting.collection, key: QuantizationSetting.key)
        guard let record, var kept = record.value.flatMap({ QuantizationSetting(json: $0) }),
            kept.name == setting.name
        else { return }
        kept.outcome = outcome
        if outcome == nil { kept.job = nil }
        do {
            try await store.write([kept.change(expected: record.revision)])
        } catch let error as StoreError where error.code == .revisionConflict {
            return
        }
    }
}
