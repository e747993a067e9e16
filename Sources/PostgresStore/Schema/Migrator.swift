/// Brings a database to the schema of this version, a step at a time.
///
/// Only one migrates a schema at a time. Each step is committed with its record, so that one that is stopped goes on
/// where it was. Blocks the calling thread as its connection does.
package struct Migrator {
    /// What a migration did.
    package struct Report: Sendable, Hashable {
        /// The number of the newest migration that was applied; 0 for none.
        package var version = 0
        /// What was done now, in order: number and name, or an option's name.
        package var applied: [String] = []
        /// What is not as it should be, and what to do; empty when all is well.
        package var problems: [String] = []
        /// What is worth knowing and no problem; for people only.
        package var notices: [String] = []

        /// Nothing was done, and nothing is known.
        package init() {}

        init(version: Int, problems: [String], notices: [String]) {
            self.version = version
            self.problems = problems
            self.notices = notices
        }
    }

    let connection: PostgresConnection
    /// How long a statement waits for a lock.
    let lockTimeoutMilliseconds: Int

    /// Creates a migrator over a connection of its own, not over one of a pool.
    package init(
        _ connection: PostgresConnection, lockTimeoutMilliseconds: Int = Schema.lockTimeoutSeconds * 1_000
    ) {
        self.connection = connection
        self.lockTimeoutMilliseconds = lockTimeoutMilliseconds
    }

    /// Says what would be done; changes nothing.
    package func plan() throws(PostgresError) -> MigrationPlan {
        MigrationPlan(try DatabaseFacts(reading: connection))
    }

    /// Does what is left to do.
    ///
    /// `willApply` is called before each step and `tell` while rows are laid out by tenant, and what they throw stops
    /// there. Throws what ends the connection or was
    /// asked for by cancelling; everything else is a problem of the report.
    package func migrate(
        rowSecurity: Bool = false, layout: LayoutWish? = nil,
        willApply: (MigrationStep) throws(PostgresError) -> Void = { _ in },
        tell: (LayoutNews) throws(PostgresError) -> Void = { _ in }
    ) throws(PostgresError) -> Report {
        guard try plan().obstacles.isEmpty else { return try report() }
        try prepareSession()
        let outcome = Result { () throws(PostgresError) in
            guard try lock() else {
                var report = try report()
                report.problems.append(
                    "another process migrates this schema: wait until it is done, then migrate again")
                return report
            }
            // Looked at again: who held the lock until now may have done it all.
            return try work(rowSecurity, layout, willApply, tell)
        }
        restoreSession()
        return try outcome.get()
    }

    /// Everything as it is now; changes nothing.
    package func report() throws(PostgresError) -> Report {
        let facts = try DatabaseFacts(reading: connection)
        let plan = MigrationPlan(facts)
        return Report(version: facts.version, problems: plan.allProblems, notices: plan.notices)
    }

    private func work(
        _ rowSecurity: Bool, _ layout: LayoutWish?,
        _ willApply: (MigrationStep) throws(PostgresError) -> Void,
        _ tell: (LayoutNews) throws(PostgresError) -> Void
    ) throws(PostgresError) -> Report {
        let plan = try plan()
        var applied: [String] = []
        var failures: [String] = []
        var isComplete = plan.obstacles.isEmpty
        for step in plan.steps {
            if step.blocker == nil {
                try willApply(step)
                guard let failure = try failure(of: step) else {
                    applied.append(step.title)
                    continue
                }
                failures.append(failure)
            }
            // Statements build on each other; an index is missed by none.
            isComplete = step.isIndex
            if !isComplete { break }
        }
        if let layout, isComplete {
            let done = try layOut(layout, tell: tell)
            applied += done.applied
            failures += done.problems
            isComplete = done.problems.isEmpty
        }
        if rowSecurity, isComplete {
            let tables = [Schema.vectors, Schema.inbox]
            let failure = try failure(of: RowSecurity.title, on: tables) { () throws(PostgresError) in
                if try RowSecurity(connection).apply() { applied.append(RowSecurity.title) }
            }
            if let failure { failures.append(failure) }
        }
        var report = try report()
        report.applied = applied
        // What failed is told once: by why, not by what it leaves behind.
        report.problems = failures + report.problems
        // Of what was planned: the index that was built slowly is there now.
        report.notices = plan.notices + report.notices.filter { !plan.notices.contains($0) }
        return report
    }

    /// Does a step; what hindered it, in a sentence.
    private func failure(of step: MigrationStep) throws(PostgresError) -> String? {
        try failure(of: step.title, on: step.migration.touched) { () throws(PostgresError) in
            switch step.migration.work {
            case .script: try self.run(step.migration)
            case .index(let index): try self.build(index, for: step)
            }
        }
    }

    func failure(
        of title: String, on tables: [String], _ work: () throws(PostgresError) -> Void
    ) throws(PostgresError) -> String? {
        do throws(PostgresError) {
            try work()
            return nil
        } catch {
            guard connection.isHealthy, error.code != .cancelled, error.code != .unknownOutcome else {
                throw error
            }
            return "\(title): \(error.description)"
                + (error.sqlState == "55P03" ? try holders(of: tables) : "")
        }
    }

    private func run(_ migration: Migration) throws(PostgresError) {
        let facts = try DatabaseFacts(reading: connection)
        guard var script = migration.script(for: facts.storage) else { return }
        if [Migration.triggersName, Migration.guardedTriggersName].contains(migration.name) {
            if facts.layout.isByTenant {
                script = LayoutScripts.everyTrigger(facts.layout, partitions: facts.byTenant?.partitions ?? 0)
            } else if facts.applied.values.contains(where: { $0.name == Migration.guardedTriggersName }) {
                // Made again as they are since then.
                script = MigrationScripts.everyTrigger
            }
        }
        let statements = script
        try connection.transaction { connection throws(PostgresError) in
            try connection.script(statements)
            try Self.record(migration, on: connection)
        }
    }

    static func record(_ migration: Migration, on connection: PostgresConnection) throws(PostgresError) {
        _ = try connection.run(
            """
            insert into verdict_migrations (number, name, checksum)
            values (\(migration.number), \(migration.name), \(migration.checksum))
            on conflict (number) do update set name = excluded.name, checksum = excluded.checksum,
                applied_at = excluded.applied_at, applied_by = excluded.applied_by
            """)
    }
}

extension MigrationStep {
    /// Its number and name, as it is reported.
    package var title: String { "\(migration.number) \(migration.name)" }

    /// Whether it builds an index apart.
    var isIndex: Bool { migration.isIndex }
}

extension Migration {
    /// Whether it builds an index apart.
    var isIndex: Bool {
        if case .index = work { true } else { false }
    }
}
