import Decisions
import VectorStores

/// Somebody's own table in numbers.
struct OwnTableNumbers {
    var statistics = StoreStatistics()

    init(_ table: OwnTable, _ connection: PostgresConnection) throws(PostgresError) {
        let tenants: SQL =
            table.tenant.map { "count(distinct coalesce(\(identifier: $0.name)::text, ''))" } ?? "0::int8"
        let row = try connection.run(
            """
            select count(*), count(\(identifier: table.embedding.name)), \(sql: tenants),
                min(\(sql: table.moment)), max(\(sql: table.moment)),
                pg_total_relation_size(\(table.number)::oid),
                (select n_distinct::float8 from pg_stats where schemaname = \(table.schema)
                    and tablename = \(table.table) and attname = \(table.embedding.name) limit 1)
            from \(sql: table.name)
            """
        ).onlyRow()
        let vectors = try row.int(1)
        statistics.vectors = vectors
        statistics.distinct = Self.distinct(row.isNull(6) ? nil : try row.float8(6), of: vectors)
        statistics.tenants = try row.int(2)
        statistics.oldestDecision =
            row.isNull(3) ? nil : Timestamp(postgresMicroseconds: try row.timestamp(3))
        statistics.newestDecision =
            row.isNull(4) ? nil : Timestamp(postgresMicroseconds: try row.timestamp(4))
        statistics.diskBytes = try row.int(5)
        statistics.dimension = table.dimension
        statistics.recipe = "none: \(table.printedName)"
        let index = try OwnIndex.all(of: table, connection).first
        guard let index else {
            statistics.index = StoreStatistics.IndexReport(m: 0, efConstruction: 0, ef: 0)
            return
        }
        let isGraph = index.method == "hnsw"
        statistics.index = StoreStatistics.IndexReport(
            m: isGraph ? index.m : 0, efConstruction: isGraph ? index.efConstruction : 0,
            ef: try index.breadth(connection), quantization: "none",
            kernel: "pgvector \(index.method)", nodes: index.isUsable ? vectors : 0)
    }

    /// How many vectors differ, by the server's own estimate: a number, or less than 0 a share.
    private static func distinct(_ estimate: Double?, of vectors: Int) -> Int {
        guard let estimate, estimate.isFinite, estimate != 0 else { return vectors }
        let count = estimate > 0 ? estimate : -estimate * Double(vectors)
        return Int(max(0, min(Double(vectors), count.rounded())))
    }
}
