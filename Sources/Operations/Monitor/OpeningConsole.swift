public import AnomalyDetection
import Locks
public import VectorStores

/// A console client whose store is still being opened: the first frame does not wait for it.
///
/// Until the session is there, snapshots say what is being loaded; other calls wait for it. When
/// opening fails, the snapshots say why and the calls throw the same.
public final class OpeningConsole: ConsoleClient {
    private let session: Task<LiveConsole, any Error>
    private let waiting: ConsoleSnapshot
    private let ready: Ready

    /// Starts opening; `waiting` is shown meanwhile.
    public init(
        showing waiting: ConsoleSnapshot, open: @escaping @Sendable () async throws -> LiveConsole
    ) {
        self.waiting = waiting
        let ready = Ready()
        self.ready = ready
        session = Task.detached {
            do {
                let live = try await open()
                ready.outcome.withLock { $0 = .success(live) }
                return live
            } catch {
                ready.outcome.withLock { $0 = .failure(error) }
                throw error
            }
        }
    }

    /// The session once it is open.
    public func opened() async throws -> LiveConsole {
        try await session.value
    }

    /// The session if it is open already; who leaves meanwhile does not wait for a large store to be read.
    public var openedAlready: LiveConsole? { try? ready.outcome.withLock { $0 }?.get() }

    /// Why the session could not be opened; `nil` while it is being opened and when it is open.
    public var failure: (any Error)? {
        guard case .failure(let error)? = ready.outcome.withLock({ $0 }) else { return nil }
        return error
    }

    private final class Ready: Sendable {
        let outcome = Mutex<Result<LiveConsole, any Error>?>(nil)
    }

    /// The newest snapshot, and each later one.
    public func snapshots() -> AsyncStream<ConsoleSnapshot> {
        let session = session
        let waiting = waiting
        return AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
            continuation.yield(waiting)
            let relay = Task {
                do {
                    let live = try await session.value
                    for await snapshot in live.snapshots() { continuation.yield(snapshot) }
                } catch {
                    var failed = waiting
                    failed.loading = nil
                    failed.connection = .lost(since: waiting.wallTime, retry: nil, reason: "\(error)")
                    continuation.yield(failed)
                }
                continuation.finish()
            }
            continuation.onTermination = { _ in relay.cancel() }
        }
    }

    /// Answers a search.
    public func search(_ request: SearchRequest) async throws -> SearchAnswer {
        try await session.value.search(request)
    }

    /// Decisions by identifier; those that are gone are left out.
    public func decisions(ids: [String], tenant: String) async throws -> [StoredDecision] {
        try await session.value.decisions(ids: ids, tenant: tenant)
    }

    /// Moves an incident to a state and returns it as it now is.
    public func setState(_ state: Incident.State, ofIncident id: String) async throws -> Incident {
        try await session.value.setState(state, ofIncident: id)
    }

    /// Starts a rebuild as a job and returns its number.
    public func startRebuild(_ request: RebuildRequest) async throws -> Int {
        try await session.value.startRebuild(request)
    }

    /// Asks a job to stop.
    public func cancelJob(_ id: Int) async {
        guard let live = try? await session.value else { return }
        await live.cancelJob(id)
    }

    /// Measures recall against breadth on the live index.
    public func recallCurve(breadths: [Int]) async throws -> [RecallPoint] {
        try await session.value.recallCurve(breadths: breadths)
    }

    /// Asks for a recall, or for none, and measures which breadth has it.
    public func setRecall(_ target: Double?) async throws -> RecallTuning {
        try await session.value.setRecall(target)
    }

    /// Counts of the past for a chart of event time.
    public func activity(_ request: ActivityRequest) async throws -> ActivityHistory {
        try await session.value.activity(request)
    }

    /// Writes text to a private file and returns its path.
    public func export(_ text: String, suggestedName: String) async throws -> String {
        try await session.value.export(text, suggestedName: suggestedName)
    }

    /// Starts reading a log into the open store.
    public func openLog(path: String, follow: Bool) async throws {
        try await session.value.openLog(path: path, follow: follow)
    }

    /// Starts sample data and live traffic.
    public func startDemo() async throws {
        try await session.value.startDemo()
    }
}
