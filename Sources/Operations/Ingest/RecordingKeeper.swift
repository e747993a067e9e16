public import Decisions
import Locks
public import VectorStores

/// Gives recorders the modes that hold, as the store's setting and what this process is told change.
///
/// The setting is a record of the store, so that every process which records into it obeys a change that any
/// of them made. What the store says stays in force while it does not answer.
public final class RecordingKeeper: Sendable {
    /// How often the setting is read anew, should a change not have been told.
    private static let lookPause = Duration.seconds(5)
    /// How often a write is tried again when another process wrote meanwhile.
    private static let attempts = 5

    private struct State {
        var own: RecordingPolicy
        var setting = RecordingSetting()
        var revision: UInt64 = 0
        var recorders: [DecisionRecorder] = []

        var policy: RecordingPolicy { setting.policy(own: own) }
    }

    private let store: any DecisionStore
    private let clock: @Sendable () -> Timestamp
    private let state: Mutex<State>

    /// Creates a keeper for a process that is itself told so much, by its environment or its configuration.
    public init(
        store: any DecisionStore, own: RecordingPolicy = RecordingPolicy(),
        clock: @escaping @Sendable () -> Timestamp
    ) {
        self.store = store
        self.clock = clock
        state = Mutex(State(own: own))
    }

    /// The modes that hold.
    public var policy: RecordingPolicy { state.withLock { $0.policy } }

    /// Gives a recorder the modes that hold, now and whenever they change.
    public func attach(_ recorder: DecisionRecorder) {
        state.withLock { state in
            state.recorders.append(recorder)
            recorder.policy = state.policy
        }
    }

    /// Takes over what other processes change, until the task is cancelled.
    public func run() async {
        // Before the first look, so that no change falls between.
        let changes = store.recordChanges(in: RecordingSetting.collection)
        await look()
        await withTaskGroup { group in
            group.addTask {
                for await record in changes where record.key == RecordingSetting.key { self.take(record) }
            }
            group.addTask {
                while !Task.isCancelled {
                    guard (try? await Task.sleep(for: Self.lookPause)) != nil else { return }
                    await self.look()
                }
            }
        }
    }

    /// Reads the store's setting; where it does not answer, what it last said holds.
    func look() async {
        let record = try? await store.record(in: RecordingSetting.collection, key: RecordingSetting.key)
        if let record { take(record) }
    }

    /// Takes what this process is itself told now.
    public func takeUp(own: RecordingPolicy) {
        change { $0.own = own }
    }

    /// Sets the mode of a tenant, or of all others where none is named; without a mode what is configured holds
    /// again.
    ///
    /// - Returns: the modes that hold now.
    @discardableResult
    public func set(
        _ mode: RecordingMode?, tenant: String?, by user: String
    ) async throws -> RecordingPolicy {
        let time = clock()
        let told: (RecordingSetting, RecordingSetting) -> ActivityEvent = { before, after in
            func mode(_ setting: RecordingSetting) -> JSONValue {
                let own = tenant.map { setting.chosen.tenants[ByteKey($0)] } ?? setting.chosen.others
                return own.map { .string("\($0)") } ?? .null
            }
            return ActivityEvent(
                time: time, who: user, act: "recording",
                subject: tenant.map { "tenant \($0)" } ?? "all other tenants",
                before: mode(before), after: mode(after))
        }
        try await write(telling: told) { setting in
            if let tenant {
                guard setting.chosen.set(mode, tenant: tenant) else {
                    throw StoreError(
                        .usage,
                        "more than \(RecordingPolicy.maximumTenants) tenants have a recording mode: set one "
                            + "for all others, or take some away with default")
                }
            } else {
                setting.chosen.others = mode
            }
            setting.changed = RecordingSetting.Change(user: user, time: time)
        }
        return policy
    }

    /// Keeps in the store what a configuration says, for processes that do not read it themselves.
    ///
    /// Where this process may not write, that is left to the one which does.
    public func publish(_ configured: RecordingPolicy) async throws {
        guard await store.capabilities.readOnlyReason == nil else { return }
        try await write { $0.configured = configured }
    }

    /// Changes the store's setting, unless it is already so, and tells the activity log in the same write; what others
    /// change meanwhile is kept.
    private func write(
        telling told: ((RecordingSetting, RecordingSetting) -> ActivityEvent)? = nil,
        _ edit: (inout RecordingSetting) throws -> Void
    ) async throws {
        if let reason = await store.capabilities.readOnlyReason {
            throw StoreError(.readOnly, "recording modes are the writer's to set: \(reason)")
        }
        var conflicts = 0
        while true {
            let record = try await store.record(in: RecordingSetting.collection, key: RecordingSetting.key)
            let stored = record?.value.flatMap { RecordingSetting(json: $0) }
            var setting = stored ?? RecordingSetting()
            try edit(&setting)
            if setting == stored ?? RecordingSetting() { return }
            let revision = record?.revision ?? 0
            let change = RecordChange(
                collection: RecordingSetting.collection, key: RecordingSetting.key, value: setting.json,
                expected: revision)
            do {
                if let told {
                    let event = told(stored ?? RecordingSetting(), setting)
                    try await ActivityLog.append([event], to: store, with: [change])
                } else {
                    try await store.write([change])
                }
            } catch let error as StoreError where error.code == .revisionConflict {
                conflicts += 1
                guard conflicts < Self.attempts else { throw error }
                continue
            }
            take(
                Record(
                    collection: RecordingSetting.collection, key: RecordingSetting.key, value: setting.json,
                    revision: revision + 1))
            return
        }
    }

    /// Takes a setting over, unless a newer one is known.
    private func take(_ record: Record) {
        let setting = record.value.flatMap { RecordingSetting(json: $0) } ?? RecordingSetting()
        change { state in
            guard record.revision >= state.revision else { return }
            state.revision = record.revision
            state.setting = setting
        }
    }

    private func change(_ edit: (inout State) -> Void) {
        state.withLock { state in
            let before = state.policy
            edit(&state)
            let after = state.policy
            guard after != before else { return }
            for recorder in state.recorders { recorder.policy = after }
        }
    }
}
