import VectorStores

/// How many times larger tables and btree indexes are than they need be, by what the server's statistics say of rows.
///
/// The idea is that of check_postgres and of the queries that ioguix/pgsql-bloat-estimation collects: the number of
/// rows times their mean width, with what a row and a page take beside that, gives the pages that are needed; the
/// server knows how many there are. It reads catalogs alone, so that it costs milliseconds however large a table is,
/// and is as old as the last vacuum or analyze. What is kept apart from its row (TOAST) is not looked at.
enum StatisticalBloat {
    /// Under this many pages one more or less decides.
    private static let leastPages = 32.0

    /// Estimates for tables, partitions counted together; none for a table whose statistics are missing or hidden.
    static func tables(
        _ names: [String], _ connection: PostgresConnection
    ) throws(PostgresError) -> [String: Double] {
        try factors(
            """
            with part as (
                select wanted.name, relation.oid, relation.relname as part, space.nspname as space,
                    relation.relpages::float8 as pages, relation.reltuples::float8 as rows,
                    relation.relnatts as columns,
                    \(sql: filled("relation.reloptions", of: "100")) as filled
                from unnest(\(names)) as wanted (name)
                cross join lateral (
                    select to_regclass(wanted.name)::oid as oid
                    union select relid from pg_partition_tree(to_regclass(wanted.name))) as leaf
                join pg_class as relation on relation.oid = leaf.oid and relation.relkind = 'r'
                join pg_namespace as space on space.oid = relation.relnamespace
            ), shape as (
                -- What is aligned to 4 or 8 bytes leaves half of the others empty in the mean; a short text is not.
                select part.oid, bool_and(known.attname is not null) as is_known,
                    coalesce(bool_or(known.null_frac > 0), false) as has_nulls,
                    sum((1 - known.null_frac) * (known.avg_width + case
                        when attribute.attlen < 0 and known.avg_width <= 126 then 0
                        when attribute.attalign = 'd' then 3.5 when attribute.attalign = 'i' then 1.5 else 0 end))
                        as width
                from part join pg_attribute as attribute
                    on attribute.attrelid = part.oid and attribute.attnum > 0 and not attribute.attisdropped
                left join pg_stats as known on known.schemaname = part.space and known.tablename = part.part
                    and known.attname = attribute.attname and not known.inherited
                group by part.oid
            ), need as (
                -- A row has a pointer of 4 bytes, a head of 23 and a bit for each column where some are null; a page
                -- has a head of 24, and half a row finds no room on it in the mean.
                select part.name, part.pages, part.rows,
                    shape.is_known and part.rows >= 0 or part.pages = 0 as is_known,
                    4 + 8 * ceil((23 + case when shape.has_nulls then (part.columns + 7) / 8 else 0 end) / 8.0)
                        + 8 * ceil(shape.width / 8) as bytes,
                    (current_setting('block_size')::float8 - 24) * part.filled as room
                from part join shape on shape.oid = part.oid
            )
            -- Of what is empty no width is known, and none is needed.
            select name, sum(pages),
                sum(coalesce(greatest(rows, 0) * bytes / greatest(room - bytes / 2, room / 2), 0))
            from need group by name having bool_and(is_known)
            """, connection)
    }

    /// Estimates for the btree indexes of tables, those of partitions counted together.
    ///
    /// Of an expression only the owner of its index sees the statistics.
    static func indexes(
        of tables: [String], _ connection: PostgresConnection
    ) throws(PostgresError) -> [String: Double] {
        try factors(
            """
            with part as (
                select whole.relname::text as name, own.oid, own.relname as part, held.relname as held,
                    space.nspname as space, own.relpages::float8 as pages, own.reltuples::float8 as rows,
                    indexed.indkey, indexed.indisunique as is_unique, indexed.indnkeyatts as keys,
                    \(sql: filled("own.reloptions", of: "90")) as filled
                from unnest(\(tables)) as wanted (name)
                join pg_index as top on top.indrelid = to_regclass(wanted.name)
                join pg_class as whole on whole.oid = top.indexrelid
                join pg_am as method on method.oid = whole.relam and method.amname = 'btree'
                cross join lateral (
                    select whole.oid as oid union select relid from pg_partition_tree(whole.oid)) as leaf
                join pg_class as own on own.oid = leaf.oid and own.relkind = 'i'
                join pg_index as indexed on indexed.indexrelid = own.oid and indexed.indpred is null
                join pg_class as held on held.oid = indexed.indrelid
                join pg_namespace as space on space.oid = held.relnamespace
            ), shape as (
                select part.oid, bool_and(known.attname is not null) as is_known,
                    coalesce(bool_or(known.null_frac > 0), false) as has_nulls,
                    sum((1 - known.null_frac) * known.avg_width) as width,
                    min(case when known.n_distinct < 0 then -known.n_distinct * greatest(part.rows, 1)
                        else known.n_distinct end) as different
                from part join pg_attribute as attribute on attribute.attrelid = part.oid and attribute.attnum > 0
                left join pg_stats as known on known.schemaname = part.space and not known.inherited
                    and known.attname = attribute.attname
                    and known.tablename
                        = case part.indkey[attribute.attnum - 1] when 0 then part.part else part.held end
                group by part.oid
            ), need as (
                -- An entry has a pointer of 4 bytes and a head of 8; those of one key share an entry, 6 bytes each, up
                -- to a sixth of a page. A page has a head of 24 and 16 at its end, and repeats one key. Of a table
                -- without rows nothing is known, and its index has one page.
                select part.name, part.pages, part.rows,
                    shape.is_known and part.rows >= 0 or part.pages <= 1 as is_known,
                    12 + 8 * ceil((shape.width + case when shape.has_nulls then 8 else 0 end) / 8) as bytes,
                    case when part.is_unique or part.keys > 1 or coalesce(shape.different, 0) <= 0 then 1
                        else least(200, greatest(1, part.rows / shape.different)) end as sharing,
                    (current_setting('block_size')::float8 - 40) * part.filled as room
                from part join shape on shape.oid = part.oid
            )
            select name, sum(pages), sum(2 + coalesce(greatest(rows, 0)
                * (case when sharing > 1.5 then 6 + bytes / sharing else bytes end)
                / greatest(room - bytes, room / 2), 0))
            from need group by name having bool_and(is_known)
            """, connection)
    }

    /// How far pages are filled, 0 to 1, where the options of a relation do not say.
    private static func filled(_ options: SQL, of usual: SQL) -> SQL {
        """
        coalesce((select option_value::float8 from pg_options_to_table(\(sql: options))
            where option_name = 'fillfactor'), \(sql: usual)) / 100
        """
    }

    private static func factors(
        _ statement: SQL, _ connection: PostgresConnection
    ) throws(PostgresError) -> [String: Double] {
        var factors: [String: Double] = [:]
        for row in try connection.run(statement).rows {
            let (pages, needed) = (try row.float8(1), try row.float8(2))
            guard pages >= leastPages, needed.isFinite else { continue }
            // What need not be there at all still counts as something.
            factors[try row.text(0)] = max(1, pages / max(needed, leastPages))
        }
        return factors
    }
}
