import Decisions
import Locks
import VectorStores

extension PostgresLog {
    /// How long reading everything may take.
    static let loadLimit = Duration.seconds(3_600)

    func load(into mirror: StoreMirror) throws(StoreError) {
        do throws(PostgresError) {
            let deadline = ContinuousClock.now + Self.loadLimit
            try pool.withConnection(deadline: deadline) { connection throws(PostgresError) in
                try connection.transaction(.readOnlySnapshot) { connection throws(PostgresError) in
                    try load(connection, mirror)
                }
            }
            standing.withLock { standing in
                standing.rows = mirror.count
                standing.succeeded()
            }
        } catch {
            throw StoreError(error)
        }
    }

    private func load(_ connection: PostgresConnection, _ mirror: StoreMirror) throws(PostgresError) {
        try place.withLock { place throws(PostgresError) in
            let start = try connection.run(
                "select pg_current_snapshot()::text, \(sql: TableLayout.question)"
            ).onlyRow()
            place.snapshot = try start.text(0)
            place.names = RowNames(layout: TableLayout(rawValue: try start.text(1)) ?? .plain)
            let answer = try connection.run("select collection, key, value, revision from verdict_records")
            var records: [Record] = []
            for row in answer.rows { records.append(try Self.record(row)) }
            try reconcile(connection, mirror, &place)
            mirror.take(records)
        }
    }

    /// Reads everything and makes the mirror hold the same; what it holds already costs a comparison each.
    func reconcile(
        _ connection: PostgresConnection, _ mirror: StoreMirror, _ place: inout Place
    ) throws(PostgresError) {
        let isVector = facts.storage == .vector
        let embedder = DecisionEmbedder()
        var seen: Set<EntryIdentity> = []
        var newest: Timestamp?
        var floats: [Float] = []
        place.leftOut = [:]
        // Rows may have other identifiers than those that they had when they were last read.
        let layout = place.names.layout
        place.names = RowNames(layout: layout)
        _ = try connection.copyOut(Self.everyRow(layout), deadline: .now + Self.loadLimit) {
            row throws(PostgresError) in
            // What another program's array may hold is no reason to read nothing.
            if (try? row.floats(1, isVector: isVector, into: &floats)) == nil { floats = [] }
            let read = TableRow(
                id: try row.text(0), floats: floats, metadata: row.isNull(2) ? nil : try row.jsonText(2),
                createdAt: row.isNull(3) ? nil : try row.timestamp(3),
                tenant: row.isNull(4) ? nil : try row.text(4))
            if let time = read.storedAt { newest = newest.map { max($0, time) } ?? time }
            if let identity = place.take(read, after: seen, embedder: embedder, into: mirror) {
                seen.insert(identity)
            }
        }
        mirror.release(allBut: seen)
        if let newest { mirror.noteInsert(at: newest) }
        try readRetired(connection, mirror)
    }

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
