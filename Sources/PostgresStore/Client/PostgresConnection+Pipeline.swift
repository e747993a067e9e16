import CPostgres

extension PostgresConnection {
    /// The most statements that are sent before their answers are taken.
    package static let maximumPipelined = 256

    /// Does several statements in one trip to the server and back; returns an answer for each.
    ///
    /// Outside a transaction they are one. The first that fails ends it: its error is thrown, and none after it is
    /// done. Where `isPreparing` says so, those that the server does not know by name are prepared before, each by a
    /// trip of its own, which pays for what is done again and again and needs nothing that the others do. `isReading`
    /// says so of statements that do not begin like it.
    package func runTogether(
        _ statements: [SQL], isPreparing: Bool = false, isReading: Bool = false, deadline: Deadline? = nil
    ) throws(PostgresError) -> [PostgresResult] {
        guard (1...Self.maximumPipelined).contains(statements.count) else {
            throw PostgresError(.usage, "one to \(Self.maximumPipelined) statements go together")
        }
        let isReading = isReading || statements.allSatisfy(\.isReading)
        let loss: PostgresError.Code = isReading || isInTransaction ? .connection : .unknownOutcome
        let isPreparing = isPreparing && mayPrepare
        let wasInTransaction = isInTransaction
        var wasKnown = false
        do throws(PostgresError) {
            var planned: [(text: String, name: String?, bound: BoundValues)] = []
            for sql in statements {
                let (text, bound) = (sql.text, BoundValues(sql.parameters))
                let prepared = isPreparing ? try prepared(text, bound, deadline: deadline) : nil
                wasKnown = wasKnown || prepared?.wasKnown == true
                planned.append((text: text, name: prepared?.name, bound: bound))
            }
            return try exchanging(deadline: deadline, loss: loss) { exchange throws(PostgresError) in
                try exchange.runTogether(planned)
            }
        } catch  where isPreparing && PreparedStatements.isOutdated(error) {
            self.statements.forgetAll()
            if wasInTransaction { throw PreparedStatements.inTransaction(error, wasKnown: wasKnown) }
            return try runTogether(statements, isReading: isReading, deadline: deadline)
        }
    }
}

extension Exchange {
    /// Sends statements together, each by its name where it has one, and takes their answers.
    fileprivate func runTogether(
        _ statements: [(text: String, name: String?, bound: BoundValues)]
    ) throws(PostgresError) -> [PostgresResult] {
        try require(unsafe PQenterPipelineMode(pointer))
        for (text, name, bound) in statements {
            let status = unsafe bound.withPointers { values, lengths, formats in
                if let name {
                    unsafe PQsendQueryPrepared(
                        pointer, name, Int32(bound.count), values, lengths, formats, 1)
                } else {
                    unsafe PQsendQueryParams(
                        pointer, text, Int32(bound.count), bound.types, values, lengths, formats, 1)
                }
            }
            try require(status)
        }
        try require(unsafe PQpipelineSync(pointer))
        try flush()
        let results = try pipelinedResults(of: statements.count)
        try require(unsafe PQexitPipelineMode(pointer))
        return try results.get().map(PostgresResult.init)
    }

    /// Takes the answers of statements that were sent together, up to the mark of their end.
    ///
    /// What is thrown leaves the connection in the middle of them; what is returned as a failure does not.
    private func pipelinedResults(
        of count: Int
    ) throws(PostgresError) -> Result<[ResultMemory], PostgresError> {
        var results: [ResultMemory] = []
        var failure: PostgresError?
        while true {
            // Between the answers of two statements there is none, which is no end.
            guard let result = try nextResult() else {
                guard connection.isHealthy else { throw failure ?? lost() }
                continue
            }
            switch result.status {
            case PGRES_PIPELINE_SYNC:
                if let failure { return .failure(failure) }
                guard results.count == count else {
                    connection.giveUp()
                    throw PostgresError(
                        .protocolViolation,
                        "\(connection.address) answered \(count) statements with \(results.count) results")
                }
                return .success(results)
            case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: results.append(result)
            case PGRES_PIPELINE_ABORTED: continue
            case PGRES_FATAL_ERROR, PGRES_BAD_RESPONSE: failure = failure ?? connection.error(of: result)
            default:
                connection.giveUp()
                throw PostgresError(.usage, "COPY is no statement for this call")
            }
        }
    }
}
