import Decisions
import Locks
import VectorStores

/// What the server tells that others did.
private struct News {
    var changes = ForeignChanges()
    /// The transactions that it tells of.
    var snapshot = ""
    /// Whether everything must be read anew.
    var isLost = false
    /// Whether this may be another life of the server, whose transactions have numbers that others had before.
    var isDoubtful = false
    /// How the tables lie.
    var layout: TableLayout
    /// How far the server was.
    var moment: ServerMoment?
}

extension PostgresLog {
    /// How long the list of what changed may take, which is short for each row.
    private static let readLimit = Duration.seconds(300)

    func follow(into mirror: StoreMirror) throws(StoreError) {
        do throws(PostgresError) {
            let deadline = ContinuousClock.now + Self.followLimit
            try reading(deadline: deadline) { connection throws(PostgresError) in
                try threads.cancelling(connection.cancellation) { () throws(PostgresError) in
                    try meet(connection)
                    try catchUp(connection, mirror)
                }
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
            let asked = ContinuousClock.now
            let news = try read(connection, since: place)
            let isAnew = place.isLost || news.isLost
            let records = try readRecords(
                connection, since: place, until: news.moment?.isStandby == true ? nil : news.snapshot,
                all: isAnew)
            // From here on it is known what there is to read, and an error does not bring it back to the start.
            place.isLost = isAnew
            if news.isDoubtful {
                // Some other transaction may have the number of one of this process.
                place.own = []
                arrivals.withLock { $0.forgetNumbers() }
            }
            if news.layout != place.names.layout {
                // The tables were laid out anew: rows have other names now.
                place.names = RowNames(layout: news.layout)
                place.isLost = true
            }
            place.unread.add(news.changes)
            mirror.take(records, isEverything: isAnew)
            place.snapshot = news.snapshot
            place.moment = news.moment
            let source = news.moment
            standing.withLock { $0.began(at: source, asked: asked) }
            // What the snapshot shows is not told of again.
            if let shown = ServerSnapshot(place.snapshot) { place.own.removeAll { shown.sees($0) } }
            if place.isLost {
                place.unread = ForeignChanges()
                try reconcile(connection, mirror, &place)
                place.isLost = false
            } else {
                try takeUnread(connection, mirror, &place)
            }
            tellArrivals(&place)
            let leftOut = place.leftOut.count
            let layout = place.names.layout
            let example = place.leftOut.first.map { (layout.printedName(ofRow: $0.key.text), $0.value) }
            standing.withLock { standing in
                standing.rows = mirror.count
                standing.distinct = mirror.distinctCount
                standing.leftOut = leftOut
                standing.leftOutExample = example
            }
        }
    }

    private func read(
        _ connection: PostgresConnection, since place: borrowing Place
    ) throws(PostgresError) -> News {
        let (snapshot, own) = (place.snapshot, place.own.map(String.init))
        let answer = try connection.run(
            """
            select 'l', \(sql: ServerMoment.told), -1::int8, false, null
            union all
            select 's', \(sql: ServerSnapshot.current), 0, coalesce((
                select value::numeric > pg_snapshot_xmin(\(snapshot)::pg_snapshot)::text::numeric
                from verdict_records where collection = 'verdict.mirror' and key = 'pruned'), false),
                \(sql: TableLayout.question)
            union all
            select kind::text, id, sequence, false, tenant from verdict_changes
            where transaction >= pg_snapshot_xmin(\(snapshot)::pg_snapshot)
                and not pg_visible_in_snapshot(transaction, \(snapshot)::pg_snapshot)
                and transaction::text <> all(\(own))
            order by 3
            """, deadline: .now + Self.readLimit)
        var news = News(layout: place.names.layout)
        func rowID(_ row: PostgresRow) throws(PostgresError) -> String {
            news.layout.rowID(tenant: try row.optionalText(4) ?? "", id: try row.text(1))
        }
        var moment: ServerMoment?
        for row in answer.rows {
            switch try row.text(0) {
            case "l": moment = ServerMoment(try row.text(1))
            case "s":
                news.snapshot = try row.text(1)
                if try row.bool(3) { news.isLost = true }
                news.layout = TableLayout(rawValue: try row.text(4)) ?? news.layout
            case "t": news.isLost = true
            case "r": news.changes.addRetired(try rowID(row))
            default: news.changes.add(try rowID(row))
            }
        }
        guard let moment else {
            throw PostgresError(.protocolViolation, "\(address) does not tell how far it is")
        }
        switch moment.relation(to: place.moment) {
        case .later: break
        case .behind:
            throw PostgresError(.timeout, "\(address): the standby has not come to what was read before")
        // After a promotion what was read may never have been: everything is compared with what there is.
        case .doubtful: (news.isLost, news.isDoubtful) = (true, true)
        }
        news.moment = moment
        return news
    }

    /// The records that others changed; or all of them, with those that came since the snapshot, which come once more.
    private func readRecords(
        _ connection: PostgresConnection, since place: borrowing Place, until snapshot: String?, all: Bool
    ) throws(PostgresError) -> [Record] {
        let (before, own) = (place.snapshot, place.own.map(String.init))
        let answer = try connection.run(
            """
            select collection, key, value, revision from verdict_records
            where \(all) or (changed >= pg_snapshot_xmin(\(before)::pg_snapshot)
                and not pg_visible_in_snapshot(changed, \(before)::pg_snapshot)
                and (\(snapshot)::text is null or pg_visible_in_snapshot(changed, \(snapshot)::pg_snapshot))
                and changed::text <> all(\(own)))
            order by changed, collection, key, revision
            """, deadline: .now + Self.readLimit)
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
}
