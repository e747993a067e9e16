import Locks
import Synchronization

/// Takes decisions from an engine without ever making it wait.
///
/// Producers append under a lock that is held for one append; when the recorder is full the decision is
/// dropped and counted, for an authorization must never wait for its record. A consumer swaps the whole
/// buffer for an empty one, however few decisions it asked for, and takes them out of that in its own time:
/// nothing is copied, moved or freed while producers are kept out.
///
/// Its ``policy`` says which decisions are taken at all, and can be changed at any time by any thread.
public final class DecisionRecorder: Sendable {
    /// What producers touch.
    private struct Intake {
        var buffer: [Decision] = []
        /// Decisions that a consumer swapped out and has not handed on yet.
        var swappedOut = 0
        var recorded = 0
        var dropped = 0
        var leftOut = 0
        var policy = RecordingPolicy()
    }

    /// What consumers touch.
    private struct Outlet {
        /// The decisions that were swapped out; those before `next` were handed on.
        var batch: [Decision] = []
        var next = 0
        /// Memory for the next swap.
        var spare: [Decision] = []
    }

    /// How many decisions are held at most.
    public let capacity: Int
    private let intake: Locks.Mutex<Intake>
    private let outlet = Locks.Mutex(Outlet())
    /// Whether the policy leaves out anything; asked without the lock.
    private let isChoosing: Atomic<Bool>

    /// Creates a recorder that holds up to `capacity` decisions, of those that a policy takes.
    public init(capacity: Int = 8192, policy: RecordingPolicy = RecordingPolicy()) {
        precondition(capacity > 0, "a recorder holds at least one decision")
        self.capacity = capacity
        var initial = Intake()
        initial.buffer.reserveCapacity(capacity)
        initial.policy = policy
        intake = Locks.Mutex(initial)
        isChoosing = Atomic(!policy.takesAll)
    }

    /// Which decisions are taken; a change counts from the next decision on.
    public var policy: RecordingPolicy {
        get { intake.withLock { $0.policy } }
        set {
            // What the old one took is freed after the lock.
            var policy = newValue
            intake.withLock { intake in
                swap(&intake.policy, &policy)
                isChoosing.store(!intake.policy.takesAll, ordering: .relaxed)
            }
        }
    }

    /// Hands a decision over; false when the recorder was full and the decision was dropped.
    ///
    /// One that the policy leaves out is counted apart, and is not lost: true.
    @discardableResult
    public func record(_ decision: consuming Decision) -> Bool {
        // Hashed before others are kept out; where everything is taken, nothing is hashed.
        let choice =
            isChoosing.load(ordering: .relaxed)
            ? (place: RecordingPolicy.place(of: decision.id), tenant: ByteKey(decision.tenant)) : nil
        // The lock takes a function, which cannot consume what it captures: the optional is emptied instead.
        var decision = Optional(decision)
        return intake.withLock { intake in
            if let choice, !intake.policy.takes(place: choice.place, tenant: choice.tenant) {
                intake.leftOut += 1
                return true
            }
            guard intake.buffer.count + intake.swappedOut < capacity, let taken = decision.take() else {
                intake.dropped += 1
                return false
            }
            intake.buffer.append(taken)
            intake.recorded += 1
            return true
        }
    }

    /// Takes up to `limit` decisions out, oldest first; empty when there are none.
    public func drain(max limit: Int = .max) -> [Decision] {
        precondition(limit > 0, "a batch holds at least one decision")
        return outlet.withLock { outlet in
            if outlet.next == outlet.batch.count { swapBuffers(&outlet) }
            let waiting = outlet.batch.count - outlet.next
            if waiting == 0 { return [] }
            var taken: [Decision]
            if outlet.next == 0, waiting <= limit {
                taken = []
                swap(&taken, &outlet.batch)
            } else {
                let end = outlet.next + min(limit, waiting)
                taken = Array(outlet.batch[outlet.next..<end])
                outlet.next = end
            }
            let count = taken.count
            intake.withLock { $0.swappedOut -= count }
            return taken
        }
    }

    /// Takes in all that producers left; the memory it leaves them is made ready before they are kept out.
    private func swapBuffers(_ outlet: inout Outlet) {
        if intake.withLock({ $0.buffer.isEmpty }) { return }
        if outlet.spare.capacity < outlet.batch.capacity { swap(&outlet.spare, &outlet.batch) }
        var fresh: [Decision] = []
        swap(&fresh, &outlet.spare)
        fresh.removeAll(keepingCapacity: true)
        fresh.reserveCapacity(capacity)
        intake.withLock { intake in
            swap(&fresh, &intake.buffer)
            intake.swappedOut = fresh.count
        }
        outlet.batch = fresh
        outlet.next = 0
    }

    /// Gives a drained batch's memory back for reuse.
    public func recycle(_ batch: consuming [Decision]) {
        var batch = batch
        batch.removeAll(keepingCapacity: true)
        outlet.withLock { outlet in
            if outlet.spare.capacity < batch.capacity { outlet.spare = batch }
        }
    }

    /// How many decisions were taken since the start.
    public var recorded: Int { intake.withLock { $0.recorded } }

    /// How many decisions were dropped since the start.
    public var dropped: Int { intake.withLock { $0.dropped } }

    /// How many decisions the policy left out since the start.
    public var leftOut: Int { intake.withLock { $0.leftOut } }

    /// How many decisions wait.
    public var pending: Int { intake.withLock { $0.buffer.count + $0.swappedOut } }

    /// Delivers batches until the task is cancelled, and what is left once more after that.
    ///
    /// It looks again after `interval` when nothing waits. An error from `deliver` ends it.
    public func run(
        every interval: Duration, on clock: any Clock<Duration>, batch limit: Int = 1024,
        deliver: ([Decision]) async throws -> Void
    ) async throws {
        while true {
            let batch = drain(max: limit)
            if !batch.isEmpty {
                try await deliver(batch)
                recycle(batch)
                continue
            }
            if Task.isCancelled { return }
            do {
                try await clock.sleep(for: interval)
            } catch is CancellationError {
                continue
            }
        }
    }
}
