/// Row-level security on the user's table and the inbox: a net under the filters that every search has.
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

    private static let tables = [Schema.vectors, Schema.inbox]

    /// The tenant a session names.
    ///
    /// Empty counts as none: a setting made for one transaction is empty afterwards.
    private static let named = "nullif(current_setting('\(Schema.tenantSetting)', true), '')"

    /// The policies of a table.
    ///
    /// The setting is read once for each statement, by a query of its own, and compared in a
    /// form that the index of tenants answers.
    private static func script(_ table: String, groups: [String]) -> String {
        let isNamed = "metadata->>'tenant' = (select \(named))"
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
        let scripts = try scripts()
        guard try !isInForce(scripts) else { return false }
        try connection.transaction { connection throws(PostgresError) in
            for (table, script) in zip(Self.tables, scripts) {
                let mark = Self.mark(scripts)
                try connection.script(
                    "\(script);\ncomment on policy verdict_tenant on \(table) is '\(mark)'")
            }
        }
        return true
    }

    /// Whether there is something to turn on.
    func isPending() throws(PostgresError) -> Bool { try !isInForce(try scripts()) }

    private func scripts() throws(PostgresError) -> [String] {
        let groups = try existingGroups()
        return Self.tables.map { Self.script($0, groups: groups) }
    }

    /// Tells the form of the policies; kept as a comment on them.
    private static func mark(_ scripts: [String]) -> String {
        "verdict " + Migration.digest(scripts.joined())
    }

    private func existingGroups() throws(PostgresError) -> [String] {
        var found: [String] = []
        let rows = try connection.run(
            "select rolname::text from pg_roles where rolname = any(\(Self.groups)) order by 1"
        ).rows
        for row in rows { found.append(try row.text(0)) }
        return found
    }

    private func isInForce(_ scripts: [String]) throws(PostgresError) -> Bool {
        let row = try connection.run(
            """
            select count(*) from unnest(\(Self.tables)) as wanted (name)
            join pg_class as relation on relation.oid = to_regclass(wanted.name) and relation.relrowsecurity
            join pg_policy as policy on policy.polrelid = relation.oid and policy.polname = 'verdict_tenant'
            where obj_description(policy.oid, 'pg_policy') = \(Self.mark(scripts))
            """
        ).onlyRow()
        return try row.int(0) == Self.tables.count
    }

    /// Roles with a right on a table whose rows they would not see any more.
    func rolesLosingAccess() throws(PostgresError) -> [String] {
        var roles: [String] = []
        let rows = try connection.run(
            """
            select role.rolname::text from pg_roles as role
            where not role.rolsuper and not role.rolbypassrls and role.rolname !~ '^pg_'
                and not exists (
                    select from pg_roles as operator
                    where operator.rolname = any(\(Self.groups))
                        and pg_has_role(role.oid, operator.oid, 'member'))
                and exists (
                    select from unnest(\(Self.tables)) as wanted (name)
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
    package let lock = "ACCESS EXCLUSIVE on \(Schema.vectors), \(Schema.inbox): readers and writers wait"
}

extension Migrator {
    /// Says what turning row-level security on would do; changes nothing.
    package func rowSecurityPlan() throws(PostgresError) -> RowSecurityPlan {
        let security = RowSecurity(connection)
        return RowSecurityPlan(
            isPending: try security.isPending(), rolesLosingAccess: try security.rolesLosingAccess())
    }
}
