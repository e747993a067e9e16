import Decisions
import Locks
import VectorStores

extension PostgresLog {
    /// Writes the entries that a plan stores or changes into the inbox.
    ///
    /// A later stage goes there too, where it counts before the row of the table until it takes its place.
    func writeEntries(
        _ entries: [Entry], _ plan: InsertPlan, at now: Timestamp, of mirror: StoreMirror,
        _ connection: PostgresConnection, _ written: inout Written
    ) throws(PostgresError) {
        var order: [EntryIdentity] = []
        var last: [EntryIdentity: Int] = [:]
        var isNew: Set<EntryIdentity> = []
        for (index, step) in plan.steps.enumerated() where step.disposition.isWritten {
            let identity = EntryIdentity(tenant: entries[index].decision.tenant, id: step.storedID)
            if last.updateValue(index, forKey: identity) == nil {
                order.append(identity)
                if step.disposition != .merged { isNew.insert(identity) }
            }
        }
        if order.isEmpty { return }
        let layout = place.withLock { $0.names.layout }
        let known = order.filter { !isNew.contains($0) }.map { identity -> NamedRow in
            (identity: identity, rowID: place.withLock { $0.names.rowID(of: identity) })
        }
        let wanted = order.filter { isNew.contains($0) }.map { identity -> NamedRow in
            let id = last[identity].map { entries[$0].decision.id } ?? identity.id
            let rowID = IdentityResolver.rowID(of: identity.id, from: id, tenant: identity.tenant)
            return (identity: identity, rowID: layout.rowID(tenant: identity.tenant, id: rowID))
        }
        written.added = try freeRows(wanted, of: mirror, connection)
        if !known.isEmpty {
            _ = try connection.run(
                "delete from decision_inbox where \(sql: layout.isOne(of: known.map(\.rowID)))")
        }
        func copy(_ rows: [NamedRow], into target: SQL) throws(PostgresError) {
            var copied: [CopiedRow] = []
            for row in rows {
                guard let index = last[row.identity] else { continue }
                copied.append(
                    CopiedRow(
                        entry: entries[index], storedID: row.identity.id, id: layout.id(ofRow: row.rowID)))
            }
            try self.copy(copied, into: target, at: now, connection)
        }
        guard written.isGuarded else {
            return try copy(known + written.added, into: "decision_inbox")
        }
        try connection.run(
            """
            create temporary table verdict_staging on commit drop as
            select id, embedding, metadata, created_at from decision_inbox with no data
            """)
        written.added = try bring(known, written.added, layout, of: mirror, connection) {
            rows throws(PostgresError) in
            try copy(rows, into: "pg_temp.verdict_staging")
        }
    }

    /// An entry and what names its row.
    typealias NamedRow = (identity: EntryIdentity, rowID: String)

    /// An entry with its identifier among its tenant's and its row's.
    private struct CopiedRow {
        var entry: Entry
        var storedID: String
        var id: String
    }

    /// Copies entries into a table of the inbox's columns.
    private func copy(
        _ rows: [CopiedRow], into target: SQL, at now: Timestamp,
        _ connection: PostgresConnection
    ) throws(PostgresError) {
        let isVector = facts.storage == .vector
        _ = try connection.copyIn(
            "copy \(sql: target) (id, embedding, metadata, created_at) from stdin (format binary)"
        ) { writer throws(PostgresError) in
            for row in rows {
                let (entry, id) = (row.entry, row.id)
                let stored = StoredDecision(
                    decision: entry.decision, embedding: entry.embedding, storedID: row.storedID)
                let floats = entry.embedding.floats
                try writer.beginRow(columns: 4)
                writer.append(.text(id))
                if isVector { writer.append(vector: floats) } else { writer.append(.float4Array(floats)) }
                writer.append(raw: [1] + stored.archivedMetadata(id: id))
                writer.append(.timestamp(microseconds: now.postgresMicroseconds))
            }
        }
    }

    static let overtaken = PostgresError(
        .conflict, "another program stored one of these decisions at the same moment: try again")

