public import AnomalyDetection
public import Decisions
import Locks
public import VectorStores

/// A console client whose store is still being opened: the first frame does not wait for it.
///
/// Until the session is there, snapshots say what is being loaded; other calls wait for it. When
/// opening fails, the snapshots say why and the calls throw the same, until a later try succeeds.
public final class OpeningConsole: ConsoleClient {
    private let session: Task<LiveConsole, any Error>
    private let waiting: ConsoleSnapshot
    private let progress: Progress

    /// When a store that could not be opened is tried again.
    public struct Persistence: Sendable {
        /// Seconds until the next try after an error and so many before it; `nil` where it would not help.
        public var pauseSeconds: @Sendable (any Error, Int) -> Int64?
        /// Tells the time of the next try.
        public var clock: @Sendable () -> Timestamp
        /// Waits so many seconds.
        public var sleep: @Sendable (Int64) async throws -> Void

        /// Tries after these pauses.
        public init(
            clock: @escaping @Sendable () -> Timestamp,
            pauseSeconds: @escaping @Sendable (any Error, Int) -> Int64?,
            sleep: @escaping @Sendable (Int64) async throws -> Void = {
                try await Task.sleep(for: .seconds($0))
            }
        ) {
            self.clock = clock
            self.pauseSeconds = pauseSeconds
            self.sleep = sleep
        }
    }

    /// Starts opening; `waiting` is shown meanwhile.
    public init(
        showing waiting: ConsoleSnapshot, persistence: Persistence? = nil,
        open: @escaping @Sendable () async throws -> LiveConsole
    ) {
        self.waiting = waiting
        let progress = Progress()
        self.progress = progress
        session = Task.detached {
            var failures = 0
            while true {
                do {
                    let live = try await open()
                    progress.end(.success(live))
                    return live
                } catch {
                    guard let persistence, let pause = persistence.pauseSeconds(error, failures),
                        progress.wait(after: error, now: persistence.clock(), seconds: pause)
                    else {
                        progress.end(.failure(error))
                        throw error
                    }
                    failures += 1
                    try await persistence.sleep(pause)
                }
            }
        }
    }

    /// The session once it is open.
    public func opened() async throws -> LiveConsole {
        try await session.value
    }

    /// Does not try again; a first try that runs is left to end by itself.
    public func giveUp() {
        if progress.giveUp() { session.cancel() }
    }

    /// The session if it is open already; who leaves meanwhile does not wait for a large store to be read.
    public var openedAlready: LiveConsole? { try? progress.held.withLock { $0.outcome }?.get() }

    /// Why the session could not be opened when it last was tried; `nil` before that and when it is open.
    public var failure: (any Error)? {
        progress.held.withLock { held in
            if case .failure(let error)? = held.outcome { return error }
            return held.failure
        }
    }

    /// The session; while it could not be opened, why.
    func live() async throws -> LiveConsole {
        if let failure { throw failure }
        return try await session.value
    }

    /// What has come of opening so far.
    private final class Progress: Sendable {
        struct Held {
            var outcome: Result<LiveConsole, any Error>?
            var isGivenUp = false
            var failure: (any Error)?
            var since: Timestamp?
            var state: ConnectionState?
            var listeners: [AsyncStream<ConnectionState>.Continuation] = []
        }

        let held = Mutex(Held())

        func end(_ outcome: Result<LiveConsole, any Error>) {
            let listeners = held.withLock { held in
                held.outcome = outcome
                held.failure = nil
                return held.listeners
            }
            for listener in listeners { listener.finish() }
        }

        /// Notes why a try failed and when the next one comes; false where none is to follow.
        func wait(after error: any Error, now: Timestamp, seconds: Int64) -> Bool {
            held.withLock { held in
                if held.isGivenUp { return false }
                let since = held.since ?? now
                let state = ConnectionState.unopened(
                    since: since, retry: now.advanced(bySeconds: seconds), reason: "\(error)")
                held.failure = error
                held.since = since
                held.state = state
                for listener in held.listeners { listener.yield(state) }
                return true
            }
        }

