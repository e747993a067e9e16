import Locks
import VectorStores

extension PostgresLog {
    /// How often the server is asked what it knows of itself.
    private static let measuringPause = Duration.seconds(10)
    /// How long that may take.
    private static let measuringLimit = Duration.seconds(20)
    /// How far the rows of the inbox are counted.
    private static let countedBacklog = 100_000

    /// Notes how many rows wait, and from time to time what the server knows of itself.
    func measure() {
        do throws(PostgresError) {
            let deadline = ContinuousClock.now + Self.measuringLimit
            try reading(deadline: deadline) { connection throws(PostgresError) in
                try threads.cancelling(connection.cancellation) { () throws(PostgresError) in
                    try measure(connection)
                }
            }
        } catch {
            standing.withLock { $0.failed(error) }
        }
    }

    /// How many rows wait in the inbox: counted up to a bound, past it about as many as the server knows of.
    static func backlog(_ connection: PostgresConnection) throws(PostgresError) -> Int {
        try connection.run(
            """
            select case when counted < \(countedBacklog) then counted else greatest(counted, coalesce(
                (select n_live_tup from pg_stat_all_tables where relid = to_regclass('decision_inbox')), 0)) end
            from (select count(*) as counted from (select from decision_inbox limit \(countedBacklog)) as few)
                as bounded
            """
        ).onlyRow().int(0)
    }

    private func measure(_ connection: PostgresConnection) throws(PostgresError) {
        let backlog = try Self.backlog(connection)
        let before = standing.withLock { standing in
            standing.backlog = backlog
            return standing.measurement
        }
        if let before, .now - before.time < Self.measuringPause { return }
        let measurement = try ServerMeasurement(reading: connection, before: before)
        standing.withLock { standing in
            standing.measurement = measurement
            standing.diskBytes = measurement.tables.reduce(0) { $0 + $1.bytes + $1.indexBytes }
        }
    }

    var serverReport: ServerReport {
        let standing = standing.withLock { $0 }
        var report = ServerReport(
            version: facts.serverVersion, mirrorAgeSeconds: standing.age / .seconds(1))
        report.inboxRows = standing.backlog
        report.inboxSeconds = standing.drainSeconds
        report.queuedEntries = queue?.count ?? 0
        if let failure = standing.failure {
            let wait = standing.nextAttempt.map { max(0, ($0 - .now) / .seconds(1)) }
            report.outage = ServerReport.Outage(retrySeconds: wait, reason: failure.description)
        }
        guard let measurement = standing.measurement else { return report }
        report.relations = ServerReport.Relations(
            ageSeconds: (ContinuousClock.now - measurement.time) / .seconds(1), tables: measurement.tables,
            indexes: measurement.indexes(distinct: standing.distinct),
            advice: measurement.settings.dangers + measurement.hints)
        report.rebuildNotes = measurement.rebuildNotes
        return report
    }
}