    /// Identifiers for the rows of new entries: those that are given, or derived from the tenant where another row has
    /// that; none that is in use.
    func freeRows(
        _ wanted: [NamedRow], inUse: Set<ByteKey> = [], of mirror: StoreMirror,
        _ connection: PostgresConnection
    ) throws(PostgresError) -> [NamedRow] {
        let layout = place.withLock { $0.names.layout }
        var rows = wanted
        var open = Array(rows.indices)
        var used = inUse
        while !open.isEmpty {
            var taken: Set<ByteKey> = []
            for start in stride(from: 0, to: open.count, by: Self.identifiersAtATime) {
                let part = open[start..<min(start + Self.identifiersAtATime, open.count)]
                let ids = part.map { rows[$0].rowID }
                let answer = try connection.run(
                    """
                    select id, coalesce(metadata->>'tenant', '') from decision_inbox
                    where \(sql: layout.isOne(of: ids))
                    union all
                    select id, coalesce(metadata->>'tenant', '') from \(sql: layout.rows)
                    where \(sql: layout.isOne(of: ids))
                    """)
                var tenants: [ByteKey: [String]] = [:]
                for row in answer.rows {
                    let tenant = try row.text(1)
                    let rowID = layout.rowID(tenant: tenant, id: try row.text(0))
                    tenants[ByteKey(rowID), default: []].append(tenant)
                }
                for index in part {
                    let key = ByteKey(rows[index].rowID)
                    guard let owners = tenants[key] else { continue }
                    taken.insert(key)
                    let isTwin = owners.contains { $0.utf8.elementsEqual(rows[index].identity.tenant.utf8) }
                    guard isTwin else { continue }
                    let rowID = rows[index].rowID
                    let isUnread = place.withLock { place in
                        // One that cannot be held is known and left alone, as is another entry's.
                        guard place.leftOut[key] == nil, place.names.owner(of: rowID, in: mirror) == nil
                        else {
                            return false
                        }
                        place.unread.add(rowID)
                        return true
                    }
                    if isUnread { throw Self.overtaken }
                }
            }
            open = open.filter { index in
                let key = ByteKey(rows[index].rowID)
                guard taken.contains(key) || !used.insert(key).inserted else { return false }
                rows[index].rowID = IdentityResolver.derivedID(
                    ofTenant: rows[index].identity.tenant, from: rows[index].rowID)
                return true
            }
        }
        return rows
    }

    /// Removes the rows of entries from both tables, the inbox first: what moves meanwhile comes to the other.
    func removeRows(
        of identities: [EntryIdentity], _ connection: PostgresConnection
    ) throws(PostgresError) {
        for start in stride(from: 0, to: identities.count, by: Self.identifiersAtATime) {
            let part = identities[start..<min(start + Self.identifiersAtATime, identities.count)]
            let (layout, ids) = place.withLock { place in
                (place.names.layout, part.map { place.names.rowID(of: $0) })
            }
            _ = try connection.run("delete from decision_inbox where \(sql: layout.isOne(of: ids))")
            if layout == .distributed { try noteRemoval(of: ids, layout, connection) }
            _ = try connection.run(
                "delete from \(sql: layout.rows) where \(sql: layout.isOne(of: ids))")
        }
    }

    /// Tells of rows that go from a table which has no triggers to do so.
    private func noteRemoval(
        of rowIDs: [String], _ layout: TableLayout, _ connection: PostgresConnection
    ) throws(PostgresError) {
        _ = try connection.run(
            """
            insert into verdict_changes (kind, id, tenant)
            select case when current_setting('verdict.retiring', true) = 'on' then 'r' else 'd' end::"char",
                id, tenant
            from \(sql: layout.rows) where \(sql: layout.isOne(of: rowIDs))
            """)
        _ = try connection.run("select pg_notify(\(Schema.channel), '')")
    }

