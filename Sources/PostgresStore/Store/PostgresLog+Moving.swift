import Decisions
import Locks
import VectorStores

extension PostgresLog {
    /// How often the inbox is looked at.
    private static let moveMilliseconds = 1_000
    /// How long moving rests where it cannot be done.
    private static let moveRetryMilliseconds = 10_000
    /// Rows moved in one transaction: a second or so with a graph to keep.
    private static let rowsPerMove = 500
    /// How long the rows of one move may take.
    static let moveLimit = Duration.seconds(120)
    /// How often old changes are removed; first at once, for processes that end soon.
    private static let pruneInterval = Duration.seconds(60)

    /// Moves rows from the inbox into the table until it is told to stop; one process does at a time.
    func runMoving() {
        var pruneTime = ContinuousClock.now
        var looked = (time: ContinuousClock.now, writing: Duration.zero)
        while !threads.isStopped {
            var pause = Self.moveMilliseconds
            do throws(PostgresError) {
                let start = ContinuousClock.now
                let (writing, backlog) = standing.withLock { ($0.writing, $0.backlog) }
                let isYielding = Self.yields(
                    writing: writing - looked.writing, of: start - looked.time, backlog: backlog)
                looked = (time: start, writing: writing)
                let moved = isYielding ? 0 : try moveRows()
                if moved > 0 {
                    let seconds = (ContinuousClock.now - start) / .seconds(1)
                    standing.withLock { $0.movedPerSecond = Double(moved) / max(seconds, 1e-3) }
                }
                if moved == Self.rowsPerMove { pause = 0 }
                if pruneTime <= .now {
                    pruneTime = .now + Self.pruneInterval
                    try prune()
                }
                standing.withLock { $0.moverFailure = nil }
            } catch {
                pause = error.isTransient ? Self.moveMilliseconds : Self.moveRetryMilliseconds
                if error.code != .cancelled { standing.withLock { $0.moverFailure = error } }
            }
            if pause > 0 { threads.pause(milliseconds: pause) }
        }
    }

    /// Whether moving waits, since writing took more than half of the time, and there is room in the inbox.
    ///
    /// The server links a row into its graph for milliseconds of a processor, which who writes can use as well.
    static func yields(writing: Duration, of time: Duration, backlog: Int) -> Bool {
        backlog < slowingBacklog / 2 && writing > time / 2
    }

    /// Moves some rows; answers how many.
    func moveRows() throws(PostgresError) -> Int {
        try inTransaction(limit: Self.moveLimit) { connection throws(PostgresError) in
            guard try hasMoverLock(connection) else { return 0 }
            let asked = try connection.run(
                """
                select \(sql: TableLayout.question),
                    row_security_active('decision_vectors') or row_security_active('decision_inbox')
                """
            ).onlyRow()
            let layout = TableLayout(rawValue: try asked.text(0)) ?? .plain
            if !layout.isByTenant {
                try renameClashing(connection)
                if try asked.bool(1) { return try moveGuarded(limit: Self.rowsPerMove, connection) }
            }
            _ = try connection.run("select set_config('verdict.moving', 'on', true)")
            let answer = try connection.run(
                """
                with moved as (
                    delete from decision_inbox where (\(sql: layout.key)) in (
                        select \(sql: layout.key) from decision_inbox limit \(Self.rowsPerMove)
                        for update skip locked)
                    returning \(sql: layout.columns)
                ), placed as (
                    insert into \(sql: layout.rows) as held (\(sql: layout.columns))
                    select \(sql: layout.columns) from moved
                    on conflict (\(sql: layout.key)) do update set embedding = excluded.embedding,
                        metadata = excluded.metadata, created_at = excluded.created_at
                    where coalesce(held.metadata->>'tenant', '') = coalesce(excluded.metadata->>'tenant', '')
                    returning 1
                )
                select (select count(*) from moved), (select count(*) from placed)
                """
            ).onlyRow()
            let (moved, placed) = (try answer.int(0), try answer.int(1))
            // Another tenant's row came in between: nothing is moved now, and the next time it is seen first.
            guard moved == placed else {
                throw PostgresError(.conflict, "another program took the identifier of a row on its way")
            }
            return moved
        }
    }

    /// Gives another identifier to rows whose own another tenant's row in the table has got meanwhile.
    ///
    /// Another program wrote that one: what it wrote stays, and so does what was acknowledged here.
    private func renameClashing(_ connection: PostgresConnection) throws(PostgresError) {
        let clashing = try connection.run(
            """
            select waiting.id, coalesce(waiting.metadata->>'tenant', '') from decision_inbox as waiting
            join decision_vectors as held on held.id = waiting.id
            where coalesce(waiting.metadata->>'tenant', '') <> coalesce(held.metadata->>'tenant', '')
            limit \(Self.rowsPerMove) for update of waiting skip locked
            """)
        for row in clashing.rows { try rename(try row.text(0), tenant: try row.text(1), connection) }
    }

    func hasMoverLock(_ connection: PostgresConnection) throws(PostgresError) -> Bool {
        try connection.run(
            "select pg_try_advisory_xact_lock(\(.int4(Int32(Self.moverLock))), \(sql: Self.lockedTables))"
        ).onlyRow().bool(0)
    }

    func inTransaction<Value>(
        limit: Duration, _ body: (PostgresConnection) throws(PostgresError) -> Value
    ) throws(PostgresError) -> Value {
        let deadline = ContinuousClock.now + limit
        return try pool.withConnection(deadline: deadline) { connection throws(PostgresError) in
            return try threads.cancelling(connection.cancellation) { () throws(PostgresError) in
                try connection.transaction(.readCommitted) { connection throws(PostgresError) in
                    try endWhenSilent(connection)
                    return try body(connection)
                }
            }
        }
    }
}
