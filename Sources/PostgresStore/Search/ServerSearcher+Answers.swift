import Decisions
package import VectorStores

extension ServerSearcher {
    /// How many rows more than results are read at first, for those that are as near and those that do not match.
    private static let margin = 16
    /// The most rows that are read at a time.
    private static let rowsAtATime = 20_000
    /// The most rows that a walk is asked for before everything is compared.
    private static let widestWalk = 8_000

    /// What is to be found, of one tenant's partition where rows lie by tenant.
    func collection(for request: SearchRequest) -> RowCollection {
        var rows = RowCollection(request)
        rows.predicate = .all([scope(of: request.query?.tenantScope), rows.predicate])
        return rows
    }

    /// The statements that find a collection.
    func statements(_ rows: RowCollection, _ request: SearchRequest) -> SearchStatements {
        SearchStatements(
            storage: storage, predicate: rows.predicate, layout: layout,
            scope: scope(of: request.query?.tenantScope))
    }

    // MARK: Newest first

    func list(
        _ request: SearchRequest, _ connection: PostgresConnection
    ) throws(PostgresError) -> SearchAnswer {
        var rows = collection(for: request)
        let statements = statements(rows, request)
        try read(statements, SearchStatements.newest, into: &rows, connection)
        let first = rows.found.sorted { one, other in
            let (time, otherTime) = (one.stored.decision.time, other.stored.decision.time)
            return time == otherTime ? one.precedes(other) : time > otherTime
        }.prefix(request.limit)
        return SearchAnswer(
            strategy: .list, exact: true, scanned: rows.scanned, elapsedMicroseconds: 0,
            reason: try reason(first.count, request, connection),
            results: first.map { SearchResult(stored: $0.stored, similarity: nil) })
    }

    // MARK: Nearest first

    func near(
        _ question: SearchQuestion, _ request: SearchRequest, _ connection: PostgresConnection
    ) throws(PostgresError) -> SearchAnswer {
        var rows = collection(for: request)
        if let row = question.row {
            let tenant = row.stored.decision.tenant
            let rowID = layout.rowID(tenant: tenant, id: row.rowID)
            rows.predicate = .all([rows.predicate, .when("(\(sql: layout.isOne(of: [rowID]))) is not true")])
            rows.leavingOut = row.stored.identity
        }
        let statements = statements(rows, request)
        if let index, !request.exact, let breadth = try self.breadth(request, statements, connection) {
            try connection.run(SearchStatements.settings(breadth: breadth))
            try walk(statements, index, question, request, into: &rows, connection)
            if rows.found.count >= request.limit {
                return try answer(.pgvector, question, request, rows, connection)
            }
            rows.forget()
        }
        let order = statements.nearest(question.floats)
        try read(statements, order, into: &rows, connection)
        return try answer(.exact, question, request, rows, connection)
    }

    /// How widely the index is walked; `nil` where everything that matches is compared instead, since that takes no
    /// long time, or since many rows of a large table repeat and a walk would miss too much.
    private func breadth(
        _ request: SearchRequest, _ statements: SearchStatements, _ connection: PostgresConnection
    ) throws(PostgresError) -> Int? {
        let matching = PlannedRows(plan: try connection.run(statements.plan).onlyRow().text(0))
        guard matching.count > bounds.compared || request.forcesGraph else { return nil }
        let everything = SearchStatements(storage: storage, predicate: .always, layout: layout)
        let all = PlannedRows(plan: try connection.run(everything.plan).onlyRow().text(0))
        let choice = WalkChoice(
            matching: matching.count, graph: all.graph(walkedFor: matching), limit: request.limit,
            wanted: request.breadth, isForced: request.forcesGraph, bounds: bounds)
        guard case .walk(let breadth, let unlessRepeated) = choice else { return nil }
        guard unlessRepeated else { return breadth }
        // One partition is looked at by itself, several as a whole.
        let only = matching.relations.count == 1 ? matching.relations.keys.first : nil
        let isRepeated = try NeighborIndex.hasRepetitions(
            among: only.flatMap { all.relations[$0] } ?? all.count,
            in: only?.sql ?? layout.rows, connection)
        return isRepeated ? nil : breadth
    }

    /// How widely the index of a table of about so many rows is walked for a search without a filter, where it is
    /// walked.
    package static func breadth(of request: SearchRequest, among rows: Double) -> Int {
        let choice = WalkChoice(
            matching: rows, graph: rows, limit: request.limit, wanted: request.breadth, isForced: true)
        guard case .walk(let breadth, _) = choice else { return WalkChoice.leastBreadth }
        return breadth
    }

    /// Asks the index for more and more rows until enough of them match.
    private func walk(
        _ statements: SearchStatements, _ index: NeighborIndex, _ question: SearchQuestion,
        _ request: SearchRequest, into rows: inout RowCollection, _ connection: PostgresConnection
    ) throws(PostgresError) {
        var limit = request.limit + Self.margin
        // Halves tell only nearly which are the nearest.
        if index == .halfVector { limit *= 2 }
        while true {
            rows.forget()
            let answer = try connection.run(statements.walk(to: question.floats, by: index, limit: limit))
            for row in answer.rows { try rows.add(row, isPlaced: true) }
            let first = answer.rows.first
            let (near, waiting) = (try first?.int(5) ?? 0, try first?.int(6) ?? 0)
            rows.scanned = near + waiting
            let isWhole = near < limit && waiting <= limit
            if rows.found.count >= request.limit || isWhole || limit >= Self.widestWalk { return }
            limit *= 8
        }
    }

    private func answer(
        _ strategy: SearchStrategy, _ question: SearchQuestion, _ request: SearchRequest,
        _ rows: RowCollection, _ connection: PostgresConnection
    ) throws(PostgresError) -> SearchAnswer {
        let first = rows.found.map { (row: $0, similarity: question.similarity($0)) }.sorted { one, other in
            one.similarity == other.similarity
                ? one.row.precedes(other.row) : one.similarity > other.similarity
        }.prefix(request.limit)
        return SearchAnswer(
            strategy: strategy, exact: strategy == .exact, scanned: rows.scanned, elapsedMicroseconds: 0,
            reason: try reason(first.count, request, connection),
            results: first.map { SearchResult(stored: $0.row.stored, similarity: $0.similarity) })
    }

    // MARK: Everything

    /// Reads rows in an order, part by part, until there are enough or there is no other.
    private func read(
        _ statements: SearchStatements, _ order: SearchStatements.Order, into rows: inout RowCollection,
        _ connection: PostgresConnection
    ) throws(PostgresError) {
        if case .never = statements.predicate { return }
        var limit = rows.limit + Self.margin
        while true {
            let answer = try connection.run(statements.all(order, offset: rows.read, limit: limit))
            for row in answer.rows { try rows.add(row, isPlaced: try !row.bool(5)) }
            if let last = answer.rows.last { rows.scanned = try last.int(4) }
            if answer.rows.count < limit || rows.placed >= rows.limit { return }
            limit = min(limit * 8, Self.rowsAtATime)
        }
    }
}

/// Rows that a server gave and that match.
struct RowCollection {
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

    /// Begins anew.
    mutating func forget() {
        (found, seen, read, placed) = ([], [], 0, 0)
    }
}
