import Decisions
import Locks
import VectorStores

/// What the mirror holds, to be compared with the server at the same moment.
private struct HeldCount {
    var rows: Int
    var layout: TableLayout
}

extension PostgresLog {
    /// Compares the mirror with the server where it is time for that, beside following.
    func auditIfDue(_ turn: @escaping Turn) {
        let isDue = audit.withLock { audit in
            guard audit.nextTime <= .now else { return false }
            audit.nextTime = .now + Audit.pause
            return true
        }
        guard isDue else { return }
        threads.start { [self] in
            let start = ContinuousClock.now
            // What hinders it is told by whoever follows; it is tried again the next time.
            try? runAudit(turn)
            let next =
                ContinuousClock.now + max(Audit.pause, (ContinuousClock.now - start) * Audit.shareOfTime)
            audit.withLock { audit in
                audit.comparisons += 1
                // Asked for meanwhile, it is done again.
                if audit.nextTime > .now { audit.nextTime = next }
            }
        }
    }

    /// Reads what changed in the store's turn, and counts without it: one snapshot of the server's serves both, so that
    /// what others write meanwhile makes no difference.
    private func runAudit(_ turn: Turn) throws(PostgresError) {
        try reading(deadline: .now + Audit.limit) { connection throws(PostgresError) in
            try threads.cancelling(connection.cancellation) { () throws(PostgresError) in
                // The snapshot is that of the first statement, which waits for the turn.
                try connection.transaction(.readOnlySnapshot) { connection throws(PostgresError) in
                    var held: HeldCount?
                    var failure: PostgresError?
                    do throws(StoreError) {
                        try turn { mirror throws(StoreError) in
                            do throws(PostgresError) {
                                try catchUp(connection, mirror)
                                held = heldCount(mirror)
                            } catch {
                                failure = error
                                throw StoreError(error)
                            }
                        }
                    } catch {
                        throw failure ?? PostgresError(.connection, error.description)
                    }
                    if let held { try compare(held, connection) }
                }
            }
        }
    }

    /// Reads what changed since a mirror was saved, and everything where the server has other rows than were told of.
    func catchUpSaved(_ connection: PostgresConnection, _ mirror: StoreMirror) throws(PostgresError) {
        var isCaughtUp = false
        do throws(PostgresError) {
            try connection.transaction(.readOnlySnapshot) { connection throws(PostgresError) in
                try catchUp(connection, mirror)
                isCaughtUp = true
                if let held = heldCount(mirror) {
                    try compare(held, connection, deadline: .now + Audit.openingLimit)
                }
            }
        } catch  where isCaughtUp && error.code == .timeout {
            // Too many rows to wait for: they are counted once the store is open, at once.
            return
        }
        guard place.withLock({ $0.isLost }) else {
            return audit.withLock { $0.nextTime = .now + Audit.pause }
        }
        let what = audit.withLock { $0.finding?.what ?? "" }
        saving.withLock { saving in
            saving.notice =
                "\(address): the saved mirror is not what the server has, everything is read anew: \(what)"
        }
        try catchUp(connection, mirror)
    }

    /// How many rows the mirror stands for; `nil` while it holds what the server is not known to.
    private func heldCount(_ mirror: StoreMirror) -> HeldCount? {
        guard (writeQueue?.count ?? 0) == 0 else { return nil }
        return place.withLock { place in
            guard !place.isLost, place.unread.rows.isEmpty, place.unheld.isEmpty else { return nil }
            return HeldCount(
                rows: mirror.count + place.leftOut.count + place.unaccounted, layout: place.names.layout)
        }
    }

    /// Compares, and has everything read anew where there is a difference.
    private func compare(
        _ held: HeldCount, _ connection: PostgresConnection, deadline: Deadline? = nil
    ) throws(PostgresError) {
        let layout = held.layout
        let answer = try connection.run(
            """
            select \(sql: Audit.tables), (select count(*) from \(sql: layout.rows))
                + (select count(*) from decision_inbox)
                - (select count(*) from decision_inbox as newer where exists (
                    select from \(sql: layout.rows) as held where \(sql: layout.isSameRow)))
            """, deadline: deadline
        ).onlyRow()
        let (tables, rows) = (try answer.text(0), try answer.int(1) - held.rows)
        let now = options.clock()
        let (isFound, isOther) = audit.withLock { audit in
            let isOther = audit.tables.map { $0 != tables } ?? false
            audit.tables = tables
            guard rows != 0 || isOther else {
                audit.agreed(at: now)
                return (false, false)
            }
            audit.finding = Audit.Finding(rows: rows, since: audit.agreedAt, foundAt: now)
            return (true, isOther)
        }
        guard isFound else { return }
        place.withLock { $0.isLost = true }
        guard isOther else { return }
        let tellsChanges = try DatabaseFacts(reading: connection).tellsChanges
        found.withLock { $0?.tellsChanges = tellsChanges }
    }
}
