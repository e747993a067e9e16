/// What is told while a database is laid out by tenant.
package enum LayoutNews: Sendable, Hashable {
    /// A step is about to be done.
    case step(LayoutStep)
    /// So many rows were looked at, of about so many.
    case moved(rows: Int, of: Int)
}

extension Migrator {
    /// Says what a layout by tenant would take; changes nothing.
    package func layoutPlan(_ wish: LayoutWish) throws(PostgresError) -> LayoutPlan {
        LayoutPlan(
            wish, try DatabaseFacts(reading: connection), try LayoutSurroundings(reading: connection))
    }

    /// Lays the rows out by tenant, as far as that is not done; answers what was done and what hindered the rest.
    ///
    /// The user's table serves until every row is in the other one, was compared, and the view takes its place; what is
    /// written meanwhile goes into both.
    func layOut(
        _ wish: LayoutWish, tell: (LayoutNews) throws(PostgresError) -> Void
    ) throws(PostgresError) -> (applied: [String], problems: [String]) {
        let plan = try layoutPlan(wish)
        guard plan.problems.isEmpty else { return ([], plan.problems) }
        var applied: [String] = []
        var seal: String?
        for step in plan.steps {
            try tell(.step(step))
            let failure = try failure(of: step.title, on: [Schema.vectors, Schema.inbox]) {
                () throws(PostgresError) in
                try self.perform(step, wish, &seal, tell)
            }
            if let failure { return (applied, [failure]) }
            applied.append(step.title)
        }
        return (applied, [])
    }

    private func perform(
        _ step: LayoutStep, _ wish: LayoutWish, _ seal: inout String?,
        _ tell: (LayoutNews) throws(PostgresError) -> Void
    ) throws(PostgresError) {
        let facts = try DatabaseFacts(reading: connection)
        switch step.work {
        case .tables:
            try connection.transaction { connection throws(PostgresError) in
                try connection.script(LayoutScripts.tables(facts.storage, partitions: wish.partitions))
                try connection.script(LayoutScripts.copying)
            }
        case .citus: try distribute()
        case .rows: try moveRows(of: facts.tables[Schema.vectors]?.rows ?? 0, tell)
        case .indexes: try buildIndexes(facts, partitions: LayoutScripts.partitions(wish.partitions))
        case .check:
            if try copySeal() == nil {
                // Somebody turned them off; what was written meanwhile is found now.
                try connection.transaction { connection throws(PostgresError) in
                    try connection.script(LayoutScripts.copying)
                }
            }
            seal = try copySeal()
            try compareRows()
        case .view: try takeOver(wish, seal)
        }
    }

    private func distribute() throws(PostgresError) {
        let isDone = try connection.run(
            "select exists (select from pg_dist_partition where logicalrelid = to_regclass('decision_rows'))"
        ).onlyRow().bool(0)
        if isDone { return }
        try connection.script("select create_distributed_table('decision_rows', 'tenant')")
    }

    /// What tells that the copying was not touched; `nil` where it does not write everything.
    private func copySeal() throws(PostgresError) -> String? {
        let row = try connection.run(LayoutScripts.copySeal).onlyRow()
        return try row.bool(0) ? row.text(1) : nil
    }

    /// Looks once more, with everybody shut out: policies may have been turned on since the plan, and something may
    /// have written without triggers since both tables were compared.
    ///
    /// No row is looked at, or everybody would wait for that: what was compared stays the same as long as every write
    /// is copied.
    private func checkNothingIsHidden(_ seal: String?) throws(PostgresError) {
        let row = try connection.run(
            "select row_security_active('decision_vectors'::regclass::oid), current_user"
        ).onlyRow()
        if try row.bool(0) {
            throw PostgresError(.permission, RowSecurity.hidesRows(from: try row.text(1)))
        }
        guard let seal, try copySeal() == seal else {
            throw PostgresError(
                .conflict,
                "triggers of \(Schema.vectors) were off for a time, and rows may have come or gone since both tables "
                    + "were compared: migrate again")
        }
    }

    /// Puts the view in the place of the user's table, with its owner, rights and policies.
    private func takeOver(_ wish: LayoutWish, _ seal: String?) throws(PostgresError) {
        try connection.transaction { connection throws(PostgresError) in
            // Who writes with Verdict comes first here, then to the tables: in another order each would wait for both.
            for lock in [PostgresLog.writerLock, PostgresLog.moverLock] {
                _ = try connection.run(
                    "select pg_advisory_xact_lock(\(.int4(Int32(lock))), \(sql: PostgresLog.lockedTables))")
            }
            try connection.script("lock table decision_vectors, decision_inbox in access exclusive mode")
            try self.checkNothingIsHidden(seal)
            let guarded = try connection.run(
                """
                select relrowsecurity, relforcerowsecurity from pg_class
                where oid = to_regclass('decision_vectors')
                """
            ).onlyRow()
            let (isGuarded, isForced) = (try guarded.bool(0), try guarded.bool(1))
            try connection.script(LayoutScripts.takingOver(wish.layout, partitions: wish.partitions))
            if isGuarded { try RowSecurity(connection).turnOn() }
            if isForced { try connection.script("alter table decision_rows force row level security") }
            try connection.script(
                """
                insert into verdict_changes (kind) values ('t');
                select pg_notify('verdict_changes', '')
                """)
            let isFilled = try connection.run(
                "select exists (select from \(identifier: Schema.plainVectors))"
            ).onlyRow().bool(0)
            if !isFilled { try connection.script("drop table \(Schema.plainVectors)") }
        }
    }
}
