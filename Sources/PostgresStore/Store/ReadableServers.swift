import Locks
import VectorStores

/// The servers of one address, for whoever reads: a standby that is near enough where `readers=standby` asks for one,
/// else the server that takes writes.
///
/// Each host has connections of its own, so that one that is too far behind does not hide the others.
package final class ReadableServers: Sendable {
    private struct State: Sendable {
        /// The host that is asked first: the one that was near enough the last time.
        var first = 0
        /// Until when hosts are left alone that do not answer or are no standbys.
        var resumes: [ContinuousClock.Instant]
    }

    /// The hosts that may be standbys, in an order made by chance, which spreads the readers.
    private let standbys: [PostgresPool]
    /// Where everything else is read.
    private let primary: PostgresPool
    private let address: PostgresServerAddress
    private let state: Mutex<State>

    /// How many hosts are looked at for one reading.
    static let mostTried = 4
    /// How long a host may take to show how far it is.
    private static let lookLimit = Duration.seconds(5)
    /// How long a host is left alone that did not show it.
    private static let rest = Duration.seconds(15)
    /// How long a command waits for a connection, besides the time that the address gives each host.
    private static let patience = Duration.seconds(3_600)

    /// For a command that asks once.
    package convenience init(_ address: PostgresServerAddress) {
        var limits = PostgresPool.Limits()
        limits.wait = Self.patience
        self.init(address, primary: PostgresPool(address.forWriting, limits: limits), limits: limits)
    }

    /// Around the connections to the server that takes writes.
    init(_ address: PostgresServerAddress, primary: PostgresPool, limits: PostgresPool.Limits) {
        self.address = address
        self.primary = primary
        var generator = SystemRandomNumberGenerator()
        let hosts = address.readsFromStandby ? address.forReading(using: &generator) : []
        standbys = hosts.map { PostgresPool($0, limits: limits) }
        state = Mutex(State(resumes: Array(repeating: .now, count: standbys.count)))
    }

    /// Closes all connections.
    package func close() {
        for pool in standbys + [primary] { pool.close() }
    }

    /// Gives up connecting, now and from now on, for who leaves and must not wait.
    package func stopConnecting() {
        for pool in standbys + [primary] { pool.stopConnecting() }
    }

    /// Calls the closure with a connection that may be read from; blocks the thread.
    package func reading<Value>(
        deadline: Deadline? = nil, _ body: (PostgresConnection) throws(PostgresError) -> Value
    ) throws(PostgresError) -> Value {
        try reading(deadline: deadline, since: nil, body)
    }

    /// The same, at a server that has come as far as what was read before.
    func reading<Value>(
        deadline: Deadline?, since earlier: ServerMoment?, stop: StopFlag? = nil,
        _ body: (PostgresConnection) throws(PostgresError) -> Value
    ) throws(PostgresError) -> Value {
        for number in order() {
            let value = try look(at: number, deadline, since: earlier, stop, body)
            if let value { return value }
        }
        return try primary.withConnection(deadline: deadline, stop: stop, body)
    }

    /// Reads on a thread of its own: the pool of tasks waits for nobody.
    func perform<Value: Sendable>(
        deadline: Deadline, _ body: @escaping @Sendable (PostgresConnection) throws(PostgresError) -> Value
    ) async throws(PostgresError) -> Value {
        try await StopFlag.performing(at: address) { [self] stop throws(PostgresError) in
            try reading(deadline: deadline, since: nil, stop: stop, body)
        }
    }

    /// The hosts to look at, the one of the last time first; those that rest are left out.
    private func order() -> ArraySlice<Int> {
        state.withLock { state in
            let count = standbys.count
            return (0..<count).map { (state.first + $0) % count }.filter { state.resumes[$0] <= .now }
                .prefix(Self.mostTried)
        }
    }

    private func letRest(_ number: Int) {
        state.withLock { $0.resumes[number] = .now + Self.rest }
    }

    /// Reads from a host where it is near enough; `nil` where it is not.
    private func look<Value>(
        at number: Int, _ deadline: Deadline?, since earlier: ServerMoment?, _ stop: StopFlag?,
        _ body: (PostgresConnection) throws(PostgresError) -> Value
    ) throws(PostgresError) -> Value? {
        var isReading = false
        do throws(PostgresError) {
            return try standbys[number].withConnection(deadline: Self.limit(deadline), stop: stop) {
                connection throws(PostgresError) -> Value? in
                guard let here = try ServerMoment.read(connection) else { return nil }
                guard here.isStandby || standbys.count == 1 else {
                    // Its connections are for those who write.
                    connection.giveUp()
                    letRest(number)
                    return nil
                }
                guard here.lagSeconds <= Double(address.stalenessSeconds),
                    here.relation(to: earlier) != .behind
                else {
                    pass(number)
                    return nil
                }
                state.withLock { $0.first = number }
                isReading = true
                connection.deadline = deadline
                return .some(try body(connection))
            }
        } catch {
            if error.code == .cancelled { throw error }
            if !isReading || error.code == .connection || error.code == .shuttingDown { letRest(number) }
            if isReading { throw error }
            return nil
        }
    }

    /// Leaves a host that is too far behind; the next reading begins at another one.
    private func pass(_ number: Int) {
        state.withLock { if $0.first == number { $0.first = (number + 1) % standbys.count } }
    }

    /// Until when a host may show how far it is: what is left of the time is for others as well.
    private static func limit(_ deadline: Deadline?) -> Deadline {
        let now = Deadline.now
        guard let deadline else { return now + lookLimit }
        return now + min(lookLimit, (deadline - now) / 2)
    }
}

extension PostgresLog {
    /// Calls the closure with a connection that may be read from.
    ///
    /// Who writes reads the same server as it writes to, but for loading.
    func reading<Value>(
        deadline: Deadline, isLoading: Bool = false,
        _ body: (PostgresConnection) throws(PostgresError) -> Value
    ) throws(PostgresError) -> Value {
        guard isLoading || readOnlyReason != nil else {
            return try pool.withConnection(deadline: deadline, body)
        }
        // Not of the place, which whoever follows holds for as long as it reads.
        return try servers.reading(deadline: deadline, since: standing.withLock { $0.source }, body)
    }
}
