import Decisions
import VectorStores

/// Rows that a server gave and that match.
struct RowCollection {
    /// By more than this no similarity of whole counts and the server's of floats differ.
    private static let tolerance = 1e-5

    let limit: Int
    /// What the server is asked for.
    var predicate: RowPredicate
    /// The row that a search is near to.
    var leavingOut: EntryIdentity?
    private(set) var found: [FoundRow] = []
    /// How many rows were read, whether they match or not.
    private(set) var read = 0
    /// How many rows the server compared.
    var scanned = 0
    /// How many of those found come before all that is not read.
    private(set) var placed = 0
    private var seen: Set<EntryIdentity> = []
    private let matcher: QueryMatcher
    private let embedder = DecisionEmbedder()

    init(_ request: SearchRequest) {
        limit = request.limit
        predicate = RowCondition(request.query).possible
        matcher = QueryMatcher(request.query)
    }

    /// Takes a row where it matches; of two that a store could not tell apart the first.
    mutating func add(_ row: PostgresRow, isPlaced: Bool) throws(PostgresError) {
        read += 1
        guard let row = try FoundRow(row, embedder: embedder), row.stored.identity != leavingOut,
            matcher.matches(row.stored), seen.insert(row.stored.identity).inserted
        else { return }
        found.append(row)
        placed += isPlaced ? 1 : 0
    }

    /// Takes rows in the order of their distance, the fifth column: as many as are wanted and match, and those as near
    /// as the last of them.
    ///
    /// To read a row takes longer than the server does to find it, so that the others are left.
    mutating func add(nearestOf rows: [PostgresRow]) throws(PostgresError) {
        var ordered: [(distance: Double, row: PostgresRow)] = []
        for row in rows {
            let distance = try row.float8(4)
            ordered.append((distance: distance.isNaN ? .infinity : distance, row: row))
        }
        ordered.sort { $0.distance < $1.distance }
        var farthest = Double.infinity
        for (distance, row) in ordered {
            if distance > farthest { return }
            try add(row, isPlaced: true)
            if found.count == limit { farthest = min(farthest, distance + Self.tolerance) }
        }
    }

    /// Begins anew.
    mutating func forget() {
        (found, seen, read, placed) = ([], [], 0, 0)
    }
}
