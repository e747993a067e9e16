import Decisions
import Locks
import VectorStores

/// What others committed since changes were last read.
struct ForeignChanges {
    /// What was visible when they were read.
    var snapshot = ""
    /// The rows that were stored, changed or removed; each once, in order.
    private(set) var rows: [String] = []
    private var known: Set<ByteKey> = []
    /// Those of them that retention removed.
    private(set) var retired: Set<ByteKey> = []
    /// Whether a table was emptied, or changes are no longer there.
    var isLost = false

    mutating func add(_ rowID: String) {
        if known.insert(ByteKey(rowID)).inserted { rows.append(rowID) }
    }

    mutating func addRetired(_ rowID: String) {
        add(rowID)
        retired.insert(ByteKey(rowID))
    }
}

extension PostgresLog {
    func follow(into mirror: StoreMirror) throws(StoreError) {
        do throws(PostgresError) {
            let deadline = ContinuousClock.now + Self.followLimit
            try pool.withConnection(deadline: deadline) { connection throws(PostgresError) in
                try catchUp(connection, mirror)
            }
            standing.withLock { $0.succeeded() }
        } catch {
            standing.withLock { $0.failed(error) }
            throw StoreError(error)
        }
    }

    /// Takes over what others committed since the last time.
    ///
    /// Which transactions those are is told by two snapshots of the server's, so that none is missed however long it
    /// was under way.
    func catchUp(_ connection: PostgresConnection, _ mirror: StoreMirror) throws(PostgresError) {
        try place.withLock { place throws(PostgresError) in
            let changes = try read(connection, since: place)
            let records = try readRecords(connection, since: place, until: changes.snapshot)
            place.isLost = place.isLost || changes.isLost
            if place.isLost {
                try reconcile(connection, mirror, &place)
                place.isLost = false
            } else {
                try take(changes, connection, mirror, &place)
            }
            mirror.take(records)
            place.snapshot = changes.snapshot
            let oldest = place.snapshot.prefix { $0 != ":" }
            if let oldest = UInt64(oldest) { place.own.removeAll { $0 < oldest } }
            let (leftOut, example) = (place.leftOut.count, place.leftOut.first)
            standing.withLock { standing in
                standing.rows = mirror.count
                standing.leftOut = leftOut
                standing.leftOutExample = example.map { ($0.key.text, $0.value) }
            }
        }
    }

    private func read(
        _ connection: PostgresConnection, since place: borrowing Place
    ) throws(PostgresError) -> ForeignChanges {
        let (snapshot, own) = (place.snapshot, place.own.map(String.init))
        let answer = try connection.run(
            """
            select 's', pg_current_snapshot()::text, 0::int8, coalesce((
                select value::numeric > pg_snapshot_xmin(\(snapshot)::pg_snapshot)::text::numeric
                from verdict_records where collection = 'verdict.mirror' and key = 'pruned'), false)
            union all
            select kind::text, id, sequence, false from verdict_changes
            where transaction >= pg_snapshot_xmin(\(snapshot)::pg_snapshot)
                and not pg_visible_in_snapshot(transaction, \(snapshot)::pg_snapshot)
                and transaction::text <> all(\(own))
            order by 3
            """)
        var changes = ForeignChanges()
        for row in answer.rows {
            switch try row.text(0) {
            case "s":
                changes.snapshot = try row.text(1)
                if try row.bool(3) { changes.isLost = true }
            case "t": changes.isLost = true
            case "r": changes.addRetired(try row.text(1))
            default: changes.add(try row.text(1))
            }
        }
        return changes
    }

    private func readRecords(
        _ connection: PostgresConnection, since place: borrowing Place, until snapshot: String
    ) throws(PostgresError) -> [Record] {
        let (before, own) = (place.snapshot, place.own.map(String.init))
        let answer = try connection.run(
            """
            select collection, key, value, revision from verdict_records
            where changed >= pg_snapshot_xmin(\(before)::pg_snapshot)
                and not pg_visible_in_snapshot(changed, \(before)::pg_snapshot)
                and pg_visible_in_snapshot(changed, \(snapshot)::pg_snapshot)
                and changed::text <> all(\(own))
            order by changed, collection, key, revision
            """)
        var records: [Record] = []
        for row in answer.rows { records.append(try Self.record(row)) }
        return records
    }

    static func record(_ row: PostgresRow) throws(PostgresError) -> Record {
        let (collection, key) = (try row.text(0), try row.text(1))
        let text = try row.optionalText(2)
        let value = text.flatMap { StoredJSON.value(of: $0) }
        guard (text == nil) == (value == nil) else {
            throw PostgresError(
                .protocolViolation,
                "record \(PrintedText.escaped(key, limit: 80)) of \(PrintedText.escaped(collection, limit: 80)) "
                    + "is no JSON: restore it from a backup or delete it")
        }
        return Record(
            collection: collection, key: key, value: value,
            revision: UInt64(clamping: try row.int8(3)))
    }

    /// Reads rows that changed as they are now, and makes the mirror hold the same.
    private func take(
        _ changes: ForeignChanges, _ connection: PostgresConnection, _ mirror: StoreMirror,
        _ place: inout Place
    ) throws(PostgresError) {
        var rest = changes.rows[...]
        while !rest.isEmpty {
            let part = Array(rest.prefix(Self.identifiersAtATime))
            rest = rest.dropFirst(part.count)
            let rows = try readRows(part, connection)
            place.take(rows, of: part, retired: changes.retired, into: mirror)
        }
    }

    /// The rows of some identifiers; of two the one in the inbox, which is the later one.
    private func readRows(
        _ ids: [String], _ connection: PostgresConnection
    ) throws(PostgresError) -> [TableRow] {
        let answer = try connection.run(
            """
            select id, embedding, metadata, created_at from decision_inbox where id = any(\(ids))
            union all
            select id, embedding, metadata, created_at from decision_vectors as held where id = any(\(ids))
                and not exists (select from decision_inbox as newer where newer.id = held.id)
            """)
        var rows: [TableRow] = []
        rows.reserveCapacity(answer.rows.count)
        for row in answer.rows {
            rows.append(
                TableRow(
                    id: try row.text(0), floats: (try? row.floats(1)) ?? [],
                    metadata: try row.isNull(2) ? nil : row.text(2),
                    createdAt: try row.isNull(3) ? nil : row.timestamp(3)))
        }
        return rows
    }
}
