import Decisions
import Locks
import VectorStores

extension PostgresLog {
    /// How long reading everything may take.
    static let loadLimit = Duration.seconds(3_600)

    /// Every record but old entries of the activity log, which are read when somebody asks for them.
    private static var heldRecords: SQL {
        """
        select collection, key, value, revision from verdict_records
        where collection <> \(ActivityLog.collection) or key collate "C" > coalesce((
            select lpad(greatest(max(key collate "C")::bigint - \(number: ActivityLog.heldInMemory), 0)::text, 16, '0')
            from verdict_records where collection = \(ActivityLog.collection) and key ~ '^[0-9]{16}$'
                and key collate "C" <= \(ActivityLog.key(ActivityLog.farthestEnd))), '')
        """
    }

    func records(in collection: String, from key: String, limit: Int) throws(StoreError) -> [Record] {
        // No key there has a zero character: from one on, which is the first text behind another, is behind that.
        let zero = key.unicodeScalars.firstIndex(of: "\0")
        let key = zero.map { String(key[..<$0]) } ?? key
        let start: SQL = zero == nil ? "key collate \"C\" >= \(key)" : "key collate \"C\" > \(key)"
        do throws(PostgresError) {
            return try reading(deadline: .now + Self.recordsLimit) { connection throws(PostgresError) in
                try connection.run(
                    """
                    select collection, key, value, revision from verdict_records
                    where collection = \(collection) and \(sql: start) and value is not null
                    order by key collate "C" limit \(number: limit)
                    """
                ).rows.map { row throws(PostgresError) in
                    Record(
                        collection: try row.text(0), key: try row.text(1),
                        value: StoredJSON.value(of: try row.text(2)) ?? .null,
                        revision: UInt64(clamping: try row.int8(3)))
                }
            }
        } catch {
            throw StoreError(error)
        }
    }

    /// How long a part of the records may take.
    private static let recordsLimit = Duration.seconds(60)

    func load(into mirror: StoreMirror) throws(StoreError) {
        var refusal: StoreError?
        do throws(PostgresError) {
            if try openAway(into: mirror) { return }
            let deadline = ContinuousClock.now + Self.loadLimit
            try reading(deadline: deadline, isLoading: true) { connection throws(PostgresError) in
                if !address.readsFromStandby, try openSaved(into: mirror, connection, refusal: &refusal) {
                    return
                }
                // Before the transaction: a person may think about it for long.
                try begin(MirrorCost(rows: Self.estimatedRows(connection)), refusal: &refusal)
                mirror.deferLinks()
                try connection.transaction(.readOnlySnapshot) { connection throws(PostgresError) in
                    try load(connection, mirror)
                }
            }
            standing.withLock { standing in
                standing.rows = mirror.count
                standing.distinct = mirror.distinctCount
                standing.succeeded()
            }
        } catch {
            throw refusal ?? StoreError(error)
        }
    }

    /// Tells the cost before it is paid; whoever is told may refuse.
    func begin(_ cost: MirrorCost, refusal: inout StoreError?) throws(PostgresError) {
        do throws(StoreError) {
            try options.mirrorWatch.begin(cost)
        } catch {
            refusal = error
            throw PostgresError(.cancelled, error.description)
        }
    }

    private func load(_ connection: PostgresConnection, _ mirror: StoreMirror) throws(PostgresError) {
        try place.withLock { place throws(PostgresError) in
            let asked = ContinuousClock.now
            let start = try connection.run(
                """
                select \(sql: ServerSnapshot.current), \(sql: TableLayout.question), \(sql: ServerMoment.told),
                    \(sql: Audit.tables)
                """
            ).onlyRow()
            let tables = try start.text(3)
            audit.withLock { $0.tables = tables }
            place.snapshot = try start.text(0)
            place.names = RowNames(layout: TableLayout(rawValue: try start.text(1)) ?? .plain)
            let moment = ServerMoment(try start.text(2))
            place.moment = moment
            standing.withLock { $0.began(at: moment, asked: asked) }
            let answer = try connection.run(Self.heldRecords)
            var records: [Record] = []
            for row in answer.rows { records.append(try Self.record(row)) }
            try reconcile(connection, mirror, &place)
            mirror.take(records)
        }
    }

