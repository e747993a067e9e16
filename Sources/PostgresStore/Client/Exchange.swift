import CPostgres
import Glibc

/// One exchange with the server: what is sent and what comes back, and stopping it when its time is over or somebody
/// asks.
///
/// Safe to use although it holds a pointer: an exchange ends before its connection can be closed.
@safe final class Exchange {
    /// Why a statement was stopped.
    enum Stop {
        case timeout, cancelled
    }

    let connection: PostgresConnection
    let pointer: OpaquePointer
    private let deadline: Deadline?
    private let isStoppable: Bool
    /// When a stopped statement is given up; `nil` while none is.
    private var graceEnd: Deadline?
    /// Why it was stopped, if it was.
    private(set) var stop: Stop?

    fileprivate init(_ connection: PostgresConnection, deadline: Deadline?, isStoppable: Bool)
        throws(PostgresError)
    {
        self.connection = connection
        self.isStoppable = isStoppable
        unsafe pointer = try unsafe connection.usable()
        self.deadline = deadline
    }

    /// Waits for the socket; gives the connection up where the server neither answers nor stops.
    func wait(for events: Int32) throws(PostgresError) {
        while true {
            let remaining = (graceEnd ?? deadline)?.remainingMilliseconds
            if remaining == 0 {
                if stop == nil {
                    begin(.timeout)
                    continue
                }
                connection.giveUp()
                throw stopped()
            }
            var watched = [
                pollfd(fd: unsafe PQsocket(pointer), events: Int16(events), revents: 0),
                // A negative number is watched for nothing.
                pollfd(
                    fd: stop == nil && isStoppable ? connection.cancellation.signal : -1,
                    events: Int16(POLLIN), revents: 0),
            ]
            let ready = unsafe poll(&watched, 2, pauseMilliseconds(remaining))
            if ready == 0, stop != nil { connection.cancellation.askServer() }
            if ready > 0, watched[1].revents != 0 { begin(.cancelled) }
            if ready > 0, watched[0].revents != 0 { return }
            if ready < 0, errno != EINTR { throw lost() }
        }
    }

    /// Whether its time is over.
    fileprivate var isLate: Bool { deadline.map { $0 <= .now } ?? false }

    /// How long to wait before something else is due; -1 is for ever.
    private func pauseMilliseconds(_ remaining: Int?) -> Int32 {
        guard let remaining else { return -1 }
        return Int32(stop == nil ? remaining : min(remaining, PostgresCancellation.repeatMilliseconds))
    }

    /// Asks the server to stop what nobody wants any more.
    func stopNow() {
        if stop == nil { begin(.cancelled) }
    }

    private func begin(_ reason: Stop) {
        stop = reason
        graceEnd = .now + .milliseconds(PostgresCancellation.graceMilliseconds)
        connection.cancellation.askServer()
    }

    /// The error of a statement that was stopped.
    fileprivate func stopped() -> PostgresError {
        if stop == .cancelled { return connection.cancelled() }
        return PostgresError(
            .timeout, "\(connection.address) did not answer in time: try again, or allow it more time")
    }

    /// The error of a connection that broke.
    func lost() -> PostgresError {
        connection.giveUp()
        return connection.problem(.connection, unsafe String(cString: PQerrorMessage(pointer)))
    }

    // MARK: Sending and taking

    /// Checks what libpq says about taking something to be sent.
    func require(_ status: Int32) throws(PostgresError) {
        if status != 1 { throw lost() }
    }

    /// Sends what waits to be sent.
    func flush() throws(PostgresError) {
        while true {
            switch unsafe PQflush(pointer) {
            case 0: return
            case 1:
                try wait(for: POLLIN | POLLOUT)
                // What the server says meanwhile must be taken, or it would stop reading.
                guard unsafe PQconsumeInput(pointer) != 0 else { throw lost() }
            default: throw lost()
            }
        }
    }

