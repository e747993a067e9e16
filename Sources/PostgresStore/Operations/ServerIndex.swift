import VectorStores

/// The index of neighbours that the server has, whole or not.
struct ServerIndex: Sendable, Hashable {
    let name: String
    /// What it is of: ``IndexDefinition/neighbors``, or the same of halves.
    let form: IndexDefinition
    /// Whether it answers: one whose building failed does not, nor one that some partition lacks.
    var isWhole = true

    init(name: String, form: IndexDefinition = .neighbors) {
        self.name = name
        self.form = form
    }

    /// The one that serves, else one that would if it were whole; `nil` where there is none.
    ///
    /// One of halves goes first, as it does in searches; where the session asks for a form, no other counts.
    init?(in facts: DatabaseFacts) {
        let all = Self.all(in: facts).filter { $0.isWished(facts) }
        guard let found = all.first(where: \.isWhole) ?? all.first else { return nil }
        self = found
    }

    /// Those that another is to take the place of, since the session asks for another form.
    static func unwished(_ facts: DatabaseFacts) -> [ServerIndex] {
        all(in: facts).filter { !$0.isWished(facts) }
    }

    private func isWished(_ facts: DatabaseFacts) -> Bool {
        guard let wish = facts.wishedNeighbors else { return true }
        return form.operatorClass == wish.definition.operatorClass
    }

    /// Every index of neighbours that covers all rows, whole or not, those of halves first.
    static func all(in facts: DatabaseFacts) -> [ServerIndex] {
        let all = facts.tables[Schema.vectors]?.indexes ?? []
        var fitting: [ServerIndex] = []
        for form in [IndexDefinition.halfNeighbors, .neighbors] {
            for index in all where !LeftoverIndexes.isLeftover(index.name) {
                var whole = index
                whole.isUsable = true
                guard form.isSame(as: whole) else { continue }
                var found = ServerIndex(name: index.name, form: form)
                found.isWhole = index.isUsable
                fitting.append(found)
            }
        }
        return fitting
    }

    /// Why this session cannot build it anew, and what to do; `nil` when it can.
    static func refusal(_ facts: DatabaseFacts, _ connection: PostgresConnection) -> String? {
        if connection.isPooled {
            return "a pooler stands between, which keeps no session: name the server itself in the address"
        }
        if facts.isStandby { return "this server is a standby: name the primary in the address" }
        if let obstacle = facts.neighborObstacle { return obstacle }
        guard let table = facts.tables[Schema.vectors] else { return nil }
        let name = facts.layout.table
        if table.kind != "r", !(table.kind == "p" && facts.layout == .partitioned) {
            return
                "\(name) is neither a plain table nor one that verdict migrate parted: rebuild the indexes of its "
                + "parts with reindex index concurrently"
        }
        if table.isOwn { return nil }
        return
            "only the owner of \(name), role \(printed(table.owner)), may build its index: rebuild as a "
            + "member of that role, with options=-crole%3D\(printed(table.owner)) in the address"
    }

    /// Its size, that of its partitions included, and what it was built with.
    func measured(
        _ connection: PostgresConnection, on layout: TableLayout
    ) throws(PostgresError) -> (bytes: Int, parameters: IndexParameters) {
        let row = try connection.run(
            """
            select (select coalesce(sum(pg_relation_size(leaf.oid)), 0)::int8
                    from (select relation.oid as oid union select relid from pg_partition_tree(relation.oid)) as leaf),
                coalesce(array_to_string(relation.reloptions, ','), '')
            from pg_index as part join pg_class as relation on relation.oid = part.indexrelid
            where part.indrelid = to_regclass(\(layout.table)) and relation.relname = \(name)
            """
        ).onlyRow()
        return (try row.int(0), IndexParameters(options: try row.text(1)))
    }
}

/// A table that has an index of its own: a partition, or the whole table where there are none.
struct IndexedPart: Sendable, Hashable {
    var table: String
    /// Its own index within the one of all partitions; `nil` where it has none.
    var index: String?
    /// The table's bytes without indexes.
    var bytes: Int
    /// About how many rows it has.
    var rows: Int

    /// Whether it has the name of a partition that a migration makes.
    var isMadeHere: Bool { table.wholeMatch(of: #/decision_rows_[0-9]+/#) != nil }

    /// Reads the partitions of a table with their parts of an index; none where it has no partitions.
    static func reading(
        _ connection: PostgresConnection, of layout: TableLayout, index: String?
    ) throws(PostgresError) -> [IndexedPart] {
        let answer = try connection.run(
            """
            select part.relname::text, (
                    select own.relname::text from pg_inherits as held
                    join pg_class as whole on whole.oid = held.inhparent and whole.relname = \(index)::text
                    join pg_index as indexed on indexed.indexrelid = held.inhrelid and indexed.indrelid = part.oid
                    join pg_class as own on own.oid = held.inhrelid
                    limit 1),
                pg_relation_size(part.oid), greatest(part.reltuples, 0)::float8
            from pg_partition_tree(to_regclass(\(layout.table))) as leaf
            join pg_class as part on part.oid = leaf.relid
            where leaf.isleaf and leaf.level > 0
            order by length(part.relname), part.relname
            """)
        var parts: [IndexedPart] = []
        for row in answer.rows {
            let bytes = try row.int(2)
            parts.append(
                IndexedPart(
                    table: try row.text(0), index: try row.optionalText(1), bytes: bytes,
                    rows: TableFacts.rows(counted: try row.float8(3), bytes: bytes)))
        }
        return parts
    }
}

extension IndexParameters {
    /// Why parameters cannot be had.
    struct Refusal: Error {
        var reason: String
    }

    /// The parameters that a request asks for; what it does not name stays.
    ///
    /// pgvector wants a breadth of at least twice the links: one that nobody named follows.
    func changed(by request: RebuildRequest) -> Result<IndexParameters, Refusal> {
        var wanted = self
        if let m = request.m { wanted.m = m }
        if let efConstruction = request.efConstruction {
            guard efConstruction >= 2 * wanted.m else {
                return .failure(
                    Refusal(
                        reason:
                            "pgvector takes an ef_construction of at least twice m, here \(2 * wanted.m): give it "
                            + "--ef-construction \(2 * wanted.m) or more"))
            }
            wanted.efConstruction = efConstruction
        } else {
            wanted.efConstruction = max(efConstruction, 2 * wanted.m)
        }
        return .success(wanted)
    }
}

extension IndexDefinition {
    /// The same with other parameters, and another name.
    func with(_ parameters: IndexParameters, name: String) -> IndexDefinition {
        IndexDefinition(
            name: name, table: table, method: method, key: key, operatorClass: operatorClass,
            otherClasses: otherClasses,
            parameters: "m = \(parameters.m), ef_construction = \(parameters.efConstruction)",
            rowsPerSecond: rowsPerSecond)
    }
}
