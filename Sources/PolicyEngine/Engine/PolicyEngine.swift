public import Decisions

/// An authorization engine: answers requests by its policies and hands every decision on.
///
/// ```swift
/// let engine = PolicyEngine(policies: policies, clock: monotonicNanoseconds, recorder: recorder)
/// let decision = engine.check(request)
/// ```
public struct PolicyEngine: Sendable {
    /// The policies that answer.
    public let policies: PolicySet
    private let clock: @Sendable () -> Int64
    private let record: @Sendable (Decision) -> Void

    /// Creates an engine.
    ///
    /// `clock` tells nanoseconds that never go back; `record` receives every decision on the
    /// caller's thread and must not block it.
    public init(
        policies: PolicySet, clock: @escaping @Sendable () -> Int64,
        record: @escaping @Sendable (Decision) -> Void
    ) {
        self.policies = policies
        self.clock = clock
        self.record = record
    }

    /// Creates an engine that hands its decisions to a recorder, which never makes it wait.
    public init(policies: PolicySet, clock: @escaping @Sendable () -> Int64, recorder: DecisionRecorder) {
        self.init(policies: policies, clock: clock) { recorder.record($0) }
    }

    /// Answers a request, measures how long that took, and records the decision.
    public func check(_ request: AccessRequest) -> Decision {
        let start = clock()
        let answer = policies.evaluate(request)
        let elapsed = clock() - start
        var decision = answer.decision(on: request)
        decision.durationNanoseconds = elapsed
        decision.cacheHit = false
        record(decision)
        return decision
    }
}
