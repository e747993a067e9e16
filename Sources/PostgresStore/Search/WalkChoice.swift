import Decisions

/// How the nearest of what matches are found where the server has an index of neighbours.
enum WalkChoice: Sendable, Hashable {
    /// Everything that matches is compared.
    case comparison
    /// The index is walked, so widely; where it says so, only if few of its rows repeat.
    case walk(breadth: Int, unlessRepeated: Bool)

    /// By how many rows it is chosen.
    struct Bounds: Sendable, Hashable {
        /// No more matching rows than these are compared by the server sooner than an index finds all of them.
        var compared = 20_000.0
        /// In a graph of more rows no walk is too wide, and none is wide enough where rows repeat.
        var widelyWalked = 200_000.0
    }

    /// The narrowest walk: pgvector keeps repeated rows apart, and they crowd a narrow one.
    static let leastBreadth = 400

    /// Chooses by how many rows match, and by how many the graph has that is walked: a filter leaves nothing of it
    /// out, so that rows which do not match crowd the walk as well.
    ///
    /// `wanted` is the breadth that was asked for, and `isForced` whether the graph was.
    init(
        matching: Double, graph: Double, limit: Int, wanted: Int? = nil, isForced: Bool = false,
        bounds: Bounds = Bounds()
    ) {
        guard matching > bounds.compared || isForced else {
            self = .comparison
            return
        }
        let isLarge = max(graph, matching) > bounds.widelyWalked
        let most = NeighborIndex.maximumBreadth
        let least = isLarge ? most : Self.leastBreadth
        let breadth = min(max(least, limit > most / 2 ? most : 2 * limit, wanted ?? 0), most)
        self = .walk(breadth: breadth, unlessRepeated: isLarge && !isForced)
    }
}

/// What the server's plan for a statement reads: which relations, and about how many rows of each.
struct PlannedRows: Sendable {
    /// A table or a partition.
    struct Relation: Sendable, Hashable {
        var schema: String
        var name: String
    }

    /// About how many rows come of it.
    private(set) var count = 0.0
    /// About how many come of each relation.
    private(set) var relations: [Relation: Double] = [:]

    /// Reads the answer of `explain (verbose, format json)`; one that cannot be read tells of no rows.
    init(plan: String) {
        let root = (try? JSONParser().parse(plan))?.elements?.first?.object?["Plan"]?.object
        count = root?["Plan Rows"]?.number ?? 0
        if let root { note(root) }
    }

    private mutating func note(_ node: JSONObject) {
        if let schema = node["Schema"]?.text, let name = node["Relation Name"]?.text {
            relations[Relation(schema: schema, name: name), default: 0] += node["Plan Rows"]?.number ?? 0
        }
        for part in node["Plans"]?.elements ?? [] {
            if let part = part.object { note(part) }
        }
    }

    /// The rows of the graph that is walked for what another plan reads: the largest of several.
    func graph(walkedFor matching: PlannedRows) -> Double {
        let walked = matching.relations.keys.compactMap { relations[$0] }
        return walked.max() ?? count
    }
}
