import Locks
import PostgresStore
import Testing

/// Doing the same again, with a clock and chance that stand still.
@Suite struct RetryPolicyTests {
    private final class Pauses: Sendable {
        private let list = Mutex<[Duration]>([])
        var all: [Duration] { list.withLock { $0 } }
        func add(_ pause: Duration) { list.withLock { $0.append(pause) } }
    }

    private let pauses = Pauses()

    private func policy(attempts: Int = 5, random: Double = 0.5) -> RetryPolicy {
        RetryPolicy(
            attempts: attempts, firstPause: .milliseconds(100), longestPause: .milliseconds(500),
            random: { random }, sleep: { [pauses] in pauses.add($0) })
    }

    @Test func `pauses grow to a limit`() throws {
        let attempts = try policy(random: 1).run { attempt throws(PostgresError) in
            if attempt < 4 { throw PostgresError(.conflict, "in the way") }
            return attempt
        }
        #expect(attempts == 4)
        #expect(pauses.all == [100, 200, 400, 500].map { .milliseconds($0) })
    }

    @Test func `a pause is a part of the longest`() {
        #expect(policy(random: 0.25).pause(after: 1) == .milliseconds(50))
        #expect(policy(random: 0).pause(after: 3) == .zero)
        #expect(policy(random: 1).pause(after: 10_000) == .milliseconds(500))
    }

    @Test func `an error that stays is thrown at once`() {
        #expect(throws: PostgresError(.missing, "no table")) {
            try policy().run { _ throws(PostgresError) in throw PostgresError(.missing, "no table") }
        }
        #expect(pauses.all == [])
    }

    @Test func `the attempts are limited`() {
        #expect(throws: PostgresError(.conflict, "3")) {
            try policy(attempts: 3).run { attempt throws(PostgresError) in
                throw PostgresError(.conflict, "\(attempt + 1)")
            }
        }
        #expect(pauses.all.count == 2)
    }

    @Test func `nothing is done again past the deadline`() {
        #expect(throws: PostgresError(.connection, "gone")) {
            try policy(random: 1).run(deadline: .now) { _ throws(PostgresError) in
                throw PostgresError(.connection, "gone")
            }
        }
        #expect(pauses.all == [])
    }
}
