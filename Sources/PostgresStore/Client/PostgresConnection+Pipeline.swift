import CPostgres

extension PostgresConnection {
    /// The most statements that are sent before their answers are taken.
    package static let maximumPipelined = 256

    /// Does several statements in one trip to the server and back; returns an answer for each.
    ///
    /// Outside a transaction they are one. The first that fails ends it: its error is thrown, and none after it is
    /// done. They are not prepared, so that for one statement that is done again and again ``run(_:deadline:)`` is
    /// cheaper for the server.
    package func runTogether(
        _ statements: [SQL], deadline: Deadline? = nil
    ) throws(PostgresError) -> [PostgresResult] {
        guard (1...Self.maximumPipelined).contains(statements.count) else {
            throw PostgresError(.usage, "one to \(Self.maximumPipelined) statements go together")
        }
        let isReading = statements.allSatisfy(\.isReading)
        let loss: PostgresError.Code = isReading || isInTransaction ? .connection : .unknownOutcome
        return try exchanging(deadline: deadline, loss: loss) { exchange throws(PostgresError) in
            try exchange.require(unsafe PQenterPipelineMode(exchange.pointer))
            for sql in statements {
                let bound = BoundValues(sql.values)
                let status = unsafe bound.withPointers { values, lengths, formats in
                    unsafe PQsendQueryParams(
                        exchange.pointer, sql.text, Int32(bound.count), bound.types, values, lengths,
                        formats, 1)
                }
                try exchange.require(status)
            }
            try exchange.require(unsafe PQpipelineSync(exchange.pointer))
            try exchange.flush()
            let results = try exchange.pipelinedResults(of: statements.count)
            try exchange.require(unsafe PQexitPipelineMode(exchange.pointer))
            return try results.get().map(PostgresResult.init)
        }
    }
}

extension Exchange {
    /// Takes the answers of statements that were sent together, up to the mark of their end.
    ///
    /// What is thrown leaves the connection in the middle of them; what is returned as a failure does not.
    fileprivate func pipelinedResults(
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
