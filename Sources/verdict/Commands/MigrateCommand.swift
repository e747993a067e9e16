import ArgumentParser
import Decisions
import PostgresStore
import VectorStores

/// Creates or checks the schema of a PostgreSQL store.
struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate", abstract: "Create or check the schema of a PostgreSQL store.",
        discussion: """
            What is missing is made step by step, each with its lock and about how long it takes told before. \
            Indexes of a table with rows are built beside whoever reads and writes it. Nothing is written anew \
            unless --partition or --distribute asks for it, and the table from before is left then. \
            Exits 1 when something is not as it should be, and says what to do.
            """)

    @Flag(name: .long, help: "Say what would be done; change nothing.")
    var dryRun = false

    @Flag(
        name: .long,
        help: "Turn row-level security on, after listing the roles that would lose access.")
    var rls = false

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Lay the rows out by tenant, in so many partitions (2 to 256), behind a view.", valueName: "N"))
    var partition: Int?

    @Flag(name: .long, help: "Lay the rows out by tenant in a table that Citus spreads, behind a view.")
    var distribute = false

    @OptionGroup var identity: IdentityOptions
    @OptionGroup var storeOptions: StoreOptionGroup
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if let partition {
            let allowed = Schema.partitions
            guard allowed.contains(partition) else {
                throw ValidationError(
                    "--partition takes \(allowed.lowerBound) to \(allowed.upperBound), not \(partition)")
            }
            if distribute {
                throw ValidationError("choose --partition or --distribute: Citus parts the table itself")
            }
        }
    }

    /// The layout that is asked for.
    private var layout: LayoutWish? { distribute ? .distribute : partition.map { .partition($0) } }

    func run() async throws {
        let resolved = try storeOptions.resolveDurable()
        let address = try address(resolved)
        let who = try Identity.find(as: identity.name, on: resolved).name
        let (dryRun, rls, layout) = (dryRun, rls, layout)
        let outcome = try await BlockingSession.run(at: address) {
            connection, checkCancellation throws(PostgresError) in
            let migrator = Migrator(connection)
            var outcome = MigrationOutcome()
            // Roles are told of before anything is done, and only where there are tables to have rights on.
            if rls { outcome.security = try migrator.rowSecurityPlan() }
            outcome.security?.tell()
            if let layout {
                let plan = try migrator.layoutPlan(layout)
                plan.tell()
                outcome.layout = plan
            }
            if dryRun {
                outcome.plan = try migrator.plan()
                outcome.report = try migrator.report()
                outcome.report.problems += outcome.layout?.problems ?? []
            } else {
                outcome.report = try migrator.migrate(rowSecurity: rls, layout: layout) {
                    step throws(PostgresError) in
                    try checkCancellation()
                    StandardError.write(message: step.announcement)
                } tell: { news throws(PostgresError) in
                    try checkCancellation()
                    if let text = news.announcement { StandardError.write(message: text) }
                }
                outcome.told = Self.tell(outcome.report, who, migrator)
            }
            return outcome
        }
        if let told = outcome.told { StandardError.write(message: told) }
        for notice in outcome.report.notices { StandardError.write(message: notice) }
        try StandardOutput.shared.write(output.json ? outcome.json : outcome.text)
        if !outcome.report.problems.isEmpty { throw CommandExit.failed }
    }

    /// Tells the activity log what was applied; answers why that could not be told.
    private static func tell(_ report: Migrator.Report, _ who: String, _ migrator: Migrator) -> String? {
        if report.applied.isEmpty { return nil }
        do throws(PostgresError) {
            try migrator.record(
                ActivityEvent(
                    time: WallClock.now(), who: who, act: "migrate", subject: "schema",
                    after: .object([
                        "version": .integer(report.version), "applied": .strings(report.applied),
                    ])))
            return nil
        } catch {
            return "the activity log could not be told: \(error.description)"
        }
    }

    /// The server to migrate.
    private func address(_ resolved: StoreOptionGroup.Resolved) throws -> PostgresServerAddress {
        do throws(PostgresError) {
            guard let address = try PostgresServerAddress(resolved.address) else {
                throw PostgresError(
                    .usage,
                    "\(resolved.address) needs no migration: name a PostgreSQL store, --store postgres://…")
            }
            guard address.table == nil else {
                throw PostgresError(
                    .usage, "table= attaches a table as it is: leave it out to migrate the database")
            }
            return address.forWriting
        } catch {
            throw CommandFailure(postgres: error)
        }
    }
}

