/// The index by which a server finds neighbours in the user's table.
enum NeighborIndex: String, Sendable, Hashable {
    /// Of the vectors themselves.
    case vector
    /// Of their halves: `((embedding::halfvec(384)) halfvec_cosine_ops)`, half as large.
    case halfVector

    /// The most candidates that a walk of pgvector keeps.
    static let maximumBreadth = 1_000

    /// Finds one that is whole and covers every row; somebody's own of halves goes first, made for searches.
    static func find(
        _ connection: PostgresConnection, _ layout: TableLayout
    ) throws(PostgresError) -> NeighborIndex? {
        let answer = try connection.run(
            """
            select class.opcname::text, pg_get_indexdef(part.indexrelid, 1, true)
            from pg_index as part
            join pg_class as relation on relation.oid = part.indexrelid
            join pg_am as method on method.oid = relation.relam
            join pg_opclass as class on class.oid = part.indclass[0]
            where part.indrelid = to_regclass(\(layout.table)) and method.amname = 'hnsw'
                and part.indisvalid and part.indisready and part.indpred is null
            """)
        var found: Set<NeighborIndex> = []
        for row in answer.rows {
            switch (try row.text(0), try row.text(1).filter { !" ()".contains($0) }) {
            case ("vector_cosine_ops", "embedding"): found.insert(.vector)
            case ("halfvec_cosine_ops", "embedding::halfvec\(Schema.dimension)"): found.insert(.halfVector)
            default: continue
            }
        }
        return found.contains(.halfVector) ? .halfVector : found.first
    }

    /// The rows that are looked at for repetitions.
    private static let sampledRows = 3_000.0
    /// Among so many of which one more is distinct, few repeat.
    private static let leastDistinctShare = 0.99

    /// Whether many rows of a table have the vector of another, as a sample of its pages tells.
    ///
    /// pgvector links those with each other, and others are then not found however widely it walks.
    static func hasRepetitions(
        among rows: Double, in relation: SQL, _ connection: PostgresConnection
    ) throws(PostgresError) -> Bool {
        let percent = min(100, 100 * sampledRows / max(rows, 1))
        let row = try connection.run(
            """
            select count(*), count(distinct embedding) from \(sql: relation)
                tablesample system (\(percent)::real) repeatable (1)
            """
        ).onlyRow()
        return Double(try row.int(1)) < leastDistinctShare * Double(try row.int(0))
    }

    /// The distance by which the index orders, in the very words that a planner finds it by.
    func order(to floats: [Float]) -> SQL {
        switch self {
        case .vector: "embedding <=> \(floats)::vector"
        case .halfVector: "embedding::halfvec(384) <=> \(floats)::vector::halfvec(384)"
        }
    }
}

extension EmbeddingStorage {
    /// The cosine distance of a row's vector; not a number where a vector has no direction.
    func distance(to floats: [Float]) -> SQL {
        switch self {
        case .vector: "(embedding <=> \(floats)::vector)"
        // Some 50 µs a row, since the server has no arithmetic of arrays.
        case .array:
            """
            coalesce((select 1 - sum(one::float8 * other)
                    / nullif(sqrt(sum(one::float8 * one)) * sqrt(sum(other::float8 * other)), 0)
                from unnest(embedding, \(floats)) as pair (one, other)), 'NaN'::float8)
            """
        }
    }
}
