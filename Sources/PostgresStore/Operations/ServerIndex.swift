import VectorStores

/// The index of neighbours that the server has, whole or not.
struct ServerIndex: Sendable, Hashable {
    let name: String
    /// What it is of: ``IndexDefinition/neighbors``, or the same of halves.
    let form: IndexDefinition

    init(name: String, form: IndexDefinition = .neighbors) {
        self.name = name
        self.form = form
    }

    /// The one that serves, else one that would if it were whole; `nil` where there is none.
    ///
    /// One of halves goes first, as it does in searches.
    init?(in facts: DatabaseFacts) {
        let all = facts.tables[Schema.vectors]?.indexes ?? []
        var fitting: [(index: IndexFacts, form: IndexDefinition)] = []
        for form in [IndexDefinition.halfNeighbors, .neighbors] {
            for index in all where !LeftoverIndexes.isLeftover(index.name) {
                var whole = index
                whole.isUsable = true
                if form.isSame(as: whole) { fitting.append((index, form)) }
            }
        }
        guard let found = fitting.first(where: { $0.index.isUsable }) ?? fitting.first else { return nil }
        self.init(name: found.index.name, form: found.form)
    }

    /// Why this session cannot build it anew, and what to do; `nil` when it can.
    static func refusal(_ facts: DatabaseFacts, _ connection: PostgresConnection) -> String? {
        if connection.isPooled {
            return "a pooler stands between, which keeps no session: name the server itself in the address"
        }
        if facts.isStandby { return "this server is a standby: name the primary in the address" }
        guard let table = facts.tables[Schema.vectors] else { return nil }
        if table.kind != "r" || facts.layout.isByTenant {
            return "\(Schema.vectors) is no plain table: rebuild the indexes of its parts with reindex index "
                + "concurrently"
        }
        if table.isOwn { return nil }
        return
            "only the owner of \(Schema.vectors), role \(printed(table.owner)), may build its index: rebuild as a "
            + "member of that role, with options=-crole%3D\(printed(table.owner)) in the address"
    }

    /// Its size and what it was built with.
    func measured(
        _ connection: PostgresConnection
    ) throws(PostgresError) -> (bytes: Int, parameters: IndexParameters) {
        let row = try connection.run(
            """
            select pg_relation_size(part.indexrelid), coalesce(array_to_string(relation.reloptions, ','), '')
            from pg_index as part join pg_class as relation on relation.oid = part.indexrelid
            where part.indrelid = to_regclass(\(Schema.vectors)) and relation.relname = \(name)
            """
        ).onlyRow()
        return (try row.int(0), IndexParameters(options: try row.text(1)))
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

    /// The statement that builds an index with these, beside all who read and write.
    func creating(_ name: String, as definition: IndexDefinition) -> String {
        "create index concurrently \(SQL.quoted(identifier: name)) on \(definition.table) using hnsw "
            + "(\(definition.key) \(definition.operatorClass)) with (m = \(m), ef_construction = \(efConstruction))"
    }
}
