import Decisions
import Locks
import VectorStores

extension PostgresLog {
    /// What a transaction wrote, to be noted once it is known to be committed.
    struct Written {
        /// The transaction's number.
        var transaction: UInt64
        /// The timeline that gave it.
        var timeline: Int?
        /// The rows of entries that are new.
        var added: [NamedRow] = []
        /// Entries whose rows are gone.
        var removed: [EntryIdentity] = []
        /// Whether policies bind who writes, and the server refuses a COPY into the inbox for that.
        var isGuarded = false
    }

    /// How often a write is tried again since another program took an identifier in between.
    private static let maximumCollisions = 5

    /// How an attempt to write ended.
    private enum Attempt {
        /// Nothing was to be written.
        case idle
        /// It is committed.
        case done(Written)
    }

    func keep(
        in mirror: StoreMirror, _ decide: () throws(StoreError) -> StoreChange?
    ) throws(StoreError) {
        // Where decisions are queued nobody has the turn for long: they would wait for whoever waits for the server.
        if writeQueue != nil, let failure = standing.withLock({ $0.isAway ? $0.failure : nil }) {
            throw StoreError(failure)
        }
        let start = ContinuousClock.now
        defer { standing.withLock { $0.writing += .now - start } }
        let deadline = start + Self.writeLimit
        let patience = writeQueue == nil ? deadline : ContinuousClock.now + Self.queuePatience
        var attempts = 0
        var collisions = 0
        /// What was written by a transaction whose end is not known.
        var doubtful: Written?
        while true {
            var refusal: StoreError?
            do throws(PostgresError) {
                let attempt = try attempt(in: mirror, settling: &doubtful, deadline: deadline) {
                    () throws(PostgresError) in
                    do throws(StoreError) {
                        return try decide()
                    } catch {
                        refusal = error
                        throw PostgresError(.usage, error.description)
                    }
                }
                if case .done(let written) = attempt { note(written) }
                standing.withLock { $0.succeeded() }
                return
            } catch {
                if let refusal { throw refusal }
                // It is no failure of the server: who writes looks again, and takes the next number.
                if error == Self.takenEntry { throw StoreError(.revisionConflict, error.description) }
                standing.withLock { $0.failed(error) }
                let isDoubtful = doubtful != nil && [.unknownOutcome, .timeout].contains(error.code)
                // Another program took an identifier after it was seen to be free: the next look sees whose it is.
                let isTaken = error.code == .uniqueViolation && collisions < Self.maximumCollisions
                if isTaken { collisions += 1 }
                let pause = retries.pause(after: attempts)
                attempts += 1
                guard error.isTransient || isDoubtful || isTaken, attempts < retries.attempts,
                    ContinuousClock.now + pause < patience, !threads.isStopped
                else {
                    if doubtful != nil, error.isTransient || isDoubtful { throw Self.doubt(error) }
                    throw StoreError(error)
                }
                threads.pause(milliseconds: Int(pause / .milliseconds(1)))
            }
        }
    }

    /// Whether a write was done is not known: it is found when it is tried again, and never done twice.
    private static func doubt(_ error: PostgresError) -> StoreError {
        StoreError(
            .inputOutput,
            "whether the server kept what was written last is not known (\(error.description)): do it again, "
                + "nothing is stored twice")
    }

    /// Writes once; a transaction in doubt is looked at first.
    private func attempt(
        in mirror: StoreMirror, settling doubtful: inout Written?, deadline: Deadline,
        _ decide: () throws(PostgresError) -> StoreChange?
    ) throws(PostgresError) -> Attempt {
        var written: Written?
        var settled: Written?
        var pending = doubtful
        do throws(PostgresError) {
            try pool.withConnection(deadline: deadline) { connection throws(PostgresError) in
                written = nil
                try threads.cancelling(connection.cancellation) { () throws(PostgresError) in
                    try meet(connection)
                    try connection.transaction(.readCommitted) { connection throws(PostgresError) in
                        try begin(connection)
                        if let open = pending {
                            // Whoever has the lock knows that the transaction is over.
                            // On another timeline the number may be another one's: then the rows tell.
                            let here = try ServerMoment.read(connection)?.timeline
                            if here == open.timeline, try isCommitted(open.transaction, connection) {
                                settled = open
                                return
                            }
                            pending = nil
                        }
                        try catchUp(connection, mirror)
                        // Reading may have taken long, and is not the time that writing has.
                        connection.deadline = max(deadline, .now + Self.followLimit)
                        guard let change = try decide() else { return }
                        written = try write(change, of: mirror, connection)
                    }
                }
            }
        } catch {
            // All of it was written, so that it is the commit that failed: who asks later is told what became of it.
            doubtful = written ?? pending
            throw error
        }
        doubtful = nil
        if let settled { return .done(settled) }
        return written.map { .done($0) } ?? .idle
    }

    /// Takes the turn of whoever writes into this schema.
    private func begin(_ connection: PostgresConnection) throws(PostgresError) {
        try endWhenSilent(connection)
        _ = try connection.run(
            "select pg_advisory_xact_lock(\(.int4(Int32(Self.writerLock))), \(sql: Self.lockedTables))")
    }

    /// Lets the server end a transaction whose client says nothing any more: others wait for it.
    func endWhenSilent(_ connection: PostgresConnection) throws(PostgresError) {
        _ = try connection.run("set local idle_in_transaction_session_timeout = '15s'")
    }

    private func isCommitted(
        _ transaction: UInt64, _ connection: PostgresConnection
    ) throws(PostgresError) -> Bool {
        // A server that lost its last moments has not come to that number again, and refuses to be asked.
        let row = try connection.run(
            """
            select case when \(.xid8(transaction)) < pg_snapshot_xmax(pg_current_snapshot())
                then pg_xact_status(\(.xid8(transaction))) end
            """
        ).onlyRow()
        return try row.optionalText(0) == "committed"
    }

    /// Notes what is committed: the mirror makes the same of it at once.
    private func note(_ written: Written) {
        place.withLock { place in
            place.own.append(written.transaction)
            arrivals.withLock { $0.wrote(written.transaction, storesNew: !written.added.isEmpty) }
            for identity in written.removed { place.names.forget(identity) }
            for (identity, rowID) in written.added { place.names.note(identity, rowID: rowID) }
        }
    }

    private func write(
        _ change: StoreChange, of mirror: StoreMirror, _ connection: PostgresConnection
    ) throws(PostgresError) -> Written {
        let start = try connection.run(
            "select pg_current_xact_id(), row_security_active('decision_inbox')"
        ).onlyRow()
        var written = Written(
            transaction: try start.xid8(0), timeline: place.withLock { $0.moment?.timeline },
            isGuarded: try start.bool(1))
        if let refusal = facts.entryRefusal {
            guard case .records = change else {
                throw PostgresError(.permission, "\(address): \(refusal)")
            }
        }
        switch change {
        case .entries(let entries, let plan, let now):
            try writeEntries(entries, plan, at: now, of: mirror, connection, &written)
        case .deletions(let identities):
            try removeRows(of: identities, connection)
            written.removed = identities
        case .retirements(let identities, let newest):
            try retireRows(of: identities, newest: newest, connection)
            written.removed = identities
        case .records(let records): try writeRecords(records, of: mirror, connection)
        }
        return written
    }
}
