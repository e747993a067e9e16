import Decisions
import Locks
import VectorStores

/// What others committed since changes were last read.
struct ForeignChanges {
    /// The rows that were stored, changed or removed; each once, in order.
    private(set) var rows: [String] = []
    private var known: Set<ByteKey> = []
    /// Those of them that retention removed.
    private(set) var retired: Set<ByteKey> = []
    mutating func add(_ rowID: String) {
        if known.insert(ByteKey(rowID)).inserted { rows.append(rowID) }
    }

    mutating func addRetired(_ rowID: String) {
        add(rowID)
        retired.insert(ByteKey(rowID))
    }

    /// Adds what came later.
    mutating func add(_ later: ForeignChanges) {
        for rowID in later.rows {
            if later.retired.contains(ByteKey(rowID)) { addRetired(rowID) } else { add(rowID) }
        }
    }

    /// Leaves out rows that need not be read.
    mutating func remove(_ rowIDs: Set<ByteKey>) {
        rows.removeAll { rowIDs.contains(ByteKey($0)) && !retired.contains(ByteKey($0)) }
        known = Set(rows.map { ByteKey($0) })
    }

    /// Leaves out the first rows, which are read.
    mutating func drop(first rowIDs: [String]) {
        rows.removeFirst(rowIDs.count)
        for rowID in rowIDs {
            known.remove(ByteKey(rowID))
            retired.remove(ByteKey(rowID))
        }
    }
}

extension PostgresLog {
    /// Rows that are read together: few enough to be taken over before the server calls a writer silent.
    private static let rowsAtATime = 1_000

    /// Reads rows that changed as they are now, and makes the mirror hold the same.
    ///
    /// Each part has its own time, and what was read stays read: however much there is, it comes to an end.
    func takeUnread(
        _ connection: PostgresConnection, _ mirror: StoreMirror, _ place: inout Place
    ) throws(PostgresError) {
        while !place.unread.rows.isEmpty {
            if threads.isStopped { throw PostgresError(.cancelled, "the store is closed") }
            let part = Array(place.unread.rows.prefix(Self.rowsAtATime))
            let rows = try readRows(part, place.names.layout, connection)
            place.take(rows, of: part, retired: place.unread.retired, into: mirror)
            place.unread.drop(first: part)
        }
    }

    /// The rows of some identifiers; of two the one in the inbox, which is the later one.
    private func readRows(
        _ ids: [String], _ layout: TableLayout, _ connection: PostgresConnection
    ) throws(PostgresError) -> [TableRow] {
        let answer = try connection.run(
            """
            select id, embedding, metadata, created_at, \(sql: layout.tenant) from decision_inbox
            where \(sql: layout.isOne(of: ids))
            union all
            select id, embedding, metadata, created_at, \(sql: layout.tenant) from \(sql: layout.rows) as held
            where \(sql: layout.isOne(of: ids))
                and not exists (select from decision_inbox as newer where \(sql: layout.isSameRow))
            """, deadline: .now + Self.followLimit)
        saving.withLock { $0.rowsRead += answer.rows.count }
        var rows: [TableRow] = []
        rows.reserveCapacity(answer.rows.count)
        for row in answer.rows {
            rows.append(
                TableRow(
                    id: try row.text(0), floats: (try? row.floats(1)) ?? [],
                    metadata: try row.isNull(2) ? nil : row.text(2),
                    createdAt: try row.isNull(3) ? nil : row.timestamp(3),
                    tenant: try row.optionalText(4)))
        }
        return rows
    }
}