    /// Reads everything and makes the mirror hold the same; what it holds already costs a comparison each.
    ///
    /// Rows become entries on other threads while this one reads on.
    func reconcile(
        _ connection: PostgresConnection, _ mirror: StoreMirror, _ place: inout Place
    ) throws(PostgresError) {
        let isVector = facts.storage == .vector
        let total = try Self.estimatedRows(connection)
        // What an empty mirror holds was read before.
        let isEmpty = mirror.count == 0
        var seen: Set<EntryIdentity> = []
        var newest: Timestamp?
        var floats: [Float] = []
        var pipeline = RowPipeline(threads: options.rebuildThreads)
        var taken = 0
        place.leftOut = [:]
        // Rows may have other identifiers than those that they had when they were last read.
        let layout = place.names.layout
        place.names = RowNames(layout: layout)
        func take(_ rows: [ReadRow]) {
            for row in rows {
                if let time = row.storedAt { newest = newest.map { max($0, time) } ?? time }
                let identity = place.take(row, into: mirror) { identity in
                    isEmpty ? mirror.holds(identity) : seen.contains(identity)
                }
                if let identity, !isEmpty { seen.insert(identity) }
            }
            if rows.isEmpty { return }
            taken += rows.count
            options.mirrorWatch.advance(taken, max(taken, total))
        }
        let read = try connection.copyOut(Self.everyRow(layout), deadline: .now + Self.loadLimit) {
            row throws(PostgresError) in
            // What another program's array may hold is no reason to read nothing.
            if (try? row.floats(1, isVector: isVector, into: &floats)) == nil { floats = [] }
            let read = TableRow(
                id: try row.text(0), floats: floats, metadata: row.isNull(2) ? nil : try row.jsonText(2),
                createdAt: row.isNull(3) ? nil : try row.timestamp(3),
                tenant: row.isNull(4) ? nil : try row.text(4))
            take(try pipeline.add(read))
        }
        while true {
            let rows = try pipeline.next()
            if rows.isEmpty { break }
            take(rows)
        }
        if !isEmpty { mirror.release(allBut: seen) }
        if let newest { mirror.noteInsert(at: newest) }
        place.unaccounted = read - mirror.count - place.leftOut.count
        audit.withLock { $0.agreed(at: options.clock()) }
        saving.withLock { saving in
            saving.rowsRead += read
            saving.isDue = true
        }
        try readRetired(connection, mirror)
    }

    /// About how many rows there are, by what the server counted last and how much the tables grew since.
    static func estimatedRows(_ connection: PostgresConnection) throws(PostgresError) -> Int {
        let named = try connection.run("select \(sql: TableLayout.question)").onlyRow().text(0)
        // Where rows lie by tenant the user's table is a view, which has no size.
        let tables = [(TableLayout(rawValue: named) ?? .plain).table, Schema.inbox]
        // A partitioned table is empty itself, and one that is not has no tree.
        return try connection.run(
            """
            select coalesce(sum(case when reltuples >= 0 and relpages > 0
                then reltuples::float8 / relpages * (pg_relation_size(oid) / current_setting('block_size')::int8)
                else pg_relation_size(oid) / \(.float8(bytesPerRow)) end), 0)::int8
            from pg_class where oid in (
                select to_regclass(name) from unnest(\(tables)) as name
                union all
                select relid from unnest(\(tables)) as name, pg_partition_tree(to_regclass(name)) where isleaf)
            """
        ).onlyRow().int(0)
    }

    /// Bytes that a row takes in the table, about, where the server never counted them.
    private static let bytesPerRow = 2_400.0

    /// The rows of the table, then those of the inbox, which count where both have one.
    private static func everyRow(_ layout: TableLayout) -> SQL {
        """
        copy (
            select id, embedding, metadata, created_at, \(sql: layout.tenant) from \(sql: layout.rows) as held
            where not exists (select from decision_inbox as newer where \(sql: layout.isSameRow))
            union all
            select id, embedding, metadata, created_at, \(sql: layout.tenant) from decision_inbox
        ) to stdout (format binary)
        """
    }

    private func readRetired(
        _ connection: PostgresConnection, _ mirror: StoreMirror
    ) throws(PostgresError) {
        let newest = try connection.run(
            """
            select value from verdict_records
            where collection = \(RetiredRecord.collection) and key = \(RetiredRecord.key) and value is not null
            """
        ).rows.first?.text(0)
        guard let newest, let time = RetiredRecord.time(of: newest) else { return }
        var identities: [EntryIdentity] = []
        _ = try connection.copyOut(
            """
            copy (select identity from verdict_retired order by removed_at) to stdout (format binary)
            """, deadline: .now + Self.loadLimit
        ) { row throws(PostgresError) in
            if let identity = RowNames.identity(of: try row.text(0)) { identities.append(identity) }
        }
        mirror.remember(retired: identities, newest: time)
    }
}

/// The record that keeps the newest time of what retention removed: one that is older is not taken in again.
enum RetiredRecord {
    static let collection = "verdict.retention"
    static let key = "newest"

    static func text(of time: Timestamp) -> String { JSONValue.string(time.description).json }

    static func time(of text: String) -> Timestamp? {
        StoredJSON.value(of: text)?.text.flatMap { Timestamp($0) }
    }
}
