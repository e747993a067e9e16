import CPostgres

extension PostgresConnection {
    /// How much of what others do at the same time a transaction sees.
    package enum Isolation: Sendable {
        /// Each statement sees what was committed before it.
        case readCommitted
        /// All statements see what was committed before the first.
        case repeatableRead
        /// As if it were alone; the same again may be needed.
        case serializable
        /// As `repeatableRead`, and nothing may be written.
        case readOnlySnapshot

        var begin: String {
            switch self {
            case .readCommitted: "begin isolation level read committed"
            case .repeatableRead: "begin isolation level repeatable read"
            case .serializable: "begin isolation level serializable"
            case .readOnlySnapshot: "begin isolation level repeatable read, read only"
            }
        }
    }

    /// Does what the closure does as one: all of it is committed, or nothing where anything throws.
    ///
    /// Throws `.unknownOutcome` where the answer to the commit was lost: look at what is there before doing it
    /// again. Transactions do not nest. `settings` are statements that go with the beginning, in the same trip.
    @discardableResult
    package func transaction<Value>(
        _ isolation: Isolation = .readCommitted, settings: StaticString? = nil,
        _ body: (PostgresConnection) throws(PostgresError) -> Value
    ) throws(PostgresError) -> Value {
        guard !isInTransaction else {
            throw PostgresError(.usage, "a transaction cannot begin in another one")
        }
        let value: Value
        do throws(PostgresError) {
            let beginning = settings.map { "\(isolation.begin); \($0)" } ?? isolation.begin
            _ = try simple(beginning, loss: .connection)
            value = try body(self)
        } catch {
            rollBack()
            throw error
        }
        try commit()
        return value
    }

    private func commit() throws(PostgresError) {
        let result: ResultMemory
        do throws(PostgresError) {
            result = try simple("commit", loss: .unknownOutcome)
        } catch {
            rollBack()
            throw error
        }
        // To the end of a transaction that failed before the server says that it rolled back, which is no error.
        guard result.command == "COMMIT" else {
            throw PostgresError(
                .server, "\(address) rolled the transaction back: a statement of it had failed")
        }
    }

    /// One trip, with nothing prepared before; answers the last result.
    private func simple(
        _ text: String, loss: PostgresError.Code, deadline: Deadline? = nil, isStoppable: Bool = true
    ) throws(PostgresError) -> ResultMemory {
        try exchanging(deadline: deadline, loss: loss, isStoppable: isStoppable) {
            exchange throws(PostgresError) in
            try exchange.require(unsafe PQsendQuery(exchange.pointer, text))
            guard let result = try exchange.allResults().last else {
                throw PostgresError(.protocolViolation, "\(address) did not answer")
            }
            return result
        }
    }

    /// Ends an open transaction without keeping anything; a connection that cannot do that is given up.
    func rollBack() {
        guard isHealthy, !isAtRest else { return }
        // It must not end for the reason that the transaction did: it has a little time of its own.
        let grace = Deadline.now + .milliseconds(PostgresCancellation.graceMilliseconds)
        do throws(PostgresError) {
            _ = try simple("rollback", loss: .connection, deadline: grace, isStoppable: false)
        } catch {
            giveUp()
        }
    }
}