    /// The next result, or `nil` after the last of a statement.
    func nextResult() throws(PostgresError) -> ResultMemory? {
        while unsafe PQisBusy(pointer) != 0 {
            try wait(for: POLLIN)
            // A connection that breaks may have brought the reason; it is in the results.
            if unsafe PQconsumeInput(pointer) == 0 {
                guard unsafe PQstatus(pointer) != CONNECTION_OK else { throw lost() }
                break
            }
        }
        return unsafe PQgetResult(pointer).map { unsafe ResultMemory(owning: $0) }
    }

    /// All results of what was sent; throws the first error among them once all are taken.
    @discardableResult
    func allResults() throws(PostgresError) -> [ResultMemory] {
        try flush()
        var results: [ResultMemory] = []
        var failure: PostgresError?
        while let result = try nextResult() {
            switch result.status {
            case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: results.append(result)
            case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
                connection.giveUp()
                throw PostgresError(.usage, "COPY is no statement for this call")
            default: failure = failure ?? connection.error(of: result)
            }
        }
        if let failure { throw failure }
        return results
    }

    /// The only result of one statement.
    func onlyResult() throws(PostgresError) -> ResultMemory {
        let results = try allResults()
        guard let result = results.first, results.count == 1 else {
            throw PostgresError(
                .protocolViolation,
                "\(connection.address) answered one statement with \(results.count) results")
        }
        return result
    }
}

extension PostgresConnection {
    /// Does one exchange with the server between the marks that let it be stopped.
    ///
    /// `loss` is what a connection that breaks meanwhile means: an unknown outcome where something was written.
    func exchanging<Value>(
        deadline: Deadline?, loss: PostgresError.Code, isStoppable: Bool = true,
        _ body: (Exchange) throws(PostgresError) -> Value
    ) throws(PostgresError) -> Value {
        let exchange = try Exchange(self, deadline: deadline ?? self.deadline, isStoppable: isStoppable)
        if exchange.isLate { throw exchange.stopped() }
        guard cancellation.begin() || !isStoppable else { throw cancelled() }
        defer {
            cancellation.end()
            // A request that is still on its way would stop the next statement.
            if exchange.stop != nil, !cancellation.settle() { giveUp() }
        }
        do throws(PostgresError) {
            return try body(exchange)
        } catch {
            // A stopped statement that the server ended says so itself; else nobody knows how it ended.
            if exchange.stop != nil, error.sqlState == "57014" { throw exchange.stopped() }
            guard !isHealthy, loss == .unknownOutcome else { throw error }
            throw PostgresError(
                .unknownOutcome, sqlState: error.sqlState,
                "\(error.description); whether it was done before is not known")
        }
    }

    func cancelled() -> PostgresError { PostgresError(.cancelled, "\(address): it was cancelled") }

    /// The error that the server, or libpq, tells in a result.
    func error(of result: ResultMemory) -> PostgresError {
        guard let sqlState = result.diagnostic("C") else {
            return problem(isHealthy ? .server : .connection, result.message)
        }
        let message = ConnectionFailure.oneLine(result.diagnostic("M") ?? "no reason given")
        var code = PostgresError.Code(sqlState: sqlState)
        // What PgBouncer says when the server's end of a session broke, or cannot be made.
        if code == .protocolViolation,
            isPooled || (result.diagnostic("V") ?? result.diagnostic("S")) == "FATAL"
        {
            code = .connection
            giveUp()
        }
        let advice = code.advice.isEmpty ? "" : "; \(code.advice)"
        return PostgresError(code, sqlState: sqlState, "\(address): \(message) (\(sqlState))\(advice)")
    }

    func problem(_ code: PostgresError.Code, _ message: String) -> PostgresError {
        let reason = ConnectionFailure.oneLine(message)
        let advice = code.advice.isEmpty ? "" : "; \(code.advice)"
        return PostgresError(code, "\(address): \(reason.isEmpty ? "the connection broke" : reason)\(advice)")
    }
}
