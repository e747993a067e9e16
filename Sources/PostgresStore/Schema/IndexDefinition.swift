/// An index that a table should have, whatever it is called there.
struct IndexDefinition: Sendable, Hashable {
    /// The name it gets when it is made here.
    let name: String
    let table: String
    /// The access method: `hnsw`, `gin`, `btree`.
    let method: String
    /// The column or the expression in parentheses.
    let key: String
    /// The operator class; empty for the type's own.
    var operatorClass = ""
    /// Operator classes that serve as well when an index is there already.
    var otherClasses: Set<String> = []
    /// Other indexes that serve as well when they are there already.
    var otherForms: [IndexDefinition] = []
    /// Storage parameters, without parentheses.
    var parameters = ""
    /// Rows a second that building it takes, on one core: for an estimate only.
    let rowsPerSecond: Int

    /// Nearest neighbours in the user's table.
    static let neighbors = IndexDefinition(
        name: "decision_vectors_embedding_hnsw", table: Schema.vectors, method: "hnsw", key: "embedding",
        operatorClass: "vector_cosine_ops", otherForms: [halfNeighbors],
        parameters: "m = 16, ef_construction = 64", rowsPerSecond: 2_000)
    /// The same of halves, half as large: it is made where a setting asks for it, and kept where it is there.
    static let halfNeighbors = IndexDefinition(
        name: "decision_vectors_embedding_halves", table: Schema.vectors, method: "hnsw",
        key: "(embedding::halfvec(\(Schema.dimension)))", operatorClass: "halfvec_cosine_ops",
        parameters: "m = 16, ef_construction = 64", rowsPerSecond: 2_000)
    /// Containment in the metadata; half as large and twice as quick to keep as the class of every operator.
    static let metadata = IndexDefinition(
        name: "decision_vectors_metadata_gin", table: Schema.vectors, method: "gin", key: "metadata",
        operatorClass: "jsonb_path_ops", otherClasses: ["jsonb_ops"], rowsPerSecond: 30_000)
    /// One tenant's rows.
    static let tenant = IndexDefinition(
        name: "decision_vectors_tenant", table: Schema.vectors, method: "btree", key: "(metadata->>'tenant')",
        rowsPerSecond: 300_000)

    /// Every index that a migration builds apart.
    static let all = [metadata, tenant, neighbors]

    /// Whether there can be such an index: arrays have none of neighbours.
    func isNeeded(with storage: EmbeddingStorage) -> Bool { method != "hnsw" || storage == .vector }

    /// The statement that makes it.
    ///
    /// With `only`, a partitioned table gets a frame that its partitions' indexes are put into.
    func statement(concurrently: Bool, only: Bool = false) -> String {
        let clause = operatorClass.isEmpty ? "" : " " + operatorClass
        let with = parameters.isEmpty ? "" : " with (\(parameters))"
        return "create index \(concurrently ? "concurrently " : "")\(name) on \(only ? "only " : "")\(table) "
            + "using \(method) (\(key)\(clause))\(with)"
    }

    /// Whether an index that is there serves as this one.
    func isServed(by index: IndexFacts) -> Bool {
        isSame(as: index) || otherForms.contains { $0.isSame(as: index) }
    }

    /// Whether an index that is there is this one, whatever its name.
    func isSame(as index: IndexFacts) -> Bool {
        let classes = otherClasses.union(operatorClass.isEmpty ? [] : [operatorClass])
        return index.isUsable && !index.isPartial && index.method == method
            && Self.plain(index.key) == Self.plain(key)
            && (classes.isEmpty || classes.contains(index.operatorClass))
    }

    /// An expression without what the server adds when it prints it.
    private static func plain(_ key: String) -> String {
        key.replacing("::text", with: "").filter { !" ()".contains($0) }
    }
}
