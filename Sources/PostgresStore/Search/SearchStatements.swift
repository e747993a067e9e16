import Decisions

/// The statements of searches: over the table and the inbox, whose rows count where both have one.
struct SearchStatements: Sendable {
    var storage: EmbeddingStorage
    var predicate: RowPredicate

    /// How rows are put into an order.
    struct Order {
        /// What is made of each row.
        var columns: SQL
        /// The order by it, without an end to ties.
        var terms: SQL
        /// Whether a row's place is not known to the server.
        var isOpen: SQL
    }

    /// Nearest first.
    ///
    /// Distances that differ by less than a millionth count as one: the last digits of floats would else decide which
    /// of many rows as near come first.
    func nearest(_ floats: [Float]) -> Order {
        Order(
            columns: "\(sql: storage.distance(to: floats)) as distance", terms: "round(distance * 1000000)",
            isOpen: "false")
    }

    /// Newest first, before them those whose time only a test tells.
    static let newest = Order(
        columns: "\(sql: RowMoment.second) as moment, \(sql: RowMoment.fraction) as fraction",
        terms: "moment desc nulls first, fraction desc", isOpen: "moment is null")

    /// Some rows of all in an order, read whole; each with the number of all, and whether its place is open.
    ///
    /// Only identifiers are put in order, which a server does on several processors, and their rows fetched then.
    func all(_ order: Order, offset: Int, limit: Int) -> SQL {
        """
        with best as materialized (
            select * from (
                select id, \(sql: order.columns), true as waits from decision_inbox
                where \(sql: predicate.sql)
                union all
                select id, \(sql: order.columns), false from decision_vectors as held
                where \(sql: predicate.sql) and \(sql: Self.isNewest)
            ) as compared
            order by \(sql: order.terms), id collate "C" offset \(offset) limit \(limit)
        )
        select held.id, held.embedding, held.metadata, held.created_at,
            (select count(*) from decision_inbox where \(sql: predicate.sql))
                + (select count(*) from decision_vectors as held
                    where \(sql: predicate.sql) and \(sql: Self.isNewest)),
            \(sql: order.isOpen)
        from best join lateral (
            select id, embedding, metadata, created_at from decision_inbox as waiting
            where best.waits and waiting.id = best.id
            union all
            select id, embedding, metadata, created_at from decision_vectors as moved
            where not best.waits and moved.id = best.id
        ) as held on true
        order by \(sql: order.terms), best.id collate "C"
        """
    }

    /// Whether no row of the inbox counts in place of one of the table.
    private static let isNewest: SQL =
        "not exists (select from decision_inbox as newer where newer.id = held.id)"

    /// The nearest rows that an index finds in the table, with those of the inbox, which has none.
    ///
    /// What the index gives is put in order behind a fence: a scan that goes on gives rows that come before others it
    /// gave, and halves are nearly as near only.
    func walk(to floats: [Float], by index: NeighborIndex, limit: Int) -> SQL {
        let distance = storage.distance(to: floats)
        return """
            with near as materialized (
                select id, embedding, metadata, created_at, \(sql: distance) as distance
                from decision_vectors where \(sql: predicate.sql)
                order by \(sql: index.order(to: floats)) limit \(limit)
            ), waiting as materialized (
                select id, \(sql: distance) as distance from decision_inbox where \(sql: predicate.sql)
            ), first as (
                select * from waiting order by round(distance * 1000000), id collate "C" limit \(limit)
            ), counted as (
                select (select count(*) from near) as near, (select count(*) from waiting) as waiting
            )
            select near.id, embedding, metadata, created_at, distance, counted.near, counted.waiting
            from near, counted
            where not exists (select from decision_inbox as newer where newer.id = near.id)
            union all
            select held.id, held.embedding, held.metadata, held.created_at, first.distance, counted.near,
                counted.waiting
            from first join decision_inbox as held on held.id = first.id, counted
            """
    }

    /// About how many rows of the table there are to compare: the server's plan says.
    var plan: SQL { "explain (format json) select from decision_vectors where \(sql: predicate.sql)" }

    /// Rows under one of some identifiers, or that had it before another was derived.
    static func rows(ids: [String], originals: [String]) -> SQL {
        let place = TextPlace(path: ["original_id"], text: "metadata->>'original_id'")
        let had = originals.map { place.holds(.string($0)) }
        let named: SQL = "(id = any(\(ids)) or \(sql: SQL.joined(had, by: " or ")))"
        return """
            select id, embedding, metadata, created_at from decision_inbox where \(sql: named)
            union all
            select id, embedding, metadata, created_at from decision_vectors as held where \(sql: named)
                and \(sql: isNewest)
            """
    }

    /// Settings for the transaction: how widely the index is walked, that a filter does not end the walk early, and
    /// that each search is planned for its own values.
    static func settings(breadth: Int) -> SQL {
        """
        select set_config('hnsw.ef_search', \("\(breadth)"), true),
            set_config('hnsw.iterative_scan', 'relaxed_order', true)
        """
    }

    static let planning: SQL =
        "select set_config('plan_cache_mode', 'force_custom_plan', true), set_config('jit', 'off', true)"
}