/// What a run of the command found and did.
struct MigrationOutcome: Sendable {
    var report = Migrator.Report()
    /// What would be done, where nothing was.
    var plan: MigrationPlan?
    /// What was asked for about row-level security.
    var security: RowSecurityPlan?
    /// What was asked for about the layout.
    var layout: LayoutPlan?
    /// Why the activity log could not be told of it, where it could not.
    var told: String?
}

extension MigrationStep {
    /// What is told before it is done.
    fileprivate var announcement: String { "\(title): lock \(lock); \(rewriteText); takes \(estimate)" }

    fileprivate var rewriteText: String { migration.rewrites ? "writes the table anew" : "no rewrite" }

    fileprivate var json: JSONValue {
        .object([
            "number": .integer(migration.number), "name": .string(migration.name), "lock": .string(lock),
            "rewrites": .bool(migration.rewrites), "concurrently": .bool(isConcurrent),
            "estimate": .string(estimate),
        ])
    }
}

extension RowSecurityPlan {
    fileprivate func tell() {
        guard isPending else { return }
        StandardError.write(message: "\(title): lock \(lock); no rewrite; takes under a second")
        let names = rolesLosingAccess.joined(separator: ", ")
        StandardError.write(
            message: names.isEmpty
                ? "no role loses access by it"
                : "these roles lose access, unless their sessions set verdict.tenant: \(names)")
    }

    fileprivate var json: JSONValue {
        .object([
            "number": .null, "name": .string(title), "lock": .string(lock), "rewrites": .bool(false),
            "concurrently": .bool(false), "estimate": .string("under a second"),
        ])
    }
}

extension MigrationOutcome {
    /// The outcome as the command prints it.
    fileprivate var json: String {
        var object: JSONObject = [
            "version": .integer(report.version), "applied": .strings(report.applied),
            "problems": .strings(report.problems),
        ]
        if let plan {
            let pending = security.map { $0.isPending ? [$0.json] : [] } ?? []
            let laidOut = layout?.steps.map(\.json) ?? []
            object["pending"] = .array(plan.steps.map(\.json) + laidOut + pending)
        }
        if let security { object["losing_access"] = .strings(security.rolesLosingAccess) }
        return JSONValue.object(object).json + "\n"
    }

    /// The same facts for people.
    fileprivate var text: String {
        var lines = plan.map(pendingText) ?? ""
        for title in report.applied { lines += "applied \(printable(title))\n" }
        for problem in report.problems { lines += "problem: \(printable(problem))\n" }
        let isDone =
            report.problems.isEmpty && plan?.steps.isEmpty != false
            && (plan == nil || layout?.steps.isEmpty != false)
        return lines + "schema version \(report.version)\(isDone ? ", all is well" : "")\n"
    }

    private func pendingText(_ plan: MigrationPlan) -> String {
        var table = TextTable([
            ("STEP", .right), ("NAME", .left), ("TAKES", .left), ("REWRITES", .left), ("LOCK", .left),
        ])
        for step in plan.steps {
            table.append([
                "\(step.migration.number)", step.migration.name, step.estimate,
                step.migration.rewrites ? "yes" : "no", step.lock,
            ])
        }
        for step in layout?.steps ?? [] {
            table.append(["", step.title, step.estimate, step.rewrites ? "yes" : "no", step.lock])
        }
        if let security, security.isPending {
            table.append(["", security.title, "under a second", "no", security.lock])
        }
        let isNothing =
            plan.steps.isEmpty && security?.isPending != true && layout?.steps.isEmpty != false
        return isNothing ? "" : table.text
    }
}