        /// Lets no try follow; answers whether one has failed already.
        func giveUp() -> Bool {
            held.withLock { held in
                held.isGivenUp = true
                return held.failure != nil
            }
        }

        /// The last failure and each later one, until opening ends.
        func failures() -> AsyncStream<ConnectionState> {
            let (stream, continuation) = AsyncStream.makeStream(
                of: ConnectionState.self, bufferingPolicy: .bufferingNewest(1))
            held.withLock { held in
                guard held.outcome == nil else { return continuation.finish() }
                if let state = held.state { continuation.yield(state) }
                held.listeners.append(continuation)
            }
            return stream
        }
    }

    /// The newest snapshot, and each later one.
    public func snapshots() -> AsyncStream<ConsoleSnapshot> {
        let session = session
        let waiting = waiting
        let failures = progress.failures()
        return AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
            continuation.yield(waiting)
            let relay = Task {
                var failed = waiting
                failed.loading = nil
                do {
                    for await state in failures {
                        failed.connection = state
                        continuation.yield(failed)
                    }
                    let live = try await session.value
                    for await snapshot in live.snapshots() { continuation.yield(snapshot) }
                } catch {
                    failed.connection = .unopened(since: waiting.wallTime, retry: nil, reason: "\(error)")
                    continuation.yield(failed)
                }
                continuation.finish()
            }
            continuation.onTermination = { _ in relay.cancel() }
        }
    }

    /// Answers a search.
    public func search(_ request: SearchRequest) async throws -> SearchAnswer {
        try await live().search(request)
    }

    /// Decisions by identifier; those that are gone are left out.
    public func decisions(ids: [String], tenant: String) async throws -> [StoredDecision] {
        try await live().decisions(ids: ids, tenant: tenant)
    }

    /// Does something to incidents and returns them as they now are.
    public func triage(_ order: TriageOrder, by person: String?) async throws -> TriageOutcome {
        try await live().triage(order, by: person)
    }

    /// Does something to rules and lessons on behalf of a person.
    public func teach(_ order: TaughtOrder, by person: String?) async throws -> TaughtItem {
        try await live().teach(order, by: person)
    }

    /// What tuning is rehearsed on.
    public func tuningHistory() async throws -> TuningHistory {
        try await live().tuningHistory()
    }

    /// Starts a rebuild as a job and returns its number.
    public func startRebuild(_ request: RebuildRequest, by person: String?) async throws -> Int {
        try await live().startRebuild(request, by: person)
    }

    /// Asks a job to stop.
    public func cancelJob(_ id: Int) async {
        guard let live = try? await live() else { return }
        await live.cancelJob(id)
    }

    /// Measures recall against breadth on the live index.
    public func recallCurve(breadths: [Int]) async throws -> [RecallPoint] {
        try await live().recallCurve(breadths: breadths)
    }

    /// Asks for a recall, or for none, and measures which breadth has it.
    public func setRecall(_ target: Double?, by person: String?) async throws -> RecallTuning {
        try await live().setRecall(target, by: person)
    }

    /// Sets how many of a tenant's decisions are recorded.
    public func setRecording(
        _ mode: RecordingMode?, tenant: String?, by person: String?
    ) async throws -> RecordingPolicy {
        try await live().setRecording(mode, tenant: tenant, by: person)
    }

    /// Reads the configuration again.
    public func reload(by person: String?) async throws -> String {
        try await live().reload(by: person)
    }

    /// Counts of the past for a chart of event time.
    public func activity(_ request: ActivityRequest) async throws -> ActivityHistory {
        try await live().activity(request)
    }

    /// The policies of a tenant or of all, and which of them decide alike, from the newest decisions.
    public func policies(tenant: String?) async throws -> PolicyReport {
        try await live().policies(tenant: tenant)
    }

    /// Writes text to a private file and returns its path.
    public func export(_ text: String, suggestedName: String) async throws -> String {
        try await live().export(text, suggestedName: suggestedName)
    }

    /// Starts reading a log into the open store.
    public func openLog(path: String, follow: Bool) async throws {
        try await live().openLog(path: path, follow: follow)
    }

    /// Starts sample data and live traffic.
    public func startDemo() async throws {
        try await live().startDemo()
    }
}
