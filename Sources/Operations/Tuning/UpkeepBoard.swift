import Decisions
import Locks
import VectorStores

/// What the upkeep of a store cannot do yet: a failure is told once, and is a check until it is over.
public final class UpkeepBoard: Sendable {
    /// What the check is called.
    static let checkName = "upkeep"

    private let failures = Mutex<[String: String]>([:])
    private let tell: @Sendable (String) -> Void

    /// Creates a board that tells each new failure in a sentence.
    public init(tell: @escaping @Sendable (String) -> Void) {
        self.tell = tell
    }

    /// Tries a task of upkeep that will be tried again, and remembers whether it failed.
    ///
    /// What was cancelled has not failed: whoever cancelled it knows.
    public func attempt(_ task: String, _ work: () async throws -> Void) async {
        do {
            try await work()
            failures.withLock { $0[task] = nil }
        } catch  where error.isCancellation {
            return
        } catch {
            let sentence = "\(task): \(error)"
            let isNew = failures.withLock { $0.updateValue(sentence, forKey: task) != sentence }
            if isNew { tell(sentence) }
        }
    }

    /// What health says of it; `nil` while nothing fails.
    func check(at now: Timestamp) -> HealthCheck? {
        let sentences = failures.withLock { $0.sorted { $0.key < $1.key }.map(\.value) }
        guard !sentences.isEmpty else { return nil }
        return HealthCheck(
            name: Self.checkName, status: .degraded, since: now, detail: sentences.joined(separator: "; "))
    }
}
