import Decisions
import VectorStores

/// Writing where policies hide the rows of other tenants, whose identifiers the plain table's key has all the same.
///
/// Another tenant's row is noticed by what the server does not write beside it, and never read.
extension PostgresLog {
    /// How many identifiers are derived in a row before it is given up: each would have to be somebody else's.
    private static let derivations = 8

    private static let hidden = PostgresError(
        .conflict, "another tenant has the identifier of a row on its way: try again")

    /// Brings rows from the staging table, into which `stage` copies them, into the inbox; answers how the new ones
    /// are named there.
    ///
    /// What another tenant's row is in the way of gets a derived identifier, if it is new. One that is known keeps its
    /// own: whoever moves the other one gives that another name.
    func bring(
        _ known: [NamedRow], _ added: [NamedRow], _ layout: TableLayout, of mirror: StoreMirror,
        _ connection: PostgresConnection, stage: ([NamedRow]) throws(PostgresError) -> Void
    ) throws(PostgresError) -> [NamedRow] {
        guard !layout.isByTenant else {
            // No other tenant's row can be in the way.
            try stage(known + added)
            try connection.run(
                """
                insert into decision_inbox (id, embedding, metadata, created_at)
                select id, embedding, metadata, created_at from pg_temp.verdict_staging
                """)
            return added
        }
        var named = added
        /// Which of the new ones are not in the inbox yet.
        var open = Array(named.indices)
        var used = Set((known + added).map { ByteKey($0.rowID) })
        try stage(known + added)
        for _ in 0...Self.derivations {
            let left = try leftInStaging(connection)
            if left.isEmpty { return named }
            open = open.filter { left.contains(ByteKey(named[$0].rowID)) }
            guard open.count == left.count else { throw Self.hidden }
            let derived = open.map { index -> NamedRow in
                let (identity, rowID) = named[index]
                return (
                    identity: identity,
                    rowID: IdentityResolver.derivedID(ofTenant: identity.tenant, from: rowID)
                )
            }
            let free = try freeRows(derived, inUse: used, of: mirror, connection)
            for (index, row) in zip(open, free) {
                named[index] = row
                used.insert(ByteKey(row.rowID))
            }
            try connection.run("truncate pg_temp.verdict_staging")
            try stage(free)
        }
        throw Self.hidden
    }

    /// Brings what is staged into the inbox; answers what was left, since another tenant's row is in the way.
    private func leftInStaging(_ connection: PostgresConnection) throws(PostgresError) -> Set<ByteKey> {
        let answer = try connection.run(
            """
            with placed as (
                insert into decision_inbox (id, embedding, metadata, created_at)
                select id, embedding, metadata, created_at from pg_temp.verdict_staging
                on conflict (id) do nothing returning id
            )
            select id from pg_temp.verdict_staging where id not in (select id from placed)
            """)
        if answer.rows.isEmpty { return [] }
        let ids = try answer.rows.map { row throws(PostgresError) in try row.text(0) }
        // One that is to be seen came at the same moment, and is read before anything is written.
        let isSeen = try connection.run(
            "select exists (select from decision_inbox where id = any(\(ids)))"
        ).onlyRow().bool(0)
        if isSeen { throw Self.overtaken }
        return Set(ids.map { ByteKey($0) })
    }

    /// Moves some rows of who is bound by policies, and gives those another identifier that a row has which is hidden;
    /// answers how many left the inbox or were named anew.
    ///
    /// What is written over is asked for first: the server refuses all of a statement that meets a hidden row.
    func moveGuarded(limit: Int, _ connection: PostgresConnection) throws(PostgresError) -> Int {
        let waiting = try connection.run(
            """
            select id, coalesce(metadata->>'tenant', '') from decision_inbox limit \(limit)
            for update skip locked
            """)
        let ids = try waiting.rows.map { row throws(PostgresError) in try row.text(0) }
        var tenants: [ByteKey: String] = [:]
        for row in waiting.rows { tenants[ByteKey(try row.text(0))] = try row.text(1) }
        if ids.isEmpty { return 0 }
        let columns = TableLayout.plain.columns
        func texts(_ sql: SQL) throws(PostgresError) -> Set<ByteKey> {
            var found: Set<ByteKey> = []
            for row in try connection.run(sql).rows { found.insert(ByteKey(try row.text(0))) }
            return found
        }
        _ = try connection.run("select set_config('verdict.moving', 'on', true)")
        var moved = try texts(
            """
            insert into decision_vectors (\(sql: columns))
            select \(sql: columns) from decision_inbox where id = any(\(ids))
            on conflict (id) do nothing returning id
            """)
        let left = ids.filter { !moved.contains(ByteKey($0)) }
        var hidden: [String] = []
        if !left.isEmpty {
            let held = try texts("select id from decision_vectors where id = any(\(left))")
            hidden = left.filter { !held.contains(ByteKey($0)) }
            let replaced = try texts(
                """
                insert into decision_vectors as held (\(sql: columns))
                select \(sql: columns) from decision_inbox where id = any(\(held.map(\.text)))
                on conflict (id) do update set embedding = excluded.embedding, metadata = excluded.metadata,
                    created_at = excluded.created_at
                where coalesce(held.metadata->>'tenant', '') = coalesce(excluded.metadata->>'tenant', '')
                returning id
                """)
            guard replaced == held else {
                throw PostgresError(.conflict, "another program took the identifier of a row on its way")
            }
            moved.formUnion(replaced)
        }
        _ = try connection.run("delete from decision_inbox where id = any(\(moved.map(\.text)))")
        // That a row has another name is told.
        _ = try connection.run("select set_config('verdict.moving', '', true)")
        for id in hidden { try rename(id, tenant: tenants[ByteKey(id)] ?? "", connection) }
        return ids.count
    }

    /// Gives a row of the inbox an identifier that is derived from its tenant and nobody has.
    func rename(
        _ id: String, tenant: String, _ connection: PostgresConnection
    ) throws(PostgresError) {
        var name = id
        for _ in 0..<Self.derivations {
            name = IdentityResolver.derivedID(ofTenant: tenant, from: name)
            try connection.script("savepoint verdict_rename")
            do throws(PostgresError) {
                _ = try connection.run(
                    """
                    update decision_inbox set id = \(name),
                        metadata = jsonb_build_object('original_id', \(id)) || coalesce(metadata, '{}')
                    where id = \(id)
                    """)
                return try connection.script("release savepoint verdict_rename")
            } catch {
                guard error.code == .uniqueViolation, connection.isHealthy else { throw error }
                try connection.script("rollback to savepoint verdict_rename")
            }
        }
        throw Self.hidden
    }
}
