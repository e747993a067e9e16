import VectorStores

/// Connections to one server that are lent out, a limited number at a time.
///
/// Who comes when all are lent waits in line, at most so many and so long. What waited idle is looked at before it is
/// lent, and what is old is replaced, so that a server that restarted or moved is found again.
package final class PostgresPool: Sendable {
    /// What a pool allows.
    package struct Limits: Sendable {
        /// The most connections at a time.
        package var connections = 8
        /// The most who wait for one.
        package var waiting = 256
        /// How long one waits where no deadline is given.
        package var wait: Duration = .seconds(30)
        /// How old a connection may get.
        package var age: Duration = .seconds(1_800)
        /// After how long without use the server is asked whether the connection still stands.
        package var idle: Duration = .seconds(30)

        package init() {}
    }

    /// What a pool is doing.
    package struct Status: Sendable, Hashable {
        /// Connections that somebody uses, or that are being opened.
        package var lent: Int
        /// Connections that wait for somebody.
        package var idle: Int
        /// Who waits for a connection.
        package var waiting: Int
        /// Connections opened since the pool was made.
        package var opened: Int
    }

    private struct State: Sendable {
        var idle: [IdleConnection] = []
        var lent = 0
        /// Those in line, first come first served.
        var line: [Ticket] = []
        var opened = 0
        var isClosed = false
        /// Whether nobody waits for a new connection any more.
        var isHurried = false

        /// Whether the first in line, and only that, can have a connection now.
        func serves(_ ticket: Ticket, of limit: Int) -> Bool {
            line.first === ticket && lent < limit
        }
    }

    /// A place in the line; given up when cancelled.
    final class Ticket: Sendable {
        let stop: StopFlag?

        init(_ stop: StopFlag?) { self.stop = stop }
    }

    package let address: PostgresServerAddress
    package let limits: Limits
    private let state = Monitor(State())

    /// Makes a pool; connections are opened when they are needed.
    package init(_ address: PostgresServerAddress, limits: Limits = Limits()) {
        self.address = address
        self.limits = limits
    }

    deinit { close() }

    /// What it is doing now.
    package var status: Status {
        state.read { state in
            Status(
                lent: state.lent, idle: state.idle.count, waiting: state.line.count, opened: state.opened)
        }
    }

    /// Closes idle connections, and lent ones when they come back; nobody gets one any more.
    package func close() {
        let idle = state.update { state in
            state.isClosed = true
            defer { state.idle = [] }
            return state.idle
        }
        for connection in idle { connection.connection.close() }
    }

    /// Gives up connecting, now and from now on, for who leaves and must not wait; what is idle is still lent.
    package func stopConnecting() { state.update { $0.isHurried = true } }

    /// Closes what is idle, for a server that is known to have gone; the next gets a new connection.
    package func forgetIdle() {
        let idle = state.update { state in
            defer { state.idle = [] }
            return state.idle
        }
        for connection in idle { connection.connection.close() }
    }

    /// Calls the closure with a connection of its own; blocks the thread.
    ///
    /// The deadline counts for waiting, connecting and every statement that has none of its own. A transaction that
    /// the closure leaves open is rolled back. Throws `.tooManyConnections` at once where too many wait already.
    @discardableResult
    package func withConnection<Value>(
        deadline: Deadline? = nil, _ body: (PostgresConnection) throws(PostgresError) -> Value
    ) throws(PostgresError) -> Value {
        try withConnection(deadline: deadline, stop: nil, body)
    }

    func withConnection<Value>(
        deadline: Deadline?, stop: StopFlag?, _ body: (PostgresConnection) throws(PostgresError) -> Value
    ) throws(PostgresError) -> Value {
        let idle = try waitForTurn(deadline: deadline, stop: stop)
        let connection: PostgresConnection
        do throws(PostgresError) {
            connection = try usable(idle, deadline: deadline, stop: stop)
        } catch {
            state.update { $0.lent -= 1 }
            throw error
        }
        connection.deadline = deadline
        stop?.attach(connection.cancellation)
        defer {
            stop?.detach()
            giveBack(connection)
        }
        do throws(PostgresError) {
            return try body(connection)
        } catch {
            // A session keeps what it was told when it began: a new one may have more time, or find the server that
            // takes writes.
            if error.code == .readOnlyServer || error.code == .timeout {
                connection.giveUp()
                forgetIdle()
            }
            throw error
        }
    }

    /// Waits in line for the right to one connection; an idle one comes with it if there is one.
    private func waitForTurn(deadline: Deadline?, stop: StopFlag?) throws(PostgresError) -> IdleConnection? {
        let ticket = Ticket(stop)
        let limit = deadline ?? .now + limits.wait
        let hasPlace = state.update { state in
            guard state.line.count < limits.waiting, !state.isClosed else { return false }
            state.line.append(ticket)
            return true
        }
        guard hasPlace else { throw refusal() }
        stop?.attach { [state] in state.update { _ in } }
        defer { stop?.detach() }
        state.wait(milliseconds: limit.remainingMilliseconds) { state in
            state.serves(ticket, of: limits.connections) || state.isClosed || stop?.isSet == true
        }
        // Leaving the line and taking the turn is one step, so that no turn is lost.
        let turn: (isMine: Bool, idle: IdleConnection?) = state.update { state in
            let isMine =
                state.serves(ticket, of: limits.connections) && !state.isClosed && stop?.isSet != true
            state.line.removeAll { $0 === ticket }
            guard isMine else { return (false, nil) }
            state.lent += 1
            return (true, state.idle.popLast())
        }
        if turn.isMine { return turn.idle }
        if stop?.isSet == true { throw PostgresError(.cancelled, "\(address): it was cancelled") }
        throw state.read({ $0.isClosed }) ? refusal() : late()
    }

    /// A connection that works: the idle one after a look at it, or a new one.
    private func usable(
        _ idle: IdleConnection?, deadline: Deadline?, stop: StopFlag?
    ) throws(PostgresError) -> PostgresConnection {
        if let idle {
            if isUsable(idle) { return idle.connection }
            idle.connection.close()
        }
        let connection = try PostgresConnection.open(address, deadline: deadline ?? .now + limits.wait) {
            [state] in state.read { $0.isHurried || $0.isClosed } || stop?.isSet == true
        }
        state.update { $0.opened += 1 }
        return connection
    }

    private func isUsable(_ idle: IdleConnection) -> Bool {
        let connection = idle.connection
        guard !connection.isCutOff, connection.age < limits.age else { return false }
        guard .now - idle.since >= limits.idle else { return true }
        // What stood idle for long may have been forgotten by a firewall between, which tells nobody.
        let limit = Deadline.now + .milliseconds(PostgresCancellation.graceMilliseconds)
        return (try? connection.run("select 1", deadline: limit)) != nil
    }

    private func giveBack(_ connection: PostgresConnection) {
        connection.cancellation.reset()
        connection.deadline = nil
        connection.rollBack()
        let isKept = connection.isAtRest && connection.age < limits.age
        let keeps = state.update { state in
            state.lent -= 1
            guard isKept, !state.isClosed else { return false }
            state.idle.append(IdleConnection(connection: connection, since: .now))
            return true
        }
        if !keeps { connection.close() }
    }

    private func refusal() -> PostgresError {
        if state.read({ $0.isClosed }) { return PostgresError(.usage, "\(address): the pool is closed") }
        return PostgresError(
            .tooManyConnections, "\(address): \(limits.waiting) wait for a connection already; try again")
    }

    private func late() -> PostgresError {
        PostgresError(
            .timeout,
            "\(address): none of \(limits.connections) connections became free in time; try again")
    }
}

/// A connection that waits to be lent.
///
/// Sound although unchecked: it is in the pool's list or held by the one who took it out, never both.
private struct IdleConnection: @unchecked Sendable {
    let connection: PostgresConnection
    let since: Deadline
}
