public import VectorStores

/// Gives a store's index the quantization that was chosen for it, by a rebuild beside everything else.
///
/// A rebuild that failed, was stopped or died with its process is not tried again; one that an orderly end of its
/// session cancelled is.
public actor QuantizationKeeper {
    private let store: any DecisionStore
    private let jobs: JobBoard
    /// The choice that a rebuild was started for here: what cannot be recorded is not repeated either.
    private var attempted: String?
    /// The choice that the index was seen to have; another one makes another record.
    private var present: QuantizationSetting?

    /// Creates a keeper of a store, whose rebuilds are jobs of a board.
    public init(store: any DecisionStore, jobs: JobBoard) {
        self.store = store
        self.jobs = jobs
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
        if let reason = await store.capabilities.readOnlyReason {
            throw StoreError(.readOnly, "the quantization is the writer's to choose: \(reason)")
        }
        guard try await Self.setting(of: store)?.name != name else { return }
        try await store.write([setting.change()])
        attempted = nil
    }

    /// Makes what was chosen if that is due, and waits for its end; a reader does nothing.
    ///
    /// Throws what the rebuild failed with, once it is recorded.
    public func keepUp(
        progress: @escaping @Sendable (RebuildProgress) -> Void = { _ in }
    ) async throws {
        guard await store.capabilities.readOnlyReason == nil, let setting = try await Self.setting(of: store),
            setting != present, setting.name != attempted
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
