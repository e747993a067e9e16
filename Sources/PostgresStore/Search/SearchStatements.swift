import Decisions

/// The statements of searches: over the table and the inbox, whose rows count where both have one.
struct SearchStatements: Sendable {
    var storage: EmbeddingStorage
    var predicate: RowPredicate
    /// How the rows lie.
    var layout = TableLayout.plain
    /// What finds the partition that the predicate keeps to; nothing where it keeps to none.
    var scope = RowPredicate.always

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
    /// Only identifiers are put in order, which a server does on several processors, and their rows fetched then: by
    /// the scope once more, or each would be looked for in every partition.
    func all(_ order: Order, offset: Int, limit: Int) -> SQL {
        """
        with best as materialized (
            select * from (
                select \(sql: layout.key), \(sql: order.columns), true as waits from decision_inbox
                where \(sql: predicate.sql)
                union all
                select \(sql: layout.key), \(sql: order.columns), false from \(sql: layout.rows) as held
                where \(sql: predicate.sql) and \(sql: Self.isNewest(layout))
            ) as compared
            order by \(sql: order.terms), id collate "C" offset \(offset) limit \(limit)
        )
        select held.id, held.embedding, held.metadata, held.created_at,
            (select count(*) from decision_inbox where \(sql: predicate.sql))
                + (select count(*) from \(sql: layout.rows) as held
                    where \(sql: predicate.sql) and \(sql: Self.isNewest(layout))),
            \(sql: order.isOpen)
        from best as newer join lateral (
            select id, embedding, metadata, created_at from decision_inbox as held
            where newer.waits and \(sql: layout.isSameRow)
            union all
            select id, embedding, metadata, created_at from \(sql: layout.rows) as held
            where not newer.waits and \(sql: layout.isSameRow) and \(sql: scope.sql)
        ) as held on true
        order by \(sql: order.terms), newer.id collate "C"
        """
    }

    /// Whether no row of the inbox counts in place of one of the table.
    private static func isNewest(_ layout: TableLayout) -> SQL {
        "not exists (select from decision_inbox as newer where \(sql: layout.isSameRow))"
    }

    /// The nearest rows that an index finds in the table, with those of the inbox, which has none.
    ///
    /// What the index gives is put in order behind a fence: a scan that goes on gives rows that come before others it
    /// gave, and halves are nearly as near only. For the rows of the inbox the target is made a vector once, not for
    /// each.
    ///
    /// Of what is found only the `wanted` nearest are given, of those as near the first by identifier: to send and
    /// read a row takes longer than to find it, and where decisions repeat there are many as near. Where there are
    /// fewer, all are given, also at a distance that is no number. The server is told numbers of rows in the text: it
    /// plans for them then, also where it plans once for all.
    func walk(to floats: [Float], by index: NeighborIndex, limit: Int, wanted: Int) -> SQL {
        let distance = storage.distance(to: floats)
        return """
            with near as materialized (
                select \(sql: layout.columns), \(sql: distance) as distance
                from \(sql: layout.rows) where \(sql: predicate.sql)
                order by \(sql: index.order(to: floats)) limit \(number: limit)
            ), waiting as materialized (
                select \(sql: layout.key), embedding <=> (select \(floats)::vector) as distance
                from decision_inbox where \(sql: predicate.sql)
            ), first as (
                select * from waiting order by round(distance * 1000000), id collate "C" limit \(number: limit)
            ), newest as materialized (
                select * from near as held where \(sql: Self.isNewest(layout))
            ), counted as (
                select (select count(*) from near) as near, (select count(*) from waiting) as waiting,
                    coalesce(last.place, 'NaN') as place, last.id as last
                from (values (1)) as one left join (
                    select round(distance * 1000000) as place, id
                    from (select distance, id from newest union all select distance, id from first) as candidates
                    order by place, id collate "C" offset \(number: wanted - 1) limit 1
                ) as last on true
            )
            select id, embedding, metadata, created_at, distance, counted.near, counted.waiting
            from newest, counted
            where (round(distance * 1000000), id collate "C") <= (counted.place, coalesce(counted.last, id))
            union all
            select held.id, held.embedding, held.metadata, held.created_at, newer.distance, counted.near,
                counted.waiting
            from first as newer join decision_inbox as held on \(sql: layout.isSameRow), counted
            where (round(newer.distance * 1000000), newer.id collate "C")
                <= (counted.place, coalesce(counted.last, newer.id))
            """
    }

    /// About how many rows of the table there are to compare, and where: the server's plan says.
    var plan: SQL {
        "explain (verbose, format json) select from \(sql: layout.rows) where \(sql: predicate.sql)"
    }

    /// Whether there is a row of some kind.
    static func hasRow(_ predicate: RowPredicate, layout: TableLayout) -> SQL {
        """
        select exists (select from decision_inbox where \(sql: predicate.sql))
            or exists (select from \(sql: layout.rows) where \(sql: predicate.sql))
        """
    }

    /// Rows of a scope under one of some identifiers, or that had it before another was derived.
    static func rows(
        ids: [String], originals: [String], scope: RowPredicate = .always, layout: TableLayout
    ) -> SQL {
        let place = TextPlace(path: ["original_id"], text: "metadata->>'original_id'")
        let had = originals.map { place.holds(.string($0)) }
        let named: SQL = "\(sql: scope.sql) and (id = any(\(ids)) or \(sql: SQL.joined(had, by: " or ")))"
        return """
            select id, embedding, metadata, created_at from decision_inbox where \(sql: named)
            union all
            select id, embedding, metadata, created_at from \(sql: layout.rows) as held where \(sql: named)
                and \(sql: isNewest(layout))
            """
    }

    /// Settings for a transaction: how widely an index is walked, and that a filter does not end the walk early.
    static func settings(breadth: Int) -> SQL {
        """
        select set_config('hnsw.ef_search', \("\(breadth)"), true),
            set_config('hnsw.iterative_scan', 'relaxed_order', true)
        """
    }

    /// The same, and that the walk is planned for its own values, or once for all where it has none but its target.
    func settings(breadth: Int) -> SQL {
        var mode = "force_custom_plan"
        // Citus has no plan for values that it does not know yet.
        if case .always = predicate, layout != .distributed { mode = "force_generic_plan" }
        return """
            \(sql: Self.settings(breadth: breadth)), set_config('plan_cache_mode', \(mode), true),
                set_config('jit', 'off', true)
            """
    }

    /// Settings that the transaction of a search begins with: each statement is planned for its own values, and not
    /// compiled.
    static let planning: StaticString = "set local plan_cache_mode = force_custom_plan; set local jit = off"
}
