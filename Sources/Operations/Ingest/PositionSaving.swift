import DecisionLogs
import Locks

/// Has positions written now and then beside the work, and tells when that fails and when it goes on.
struct PositionSaving: Sendable {
    private let keeper: PositionKeeper?
    private let tell: @Sendable (LogLine.Level, String) -> Void
    private let trouble = Trouble()
    private var task: Task<Void, Never>?
    private var last: ContinuousClock.Instant?

    /// What went wrong last, so that it is told once.
    private final class Trouble: Sendable {
        private let reason = Mutex<String?>(nil)

        /// Takes a reason over; false when it is the one that was there.
        func change(to new: String?) -> (isNew: Bool, before: String?) {
            reason.withLock { reason in
                defer { reason = new }
                return (reason != new, reason)
            }
        }
    }

    init(_ keeper: PositionKeeper?, tell: @escaping @Sendable (LogLine.Level, String) -> Void) {
        self.keeper = keeper
        self.tell = tell
    }

    /// How far files were read before; nothing where that cannot be told.
    func load(_ paths: [String], parser: LineParser) async -> [String: [ReadPosition]] {
        guard let keeper else { return [:] }
        do {
            return try await keeper.load(paths, parser: parser)
        } catch is CancellationError {
            return [:]
        } catch {
            tell(
                .warning,
                "how far the files were read before is not known: \(error); they are read from their beginnings"
            )
            return [:]
        }
    }

    /// Begins to write what was noted when it is time for that.
    mutating func saveIfDue(at now: ContinuousClock.Instant) {
        guard let keeper, keeper.isDue else { return }
        if let last, last.advanced(by: PositionKeeper.pause) > now { return }
        last = now
        // Nobody waits for it: a store that is slow to write delays no decision.
        task = Task { [self] in await save(keeper) }
    }

    /// Writes what is left, once what is being written is.
    func saveLast() async {
        await task?.value
        if let keeper { await save(keeper) }
    }

    private func save(_ keeper: PositionKeeper) async {
        do {
            try await keeper.save()
            if let reason = trouble.change(to: nil).before {
                tell(.info, "how far files are read is remembered again, after: \(reason)")
            }
        } catch is CancellationError {
            return
        } catch {
            guard trouble.change(to: "\(error)").isNew else { return }
            tell(.warning, "how far files are read cannot be remembered: \(error); it is tried again")
        }
    }
}
