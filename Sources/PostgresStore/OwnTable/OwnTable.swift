import VectorStores

/// A table that somebody else made, as an address names it: which columns it has, and how neighbours are found in it.
///
/// Names come from the address. The server is asked whether they are there by comparing texts; only then are they
/// written into statements, quoted.
struct OwnTable: Sendable {
    /// The schema and the table.
    var schema: String
    var table: String
    var id: Column
    var embedding: Column
    var metadata: Column?
    var time: Column?
    var tenant: Column?
    /// Dimensions of its vectors; 0 where it has no row that says.
    var dimension: Int
    /// The number of the relation.
    var number: Int64
    /// About how many rows it has.
    var estimatedRows: Int

    /// A column.
    struct Column: Sendable, Hashable {
        var name: String
        /// The type's own name: `int8`, `vector`.
        var type: String
    }

    /// Whether vectors are held as halves.
    var isHalf: Bool { embedding.type == "halfvec" }

    /// The table, as statements name it.
    var name: SQL { "\(identifier: schema).\(identifier: table)" }

    /// The table for people.
    var printedName: String { PrintedText.escaped("\(schema).\(table)", limit: 120) }

    /// Finds the table that an address names; says what is missing or of another type.
    init(
        _ wanted: String, _ columns: PostgresServerAddress.Columns, _ connection: PostgresConnection
    ) throws(PostgresError) {
        let found = try connection.run(
            """
            select relation.oid::int8, place.nspname::text, relation.relname::text,
                greatest(relation.reltuples, 0)::float8
            from pg_class as relation join pg_namespace as place on place.oid = relation.relnamespace
            where relation.relkind in ('r', 'p', 'm', 'v', 'f')
                and (relation.relname = \(wanted) and pg_table_is_visible(relation.oid)
                    or place.nspname || '.' || relation.relname = \(wanted))
            order by pg_table_is_visible(relation.oid) desc, relation.oid limit 1
            """)
        let printed = PrintedText.escaped(wanted, limit: 120)
        guard let row = found.rows.first else {
            throw PostgresError(
                .missing,
                "\(connection.address) has no table \(printed): write its name as the server does, with the "
                    + "schema before it where that is not on the search path")
        }
        number = try row.int8(0)
        schema = try row.text(1)
        table = try row.text(2)
        estimatedRows = Int(min(try row.float8(3), 1e15))
        var types: [String: (type: String, modifier: Int)] = [:]
        let described = try connection.run(
            """
            select attribute.attname::text, kind.typname::text, attribute.atttypmod::int8
            from pg_attribute as attribute join pg_type as kind on kind.oid = attribute.atttypid
            where attribute.attrelid = \(number)::oid and attribute.attnum > 0 and not attribute.attisdropped
            """)
        for row in described.rows { types[try row.text(0)] = (try row.text(1), try row.int(2)) }
        let at = "table \(printed) of \(connection.address)"
        func column(_ name: String, _ parameter: String) throws(PostgresError) -> Column {
            guard let type = types[name]?.type else {
                throw PostgresError(
                    .missing,
                    "\(at) has no column \(PrintedText.escaped(name, limit: 80)): say which it is by "
                        + "\(parameter)=NAME")
            }
            return Column(name: name, type: type)
        }
        let defaults = PostgresServerAddress.Columns()
        func optional(
            _ name: String?, _ usual: String?, _ parameter: String
        ) throws(PostgresError) -> Column? {
            guard let name else { return nil }
            return name == usual && types[name] == nil ? nil : try column(name, parameter)
        }
        id = try column(columns.id, "id")
        embedding = try column(columns.embedding, "embedding")
        metadata = try optional(columns.metadata, defaults.metadata, "metadata")
        time = try optional(columns.time, defaults.time, "time")
        tenant = try optional(columns.tenant, nil, "tenant")
        guard ["vector", "halfvec"].contains(embedding.type) else {
            throw PostgresError(
                .usage,
                "column \(PrintedText.escaped(embedding.name, limit: 80)) of \(at) is of type "
                    + "\(PrintedText.escaped(embedding.type, limit: 80)): name one of pgvector's type vector or "
                    + "halfvec by embedding=NAME")
        }
        if let time, !["timestamp", "timestamptz", "date"].contains(time.type) {
            throw PostgresError(
                .usage,
                "column \(PrintedText.escaped(time.name, limit: 80)) of \(at) holds no times: name another by "
                    + "time=NAME")
        }
        dimension = max(0, types[embedding.name]?.modifier ?? 0)
        if dimension == 0 { dimension = try measured(connection) }
    }

    /// The dimension of its first vector.
    private func measured(_ connection: PostgresConnection) throws(PostgresError) -> Int {
        let row = try connection.run(
            """
            select vector_dims(\(sql: vector))::int8 from \(sql: name)
            where \(identifier: embedding.name) is not null limit 1
            """
        ).rows.first
        return try row?.int(0) ?? 0
    }

    // MARK: Columns in statements

    /// A row's vector as one of single precision.
    var vector: SQL {
        isHalf ? "\(identifier: embedding.name)::vector" : "\(identifier: embedding.name)"
    }

    /// A row's identifier as text.
    var text: SQL { "\(identifier: id.name)::text" }

    /// What is read of a row: identifier, vector, metadata, time in UTC, tenant.
    var columns: SQL {
        let metadata: SQL = self.metadata.map { "to_jsonb(\(identifier: $0.name))" } ?? "null::jsonb"
        let tenant: SQL = self.tenant.map { "\(identifier: $0.name)::text" } ?? "null::text"
        return "\(sql: text), \(sql: vector), \(sql: metadata), \(sql: moment), \(sql: tenant)"
    }

    /// A row's time in UTC.
    var moment: SQL {
        guard let time else { return "null::timestamp" }
        return time.type == "timestamptz"
            ? "(\(identifier: time.name) at time zone 'UTC')" : "\(identifier: time.name)::timestamp"
    }

    /// The rows of an identifier, asked so that an index on it serves; nobody has one that its type cannot hold.
    func isNamed(_ id: String) -> RowPredicate {
        let column: SQL = "\(identifier: self.id.name)"
        switch self.id.type {
        case "int2", "int4", "int8":
            guard let number = Int64(id) else { return .never }
            return .when("\(sql: column) = \(number)")
        case "text", "varchar": return .when("\(sql: column) = \(id)")
        default: return .when("\(sql: text) = \(id)")
        }
    }

    /// The rows of one tenant.
    func isOf(_ tenant: String) -> RowPredicate {
        guard let column = self.tenant else { return .always }
        if tenant.isEmpty { return .when("coalesce(\(identifier: column.name)::text, '') = ''") }
        let isText = ["text", "varchar"].contains(column.type)
        return isText
            ? .when("\(identifier: column.name) = \(tenant)")
            : .when("\(identifier: column.name)::text = \(tenant)")
    }
}
