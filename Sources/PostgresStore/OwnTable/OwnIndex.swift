import VectorStores

/// An index of neighbours that somebody's own table has.
struct OwnIndex: Sendable {
    var name: String
    /// `hnsw` or `ivfflat`.
    var method: String
    var metric: OwnMetric
    /// Whether it is of halves of a column of vectors.
    var isHalved: Bool
    /// Whether it is whole.
    var isUsable: Bool
    /// Whether it covers some rows only.
    var isPartial: Bool
    var bytes: Int
    /// How many searches went by it since the server's counters were reset.
    var scans: Int
    /// Its storage parameters, as they were given: `m`, `ef_construction`, `lists`.
    var parameters: [String: Int]

    var m: Int { parameters["m"] ?? 16 }
    var efConstruction: Int { parameters["ef_construction"] ?? 64 }

    /// The server's setting of how widely searches walk it.
    var breadthSetting: String { method == "ivfflat" ? "ivfflat.probes" : "hnsw.ef_search" }

    /// The breadth of searches that name none, as the server has it for this role.
    func breadth(_ connection: PostgresConnection) throws(PostgresError) -> Int {
        let text = try connection.run("select current_setting(\(breadthSetting), true)").onlyRow()
            .optionalText(0)
        return text.flatMap { Int($0) } ?? (method == "ivfflat" ? 1 : 40)
    }

    /// The indexes of neighbours of a table's vectors, those that searches can go by first.
    static func all(
        of table: OwnTable, _ connection: PostgresConnection
    ) throws(PostgresError) -> [OwnIndex] {
        let answer = try connection.run(
            """
            select relation.relname::text, method.amname::text, class.opcname::text,
                part.indisvalid and part.indisready, part.indpred is not null,
                pg_relation_size(part.indexrelid), coalesce(used.idx_scan, 0),
                coalesce(relation.reloptions, '{}'), part.indkey[0] = 0
            from pg_index as part
            join pg_class as relation on relation.oid = part.indexrelid
            join pg_am as method on method.oid = relation.relam
            join pg_opclass as class on class.oid = part.indclass[0]
            left join pg_stat_user_indexes as used on used.indexrelid = part.indexrelid
            where part.indrelid = \(table.number)::oid and method.amname in ('hnsw', 'ivfflat')
                and (part.indkey[0] = (select attnum from pg_attribute
                        where attrelid = part.indrelid and attname = \(table.embedding.name))
                    or pg_get_indexdef(part.indexrelid, 1, true)
                        = '(' || quote_ident(\(table.embedding.name)) || '::halfvec('
                            || \("\(table.dimension)") || '))')
            """)
        var indexes: [OwnIndex] = []
        for row in answer.rows {
            guard let metric = OwnMetric(operatorClass: try row.text(2)) else { continue }
            var parameters: [String: Int] = [:]
            for option in try row.texts(7) {
                let parts = option.split(separator: "=", maxSplits: 1)
                if parts.count == 2 { parameters[String(parts[0])] = Int(parts[1]) }
            }
            indexes.append(
                OwnIndex(
                    name: try row.text(0), method: try row.text(1), metric: metric,
                    isHalved: try row.bool(8), isUsable: try row.bool(3), isPartial: try row.bool(4),
                    bytes: try row.int(5), scans: try row.int(6), parameters: parameters))
        }
        return indexes.sorted { one, other in
            if one.serves != other.serves { return one.serves }
            return one.metric == other.metric ? one.name < other.name : one.metric == .cosine
        }
    }

    /// Whether every search can go by it.
    var serves: Bool { isUsable && !isPartial }

    /// The expression that a planner finds the index by.
    func order(to floats: [Float], in table: OwnTable) -> SQL {
        let column: SQL = "\(identifier: table.embedding.name)"
        guard isHalved else { return metric.distance(column, table.bound(floats)) }
        let half: SQL = "halfvec(\(number: table.dimension))"
        return metric.distance(
            "\(sql: column)::\(sql: half)", "\(floats)::vector::\(sql: half)")
    }
}

extension OwnTable {
    /// A vector in the type of the table's own.
    func bound(_ floats: [Float]) -> SQL {
        isHalf ? "\(floats)::vector::halfvec" : "\(floats)::vector"
    }
}

/// How an index measures distances.
enum OwnMetric: String, Sendable, Hashable {
    case cosine
    case euclidean
    case innerProduct = "inner product"
    case taxicab

    init?(operatorClass: String) {
        switch operatorClass {
        case "vector_cosine_ops", "halfvec_cosine_ops": self = .cosine
        case "vector_l2_ops", "halfvec_l2_ops": self = .euclidean
        case "vector_ip_ops", "halfvec_ip_ops": self = .innerProduct
        case "vector_l1_ops", "halfvec_l1_ops": self = .taxicab
        default: return nil
        }
    }

    func distance(_ one: SQL, _ other: SQL) -> SQL {
        switch self {
        case .cosine: "\(sql: one) <=> \(sql: other)"
        case .euclidean: "\(sql: one) <-> \(sql: other)"
        case .innerProduct: "\(sql: one) <#> \(sql: other)"
        case .taxicab: "\(sql: one) <+> \(sql: other)"
        }
    }
}
