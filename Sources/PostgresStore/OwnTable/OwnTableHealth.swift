import Decisions
import VectorStores

/// How it is with somebody's own table: its size, its indexes of neighbours, and how well they find.
struct OwnTableHealth {
    private let table: OwnTable
    private let connection: PostgresConnection
    private let indexes: [OwnIndex]

    /// Rows that a server reads soon enough without an index.
    private static let rowsWithoutIndex = 50_000
    /// How much larger than it need be an index may be.
    private static let bloatLimit = 2.0

    init(_ table: OwnTable, _ connection: PostgresConnection) throws(PostgresError) {
        self.table = table
        self.connection = connection
        indexes = try OwnIndex.all(of: table, connection)
    }

    /// The checks; recall is measured only where that is asked for, since each of its questions reads every row.
    func checks(
        pgvector: String, measuringRecall: Bool, at now: Timestamp
    ) throws(PostgresError) -> [HealthCheck] {
        let row = try connection.run(
            """
            select count(*), pg_table_size(\(table.number)::oid)::int8,
                (select n_dead_tup from pg_stat_user_tables where relid = \(table.number)::oid)
            from \(sql: table.name) where \(identifier: table.embedding.name) is not null
            """
        ).onlyRow()
        let rows = try row.int(0)
        let dead = row.isNull(2) ? 0 : try row.int(2)
        var checks = [
            check("server", .ok, "PostgreSQL \(Self.version(connection.serverVersion)) answers", now),
            check("pgvector", .ok, "version \(PrintedText.escaped(pgvector, limit: 40))", now),
            check(
                "table", .ok,
                "\(table.printedName): \(PrintedNumber.counted(rows, "vector")) of \(table.dimension) "
                    + "dimensions, \(PrintedNumber.bytes(try row.int(1))), "
                    + "\(PrintedNumber.counted(dead, "dead row")); it holds no decisions, so that none are scored",
                now),
        ]
        if indexes.isEmpty { checks.append(missing(rows, now)) }
        for index in indexes { checks.append(check(of: index, rows: rows, now)) }
        if let index = indexes.first(where: { $0.serves }), rows > 0 {
            checks.append(
                measuringRecall
                    ? recall(try OwnRecallProbe(table, index, breadths: nil, connection), index, now)
                    : check("recall", .ok, Self.unmeasured, now))
        }
        return checks
    }

    private func check(
        _ name: String, _ status: HealthCheck.Status, _ detail: String, _ now: Timestamp
    ) -> HealthCheck {
        HealthCheck(name: name, status: status, since: now, detail: detail)
    }

    private static func version(_ number: Int) -> String {
        "\(number / 10_000).\(number % 10_000)"
    }

    // MARK: Indexes

    private func missing(_ rows: Int, _ now: Timestamp) -> HealthCheck {
        let kind = table.isHalf ? "halfvec" : "vector"
        let column = PrintedText.escaped(SQL.quoted(identifier: table.embedding.name), limit: 120)
        return check(
            "index", rows > Self.rowsWithoutIndex ? .degraded : .ok,
            "there is no index of neighbours, so that each search reads every row: create index concurrently on "
                + "\(quotedName) using hnsw (\(column) \(kind)_cosine_ops)", now)
    }

    private var quotedName: String {
        PrintedText.escaped(
            SQL.quoted(identifier: table.schema) + "." + SQL.quoted(identifier: table.table), limit: 240)
    }

    private func check(of index: OwnIndex, rows: Int, _ now: Timestamp) -> HealthCheck {
        let printed = PrintedText.escaped(index.name, limit: 120)
        let quoted = PrintedText.escaped(
            SQL.quoted(identifier: table.schema) + "." + SQL.quoted(identifier: index.name), limit: 240)
        let parameters =
            index.method == "hnsw"
            ? "m \(index.m), ef_construction \(index.efConstruction)"
            : "lists \(index.parameters["lists"] ?? 100)"
        let facts =
            "\(index.method) by \(index.metric.rawValue)\(index.isHalved ? " of halves" : ""), \(parameters), "
            + "\(PrintedNumber.bytes(index.bytes)), \(PrintedNumber.counted(index.scans, "scan"))"
        guard index.isUsable else {
            return check(
                "index \(printed)", .degraded,
                "\(facts); it is invalid, left behind by a build that failed: run reindex index concurrently "
                    + "\(quoted), or drop it", now)
        }
        if index.isPartial {
            return check(
                "index \(printed)", .ok, "\(facts); it covers some rows only and is not used here", now)
        }
        let expected = expectedBytes(of: index, rows: rows)
        if expected > 0, Double(index.bytes) > Self.bloatLimit * Double(expected) {
            return check(
                "index \(printed)", .degraded,
                "\(facts); that is \(PrintedNumber.bytes(index.bytes - expected)) more than its rows need, left "
                    + "by deleted ones: run reindex index concurrently \(quoted)", now)
        }
        let use =
            index.metric == .cosine
            ? "" : "; searches here do not go by it, since they rank by cosine"
        return check("index \(printed)", .ok, facts + use, now)
    }

    /// The bytes of a graph that holds so many rows: vectors and links share pages of 8 kB and are never cut.
    private func expectedBytes(of index: OwnIndex, rows: Int) -> Int {
        guard index.method == "hnsw", rows > 1_000, table.dimension > 0 else { return 0 }
        let isHalf = index.isHalved || table.isHalf
        let element = 80 + table.dimension * (isHalf ? 2 : 4)
        let links = 16 + index.m * 3 * 6
        let each = max(1, 8_160 / (element + links))
        return (rows / each + 1) * 8_192
    }

    // MARK: Recall

    /// The least share that an index of neighbours should find.
    private static let leastRecall = 0.95

    private static let unmeasured =
        "not measured while a console watches, since that reads the table again and again: 7, then c measures it, "
        + "and so does verdict health"

    private func recall(_ probe: OwnRecallProbe, _ index: OwnIndex, _ now: Timestamp) -> HealthCheck {
        guard let point = probe.points.first else {
            return check("recall", .ok, "not measured: no row to search for was read in time", now)
        }
        let tenths = Int((point.recall * 1_000).rounded(.down))
        let facts =
            "\(tenths / 10).\(tenths % 10) % of the ten nearest of "
            + "\(PrintedNumber.counted(probe.questions, "sampled row")) found at \(index.breadthSetting) = "
            + "\(point.breadth)"
        guard point.recall < Self.leastRecall else { return check("recall", .ok, facts, now) }
        let advice =
            index.method == "hnsw"
            ? "raise hnsw.ef_search, or rebuild the index with ef_construction above \(index.efConstruction)"
            : "raise ivfflat.probes, or build an index using hnsw"
        return check("recall", .degraded, "\(facts): \(advice)", now)
    }
}
