import Decisions
import VectorStores

extension ServerMeasurement {
    /// How long a look waits for a lock that somebody has on a table.
    private static let lockMilliseconds = 500

    /// Reads what the server knows; some milliseconds, and no lock that keeps anybody waiting.
    ///
    /// Where somebody else has a table to himself, sizes cannot be read: what was known of them stays.
    init(reading connection: PostgresConnection, before: ServerMeasurement?) throws(PostgresError) {
        let row = try connection.run(
            "select \(sql: TableLayout.question), \(sql: Schema.isLockedByAnother)"
        ).onlyRow()
        layout = TableLayout(rawValue: try row.text(0)) ?? .plain
        isBeingWorkedOn = try row.bool(1)
        settings = try ServerSettings(reading: connection)
        locks = try HeldLock.reading(connection)
        do throws(PostgresError) {
            try connection.transaction(.readCommitted) { connection throws(PostgresError) in
                _ = try connection.run(
                    "select set_config('lock_timeout', \("\(Self.lockMilliseconds)ms"), true)")
                tables = try ServerReport.Table.reading(connection, layout)
                indexes = try MeasuredIndex.reading(connection, layout)
                if layout.isByTenant {
                    leftovers = try LeftoverIndexes.names(connection)
                    parts = try IndexedPart.reading(connection, of: layout, index: nil)
                }
            }
        } catch  where error.sqlState == "55P03" {
            (tables, indexes) = (before?.tables ?? [], before?.indexes ?? [])
            (leftovers, parts) = (before?.leftovers ?? [], before?.parts ?? [])
        }
    }
}

extension ServerReport.Table {
    private static func names(_ layout: TableLayout) -> [String] {
        [layout.table, Schema.inbox, Schema.records, Schema.changes, Schema.retired]
    }

    fileprivate static func reading(
        _ connection: PostgresConnection, _ layout: TableLayout
    ) throws(PostgresError) -> [ServerReport.Table] {
        let bloat = try StatisticalBloat.tables(names(layout), connection)
        let answer = try connection.run(
            """
            select wanted.name, coalesce(sum(counted.n_live_tup), 0)::int8, coalesce(sum(counted.n_dead_tup), 0)::int8,
                sum(pg_table_size(relation.oid))::int8, sum(pg_indexes_size(relation.oid))::int8,
                coalesce(sum(io.heap_blks_hit), 0)::int8, coalesce(sum(io.heap_blks_read), 0)::int8,
                max(greatest(counted.last_vacuum, counted.last_autovacuum)),
                max(greatest(counted.last_analyze, counted.last_autoanalyze)),
                coalesce(string_agg(array_to_string(relation.reloptions, ','), ','), ''),
                sum(greatest(relation.reltuples, 0))::float8
            from unnest(\(names(layout))) with ordinality as wanted (name, place)
            cross join lateral (
                select to_regclass(wanted.name)::oid as oid
                union select relid from pg_partition_tree(to_regclass(wanted.name))) as part
            join pg_class as relation on relation.oid = part.oid and relation.relkind <> 'p'
            left join pg_stat_all_tables as counted on counted.relid = relation.oid
            left join pg_statio_all_tables as io on io.relid = relation.oid
            group by wanted.name, wanted.place order by wanted.place
            """)
        var tables: [ServerReport.Table] = []
        for row in answer.rows {
            let options = try row.text(9)
            let counted = try row.float8(10)
            let name = try row.text(0)
            tables.append(
                ServerReport.Table(
                    name: name,
                    // A server that lost its statistics counts from none; what vacuum wrote down is the other half.
                    liveRows: max(try row.int(1), counted < 1e15 ? Int(counted) : 0),
                    deadRows: try row.int(2),
                    bytes: try row.int(3), indexBytes: try row.int(4),
                    cacheHits: share(try row.int(5), of: try row.int(6)), lastVacuum: try time(row, 7),
                    lastAnalyze: try time(row, 8),
                    isVacuumed: !["false", "off", "0", "no"].contains { word in
                        options.contains("autovacuum_enabled=\(word)")
                    }, bloat: bloat[name]))
        }
        return tables
    }

    private static func time(_ row: PostgresRow, _ column: Int) throws(PostgresError) -> Timestamp? {
        try row.isNull(column) ? nil : Timestamp(postgresMicroseconds: row.timestamp(column))
    }
}

/// The share of what was found in memory; `nil` when nothing was read.
private func share(_ hits: Int, of reads: Int) -> Double? {
    hits + reads == 0 ? nil : Double(hits) / Double(hits + reads)
}

extension ServerMeasurement.MeasuredIndex {
    fileprivate static func reading(
        _ connection: PostgresConnection, _ layout: TableLayout
    ) throws(PostgresError) -> [ServerMeasurement.MeasuredIndex] {
        let bloat = try StatisticalBloat.indexes(of: [layout.table, Schema.inbox], connection)
        let answer = try connection.run(
            """
            select relation.relname::text, wanted.name, method.amname::text, whole.bytes, whole.scans,
                whole.hits, whole.reads,
                part.indisvalid and part.indisready, coalesce(array_to_string(relation.reloptions, ','), ''),
                class.opcname::text, part.indpred is not null
            from unnest(\([layout.table, Schema.inbox])) as wanted (name)
            join pg_index as part on part.indrelid = to_regclass(wanted.name)
            join pg_class as relation on relation.oid = part.indexrelid
            join pg_am as method on method.oid = relation.relam
            join pg_opclass as class on class.oid = part.indclass[0]
            cross join lateral (
                select coalesce(sum(pg_relation_size(leaf.oid)), 0)::int8 as bytes,
                    coalesce(sum(used.idx_scan), 0)::int8 as scans, coalesce(sum(io.idx_blks_hit), 0)::int8 as hits,
                    coalesce(sum(io.idx_blks_read), 0)::int8 as reads
                from (select relation.oid as oid union select relid from pg_partition_tree(relation.oid)) as leaf
                left join pg_stat_all_indexes as used on used.indexrelid = leaf.oid
                left join pg_statio_all_indexes as io on io.indexrelid = leaf.oid) as whole
            order by 4 desc, 1
            """)
        var indexes: [ServerMeasurement.MeasuredIndex] = []
        for row in answer.rows {
            let method = try row.text(2)
            var index = ServerReport.Index(
                name: try row.text(0), table: try row.text(1), method: method, bytes: try row.int(3),
                scans: try row.int(4), cacheHits: share(try row.int(5), of: try row.int(6)),
                isValid: try row.bool(7))
            if method == "hnsw" {
                let parameters = IndexParameters(options: try row.text(8))
                (index.m, index.efConstruction) = (parameters.m, parameters.efConstruction)
            }
            if method == "btree" { index.bloat = bloat[index.name] }
            indexes.append(
                ServerMeasurement.MeasuredIndex(
                    index: index, operatorClass: try row.text(9), isPartial: try row.bool(10)))
        }
        return indexes
    }
}

/// What an index of pgvector was built with.
struct IndexParameters: Sendable, Hashable {
    /// Links per node; pgvector's own number where none was given.
    var m = 16
    /// Breadth of construction; pgvector's own number where none was given.
    var efConstruction = 64

    init() {}

    /// Reads the options of an index: `m=16,ef_construction=64`.
    init(options: String) {
        for option in options.split(separator: ",") {
            let parts = option.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, let value = Int(parts[1]) else { continue }
            if parts[0] == "m" { m = value }
            if parts[0] == "ef_construction" { efConstruction = value }
        }
    }
}
