import Decisions
import Locks
import VectorStores

extension PostgresLog {
    /// How long changes are kept for those who follow, and how long where there are many: who was away for longer reads
    /// everything anew.
    private static let changesKept = Duration.seconds(86_400)
    private static let manyChangesKept = Duration.seconds(600)
    /// Reading more changes than this takes longer than reading everything.
    private static let manyChanges = 1_000_000
    /// How many removed entries are remembered, and how many more make it worth forgetting the oldest.
    static let retiredKept = 2_097_152
    static let retiredSlack = 65_536

    /// How many changes one transaction removes, and for how long one transaction follows another.
    private static let changesPerPrune = 100_000
    private static let pruneLimit = Duration.seconds(20)

    /// Removes changes that everybody has had the time to read, and says up to where.
    ///
    /// Which those are is noted on the server, so that processes which live for seconds do it as well.
    func prune() throws(PostgresError) {
        let start = ContinuousClock.now
        var isFirst = true
        while !threads.isStopped, .now - start < Self.pruneLimit {
            let removed = try inTransaction(limit: Self.moveLimit) {
                connection throws(PostgresError) -> Int in
                guard try hasMoverLock(connection) else { return 0 }
                let removed = try pruneChanges(connection)
                // Once: how many there are is told by vacuum, which has not run since.
                if isFirst { try pruneRetired(connection) }
                return removed
            }
            isFirst = false
            if removed < Self.changesPerPrune { return }
        }
    }

    private func pruneChanges(_ connection: PostgresConnection) throws(PostgresError) -> Int {
        // The number of rows is what vacuum counted: near enough, and it costs nothing.
        let answer = try connection.run(
            """
            select pg_snapshot_xmin(pg_current_snapshot()), extract(epoch from clock_timestamp())::int8,
                (select value from verdict_records
                    where collection = \(PruneHorizons.collection) and key = \(PruneHorizons.key)),
                (select greatest(reltuples, 0)::int8 from pg_class where oid = to_regclass(\(Schema.changes)))
            """
        ).onlyRow()
        let (oldest, now) = (try answer.xid8(0), try answer.int8(1))
        var horizons = PruneHorizons(try answer.optionalText(2) ?? "")
        let isMany = try answer.int(3) > Self.manyChanges
        if horizons.note(oldest, at: now, keeping: Self.changesKept) {
            try writeRecord(horizons.text, in: PruneHorizons.collection, key: PruneHorizons.key, connection)
        }
        let kept = isMany ? Self.manyChangesKept : Self.changesKept
        guard let old = horizons.transaction(before: now - kept.components.seconds) else { return 0 }
        let removed = try connection.run(
            """
            delete from verdict_changes where sequence in (
                select sequence from verdict_changes where transaction < \(.xid8(old))
                order by transaction, sequence limit \(Self.changesPerPrune))
            """
        ).affected
        if removed > 0 { try writeRecord("\(old)", in: PruneHorizons.collection, key: "pruned", connection) }
        return removed
    }

    /// Forgets the oldest of what retention removed; every mirror remembers as many of the newest only.
    func pruneRetired(
        _ connection: PostgresConnection, keeping kept: Int = retiredKept, slack: Int = retiredSlack
    ) throws(PostgresError) {
        // The number of rows is what vacuum counted: near enough, and it costs nothing.
        let counted = try connection.run(
            "select greatest(reltuples, 0)::int8 from pg_class where oid = to_regclass(\(Schema.retired))"
        ).onlyRow().int(0)
        guard counted > kept + slack else { return }
        _ = try connection.run(
            """
            delete from verdict_retired where removed_at < (
                select removed_at from verdict_retired order by removed_at desc
                offset \(kept) limit 1)
            """)
    }
}

/// The oldest transaction that was under way at some times in the past, as the server keeps them: changes of older ones
/// have been there since then for everybody.
struct PruneHorizons {
    static let collection = "verdict.mirror"
    static let key = "horizons"
    /// How far two of them are apart, in seconds.
    static let interval: Int64 = 300

    /// By time, in seconds since 1970 by the server's clock.
    private(set) var all: [(time: Int64, transaction: UInt64)] = []

    /// Reads what is kept; none where the text is no list of pairs.
    init(_ text: String) {
        guard case .array(let pairs)? = StoredJSON.value(of: text) else { return }
        for pair in pairs {
            guard case .array(let parts) = pair, parts.count == 2,
                let time = parts[0].text.flatMap({ Int64($0) }),
                let transaction = parts[1].text.flatMap({ UInt64($0) })
            else { continue }
            all.append((time, transaction))
        }
        all.sort { $0.time < $1.time }
    }

    /// The list as it is kept.
    var text: String {
        StoredJSON.text(
            of: .array(all.map { .array([.string("\($0.time)"), .string("\($0.transaction)")]) }))
    }

    /// Notes one more where the last is some minutes old, and forgets those that are not needed; whether it did.
    ///
    /// What is not of the past, or of another life of the server, goes too.
    mutating func note(_ transaction: UInt64, at now: Int64, keeping kept: Duration) -> Bool {
        let before = all.count
        all.removeAll { $0.time > now || $0.transaction > transaction }
        let isDue = all.last.map { now - $0.time >= Self.interval } ?? true
        guard isDue || all.count != before else { return false }
        if isDue { all.append((now, transaction)) }
        let last = all.lastIndex { now - $0.time >= kept.components.seconds } ?? 0
        all.removeFirst(last)
        return true
    }

    /// The transaction of the newest one that is no younger than a time.
    func transaction(before time: Int64) -> UInt64? { all.last { $0.time <= time }?.transaction }
}