    /// Removes the rows of entries that are no longer kept, and remembers that they were there.
    func retireRows(
        of identities: [EntryIdentity], newest: Timestamp?, _ connection: PostgresConnection
    ) throws(PostgresError) {
        _ = try connection.run("select set_config('verdict.retiring', 'on', true)")
        try removeRows(of: identities, connection)
        for start in stride(from: 0, to: identities.count, by: Self.identifiersAtATime) {
            let part = identities[start..<min(start + Self.identifiersAtATime, identities.count)]
            let texts = part.map { RowNames.text(of: $0.shortened) }
            _ = try connection.run(
                """
                insert into verdict_retired (identity) select distinct removed from unnest(\(texts)) as removed
                on conflict (identity) do update set removed_at = now()
                """)
        }
        guard let newest else { return }
        // The newest there was stays: times are compared here, since the server's are less exact.
        let kept = try connection.run(
            """
            select value from verdict_records
            where collection = \(RetiredRecord.collection) and key = \(RetiredRecord.key) and value is not null
            """
        ).rows.first?.text(0)
        if let kept, let time = RetiredRecord.time(of: kept), time >= newest { return }
        try writeRecord(
            RetiredRecord.text(of: newest), in: RetiredRecord.collection, key: RetiredRecord.key, connection)
    }

    /// Writes a record of the log's own, whatever it was before.
    func writeRecord(
        _ value: String, in collection: String, key: String, _ connection: PostgresConnection
    ) throws(PostgresError) {
        _ = try connection.run(
            """
            insert into verdict_records as held (collection, key, value, revision)
            values (\(collection), \(key), \(value), 1)
            on conflict (collection, key) do update set value = excluded.value,
                revision = held.revision + 1, changed = pg_current_xact_id()
            """)
    }

    /// Writes records as they were planned; of several writes of one the last counts.
    func writeRecords(
        _ records: [Record], of mirror: StoreMirror, _ connection: PostgresConnection
    ) throws(PostgresError) {
        struct Key: Hashable {
            var collection: ByteKey
            var key: ByteKey
        }
        var last: [Key: Record] = [:]
        for record in records {
            last[Key(collection: ByteKey(record.collection), key: ByteKey(record.key))] = record
        }
        let fresh = last.values.filter { ActivityLog.isNewEntry($0) }
        let rest = last.values.filter { !ActivityLog.isNewEntry($0) }
        _ = try upsert(rest, where: "true", connection)
        // Old entries are not held here: what somebody put there by other ways is neither seen nor written over.
        let written = try upsert(fresh, where: "held.value is null", connection)
        let taken = fresh.filter { !written.contains(ByteKey($0.key)) }
        if taken.isEmpty { return }
        try takeOver(entries: taken.map(\.key), into: mirror, connection)
        throw Self.takenEntry
    }

    /// Makes the mirror hold entries of the activity log that somebody put there so that no follower is told of them:
    /// who looks for a number again would be given the same one, until everything is read anew.
    private func takeOver(
        entries keys: [String], into mirror: StoreMirror, _ connection: PostgresConnection
    ) throws(PostgresError) {
        let rows = try connection.run(
            """
            select key, value, revision from verdict_records
            where collection = \(ActivityLog.collection) and key = any(\(keys)) and value is not null
            """
        ).rows
        var records: [Record] = []
        for row in rows {
            records.append(
                Record(
                    collection: ActivityLog.collection, key: try row.text(0),
                    value: StoredJSON.value(of: try row.text(1)) ?? .null,
                    revision: UInt64(clamping: try row.int8(2))))
        }
        mirror.take(records)
    }

    /// An entry of the activity log was to be written under a number that is taken.
    static let takenEntry = PostgresError(
        .usage,
        "the number of an entry of the activity log is taken: read its newest entry again and repeat the change"
    )

    /// Writes records, over those that are there where a condition holds; gives the keys of those that were written.
    private func upsert(
        _ records: [Record], where condition: SQL, _ connection: PostgresConnection
    ) throws(PostgresError) -> Set<ByteKey> {
        if records.isEmpty { return [] }
        // No JSON is an empty text, so that this can stand for a record that is deleted.
        let values = records.map { record in record.value.map { StoredJSON.text(of: $0) } ?? "" }
        let answer = try connection.run(
            """
            insert into verdict_records as held (collection, key, value, revision)
            select collection, key, nullif(value, ''), revision
            from unnest(\(records.map(\.collection)), \(records.map(\.key)), \(values),
                \(records.map { Int64(clamping: $0.revision) })) as planned (collection, key, value, revision)
            on conflict (collection, key) do update set value = excluded.value,
                revision = excluded.revision, changed = pg_current_xact_id()
            where \(sql: condition)
            returning key
            """)
        var keys: Set<ByteKey> = []
        for row in answer.rows { keys.insert(ByteKey(try row.text(0))) }
        return keys
    }
}
