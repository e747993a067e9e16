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
        _ question: SearchQuestion, _ request: SearchRequest, isWalked: Bool = false,
        _ connection: PostgresConnection
    ) throws(PostgresError) -> SearchAnswer {
        var rows = collection(for: request)
        if let row = question.row {
            let tenant = row.stored.decision.tenant
            let rowID = layout.rowID(tenant: tenant, id: row.rowID)
            rows.predicate = .all([rows.predicate, .when("(\(sql: layout.isOne(of: [rowID]))) is not true")])
            rows.leavingOut = row.stored.identity
        }
        let statements = statements(rows, request)
        if let index, !isWalked, !request.exact,
            let breadth = try self.breadth(request, statements, connection)
        {
            try walk(statements, index, breadth, question, request, into: &rows, connection)
            if rows.found.count >= request.limit {
                return try answer(.pgvector, question, request, rows, connection)
            }
            rows.forget()
            // The walk may have been planned once for all; what compares everything is not.
            try connection.script("\(SearchStatements.planning)")
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
        // Without a query everything matches but the row itself.
        let matching =
            request.query == nil
            ? everything : PlannedRows(plan: try connection.run(statements.plan).onlyRow().text(0))
        guard case .walk(let breadth, let unlessRepeated) = choice(request, matching) else { return nil }
        guard unlessRepeated else { return breadth }
        // The whole table, also where one partition is walked: nobody needs a right on a partition, and who has one is
        // no other's business.
        let isRepeated = try NeighborIndex.hasRepetitions(
            among: everything.count, in: layout.rows, connection)
        return isRepeated ? nil : breadth
    }

    private func choice(_ request: SearchRequest, _ matching: PlannedRows) -> WalkChoice {
        WalkChoice(
            matching: matching.count, graph: everything.graph(walkedFor: matching), limit: request.limit,
            wanted: request.breadth, isForced: request.forcesGraph, bounds: bounds)
    }

    /// What came of walking before anything else is asked.
    enum FirstWalk {
        case found(SearchAnswer)
        case foundTooFew
        case notTried
    }

    /// Walks to the neighbours of a vector in one trip, where nothing else is to be asked.
    func walkAtOnce(
        _ request: SearchRequest, _ connection: PostgresConnection
    ) throws(PostgresError) -> FirstWalk {
        guard let index, !request.exact, request.query == nil,
            case .embedding(let embedding)? = request.target,
            embedding.counts.count == Embedding.dimension, embedding.scale > 0,
            case .walk(let breadth, unlessRepeated: false) = choice(request, everything)
        else { return .notTried }
        let question = SearchQuestion(embedding)
        var rows = collection(for: request)
        try walk(statements(rows, request), index, breadth, question, request, into: &rows, connection)
        guard rows.found.count >= request.limit else { return .foundTooFew }
        return .found(try answer(.pgvector, question, request, rows, connection))
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
        _ statements: SearchStatements, _ index: NeighborIndex, _ breadth: Int, _ question: SearchQuestion,
        _ request: SearchRequest, into rows: inout RowCollection, _ connection: PostgresConnection
    ) throws(PostgresError) {
        var limit = request.limit + Self.margin
        // Halves tell only nearly which are the nearest.
        if index == .halfVector { limit *= 2 }
        // Under a query any of them may not match.
        var wanted = request.query == nil ? request.limit : limit
        while true {
            rows.forget()
            let settings = statements.settings(breadth: breadth)
            let walk = statements.walk(to: question.floats, by: index, limit: limit, wanted: wanted)
            let results = try connection.runTogether([settings, walk], isPreparing: true, isReading: true)
            let answer = results.last?.rows ?? []
            try rows.add(nearestOf: answer)
            let first = answer.first
            let (near, waiting) = (try first?.int(5) ?? 0, try first?.int(6) ?? 0)
            rows.scanned = near + waiting
            let isWhole = near < limit && waiting <= limit
            if rows.found.count >= request.limit || isWhole || limit >= Self.widestWalk { return }
            limit *= 8
            wanted = limit
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
