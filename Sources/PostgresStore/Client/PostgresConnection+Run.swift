import CPostgres

extension PostgresConnection {
    /// Does one statement and returns its whole answer.
    ///
    /// Values go beside the text in binary form and come back in it. A statement that was done before on this
    /// connection is not read by the server again: one trip there and back, two the first time.
    ///
    /// Outside a transaction, a connection that breaks throws `.unknownOutcome` unless the statement only reads.
    @discardableResult
    package func run(_ sql: SQL, deadline: Deadline? = nil) throws(PostgresError) -> PostgresResult {
        let loss: PostgresError.Code = sql.isReading || isInTransaction ? .connection : .unknownOutcome
        return PostgresResult(try execute(sql, deadline: deadline, loss: loss))
    }

    /// Does several statements that have no values, separated by semicolons, in one transaction unless they say else.
    ///
    /// The text must come from the program: nothing in it is a value.
    package func script(_ sql: String, deadline: Deadline? = nil) throws(PostgresError) {
        guard !sql.utf8.contains(0) else {
            throw PostgresError(.usage, "a script must not have a zero byte")
        }
        let loss: PostgresError.Code = isInTransaction ? .connection : .unknownOutcome
        try exchanging(deadline: deadline, loss: loss) { exchange throws(PostgresError) in
            try exchange.require(unsafe PQsendQuery(exchange.pointer, sql))
            try exchange.allResults()
        }
    }

    /// Does a statement by its prepared form where that is possible.
    func execute(
        _ sql: SQL, deadline: Deadline?, loss: PostgresError.Code
    ) throws(PostgresError) -> ResultMemory {
        guard sql.values.count <= SQL.maximumValues else {
            throw PostgresError(.usage, "a statement has more than \(SQL.maximumValues) values")
        }
        let bound = BoundValues(sql.parameters)
        let text = sql.text
        guard mayPrepare else {
            return try executeUnprepared(text, bound, deadline: deadline, loss: loss)
        }
        let wasInTransaction = isInTransaction
        var wasKnown = false
        do throws(PostgresError) {
            let name: String
            (name, wasKnown) = try prepared(text, bound, deadline: deadline)
            return try exchanging(deadline: deadline, loss: loss) { exchange throws(PostgresError) in
                let status = unsafe bound.withPointers { values, lengths, formats in
                    unsafe PQsendQueryPrepared(
                        exchange.pointer, name, Int32(bound.count), values, lengths, formats, 1)
                }
                try exchange.require(status)
                return try exchange.onlyResult()
            }
        } catch  where PreparedStatements.isOutdated(error) {
            // A table was altered, or a pooler gave another session: the same again is sound outside a transaction.
            statements.forgetAll()
            if wasInTransaction { throw PreparedStatements.inTransaction(error, wasKnown: wasKnown) }
            return try executeUnprepared(text, bound, deadline: deadline, loss: loss)
        }
    }

    /// Does a statement that nothing is kept of.
    func unprepared(_ sql: SQL) throws(PostgresError) -> PostgresResult {
        PostgresResult(
            try executeUnprepared(sql.text, BoundValues(sql.parameters), deadline: nil, loss: .connection))
    }

    private func executeUnprepared(
        _ text: String, _ bound: BoundValues, deadline: Deadline?, loss: PostgresError.Code
    ) throws(PostgresError) -> ResultMemory {
        try exchanging(deadline: deadline, loss: loss) { exchange throws(PostgresError) in
            let status = unsafe bound.withPointers { values, lengths, formats in
                unsafe PQsendQueryParams(
                    exchange.pointer, text, Int32(bound.count), bound.types, values, lengths, formats, 1)
            }
            try exchange.require(status)
            return try exchange.onlyResult()
        }
    }

    /// Whether statements may be prepared on this connection.
    var mayPrepare: Bool { address.isPreparing && !isPooled }

    /// The name by which the server knows a statement, which is made known first unless it was.
    func prepared(
        _ text: String, _ bound: BoundValues, deadline: Deadline?
    ) throws(PostgresError) -> (name: String, wasKnown: Bool) {
        let key = PreparedStatements.Key(text: text, types: bound.types)
        if let name = statements.name(of: key) { return (name: name, wasKnown: true) }
        if let oldest = statements.takeOldestIfFull() {
            try script("deallocate \(oldest)", deadline: deadline)
        }
        let name = statements.nextName()
        try exchanging(deadline: deadline, loss: .connection) { exchange throws(PostgresError) in
            try exchange.require(
                unsafe PQsendPrepare(exchange.pointer, name, key.text, Int32(key.types.count), key.types))
            try exchange.allResults()
        }
        statements.add(key, name: name)
        return (name: name, wasKnown: false)
    }
}
