/// Row-level security on whatever holds or tells of decisions: a net under the filters that every search has.
///
/// A session sees the rows of the tenant that it names in `verdict.tenant`, and none without; Verdict's own group
/// roles see all while they name none. The owner is not bound by it.
struct RowSecurity {
    /// What it is called in a report.
    static let title = "row-level security"

    private let connection: PostgresConnection

    init(_ connection: PostgresConnection) { self.connection = connection }

    /// The group roles of `deploy/roles.sql` that see every tenant.
    static let groups = ["verdict_reader", "verdict_triage", "verdict_writer"]

    /// Why a role that policies bind may not move rows: those that it does not see would be lost.
    static func hidesRows(from role: String) -> String {
        "row-level security hides rows of \(Schema.vectors) from role \(printed(role)): migrate as a role that it does "
            + "not bind, or first alter table \(Schema.vectors) no force row level security"
    }

    /// A table and what tells whose a row of it is.
    private struct Guarded {
        var table: String
        /// Whether a row is of the tenant that is named, as an expression of the server.
        var isNamed: String

        /// A table with the tenant as an expression, in a form that an index of that answers.
        init(_ table: String, tenant: String) {
            self.table = table
            isNamed = "\(tenant) = (select \(RowSecurity.named))"
        }

        /// What retention remembers: the tenant's length, its name, the identifier.
        static let retired: Guarded = {
            var guarded = Guarded(Schema.retired, tenant: "")
            guarded.isNamed =
                "starts_with(identity, (select octet_length(\(named)) || ':' || \(named)))"
            return guarded
        }()
    }

    /// What is guarded: the rows, partition by partition for whoever is given a right on one, what is on its way there,
    /// and what tells of both.
    private func guarded() throws(PostgresError) -> [Guarded] {
        let around = [
            Guarded(Schema.inbox, tenant: "metadata->>'tenant'"), Guarded(Schema.changes, tenant: "tenant"),
            .retired,
        ]
        let layout = try connection.run("select \(sql: TableLayout.question)").onlyRow().text(0)
        guard TableLayout(rawValue: layout)?.isByTenant == true else {
            return [Guarded(Schema.vectors, tenant: "metadata->>'tenant'")] + around
        }
        var tables = [Schema.rows]
        let parts = try connection.run(
            """
            select relid::regclass::text from pg_partition_tree(to_regclass(\(Schema.rows))) where level > 0
            order by 1
            """
        ).rows
        for part in parts { tables.append(try part.text(0)) }
        return tables.map { Guarded($0, tenant: "tenant") } + around
    }

    /// The tenant a session names.
    ///
    /// Empty counts as none: a setting made for one transaction is empty afterwards.
    private static let named = "nullif(current_setting('\(Schema.tenantSetting)', true), '')"

    /// The policies of a table.
    ///
    /// The setting is read once for each statement, by a query of its own.
    private static func script(_ guarded: Guarded, groups: [String]) -> String {
        let (table, isNamed) = (guarded.table, guarded.isNamed)
        let isOwn = "(select \(named)) is null"
        var statements = [
            "drop policy if exists verdict_tenant on \(table)",
            "drop policy if exists verdict_all_tenants on \(table)",
            "create policy verdict_tenant on \(table) using (\(isNamed)) with check (\(isNamed))",
        ]
        if !groups.isEmpty {
            statements.append(
                "create policy verdict_all_tenants on \(table) to \(groups.joined(separator: ", ")) "
                    + "using (\(isOwn)) with check (\(isOwn))")
        }
        statements.append("alter table \(table) enable row level security")
        return statements.joined(separator: ";\n")
    }

    /// Turns it on; false when it was on in this form already.
    func apply() throws(PostgresError) -> Bool {
        guard try !isInForce(try guarded()) else { return false }
        try connection.transaction { _ throws(PostgresError) in try turnOn() }
        return true
    }

    /// Turns it on as part of a transaction.
    func turnOn() throws(PostgresError) {
        let guarded = try guarded()
        let mark = try mark(guarded)
        let groups = try existingGroups()
        for one in guarded {
            try connection.script(
                Self.script(one, groups: groups)
                    + ";\ncomment on policy verdict_tenant on \(one.table) is '\(mark)'")
        }
    }

    /// Whether there is something to turn on.
    func isPending() throws(PostgresError) -> Bool { try !isInForce(try guarded()) }

    /// Tells the form of the policies; kept as a comment on them.
    private func mark(_ guarded: [Guarded]) throws(PostgresError) -> String {
        let groups = try existingGroups()
        return "verdict " + Migration.digest(guarded.map { Self.script($0, groups: groups) }.joined())
    }

    private func existingGroups() throws(PostgresError) -> [String] {
        var found: [String] = []
        let rows = try connection.run(
            "select rolname::text from pg_roles where rolname = any(\(Self.groups)) order by 1"
        ).rows
        for row in rows { found.append(try row.text(0)) }
        return found
    }

    private func isInForce(_ guarded: [Guarded]) throws(PostgresError) -> Bool {
        let mark = try mark(guarded)
        let row = try connection.run(
            """
            select count(*) from unnest(\(guarded.map(\.table))) as wanted (name)
            join pg_class as relation on relation.oid = to_regclass(wanted.name) and relation.relrowsecurity
            join pg_policy as policy on policy.polrelid = relation.oid and policy.polname = 'verdict_tenant'
            where obj_description(policy.oid, 'pg_policy') = \(mark)
            """
        ).onlyRow()
        return try row.int(0) == guarded.count
    }

    /// Roles with a right on a table whose rows they would not see any more.
    func rolesLosingAccess() throws(PostgresError) -> [String] {
        var roles: [String] = []
        let tables = try guarded().map(\.table)
        let rows = try connection.run(
            """
            select role.rolname::text from pg_roles as role
            where not role.rolsuper and not role.rolbypassrls and role.rolname !~ '^pg_'
                and not exists (
                    select from pg_roles as operator
                    where operator.rolname = any(\(Self.groups))
                        and pg_has_role(role.oid, operator.oid, 'member'))
                and exists (
                    select from unnest(\(tables)) as wanted (name)
                    join pg_class as relation on relation.oid = to_regclass(wanted.name)
                    where not relation.relrowsecurity
                        and not pg_has_role(role.oid, relation.relowner, 'usage')
                        and has_table_privilege(role.oid, relation.oid, 'select, insert, update, delete'))
            order by 1
            """
        ).rows
        for row in rows { roles.append(try row.text(0)) }
        return roles
    }
}

/// What turning row-level security on would do.
package struct RowSecurityPlan: Sendable, Hashable {
    /// What it is called in a report.
    package let title = RowSecurity.title
    /// Whether it is off, or on in another form.
    package var isPending: Bool
    /// The roles that read or write the tables now and would see no row, unless their sessions name a tenant.
    package var rolesLosingAccess: [String]
    /// The lock it takes, in words.
    package let lock =
        "ACCESS EXCLUSIVE on the tables that hold or tell of decisions: readers and writers wait"
}

extension Migrator {
    /// Says what turning row-level security on would do; changes nothing.
    package func rowSecurityPlan() throws(PostgresError) -> RowSecurityPlan {
        let security = RowSecurity(connection)
        return RowSecurityPlan(
            isPending: try security.isPending(), rolesLosingAccess: try security.rolesLosingAccess())
    }
}
