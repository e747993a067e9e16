import Locks

/// How long a store has not answered an insert, for whoever watches: a server that hangs holds one up for a minute.
public final class StoreWait: Sendable {
    /// Nobody is told of a shorter wait.
    public static let shortest = Duration.seconds(2)

    private let began = Mutex<ContinuousClock.Instant?>(nil)

    /// Nothing is waited for.
    public init() {}

    /// Notes that the store was given something.
    func begin(at now: ContinuousClock.Instant = .now) { began.withLock { $0 = now } }

    /// Notes that it answered.
    func end() { began.withLock { $0 = nil } }

    /// What is to be said of a wait for a place at an instant: `waiting for the server since 12 s`; `nil` while it is
    /// short.
    public func sentence(for place: String, at now: ContinuousClock.Instant = .now) -> String? {
        guard let began = began.withLock({ $0 }), now - began >= Self.shortest else { return nil }
        return "waiting for \(place) since \((now - began).components.seconds) s"
    }
}
