import Decisions
import VectorStores

/// Answers searches over somebody's own table, on one connection.
///
/// The nearest are those of the largest cosine, which is their score. Where vectors are not all as long, an index by
/// another distance finds others: only one by cosine is walked, and without one everything is compared.
struct OwnTableSearcher {
    let table: OwnTable
    /// The index by cosine that walks go by; `nil` where the server compares everything.
    let index: OwnIndex?

    /// How many rows are read first, besides those that are asked for.
    private static let margin = 16
    private static let rowsAtATime = 5_000
    /// Fewer rows than these are compared sooner than an index finds all of them.
    private static let exactRows = 10_000

    init(_ table: OwnTable, _ connection: PostgresConnection) throws(PostgresError) {
        self.table = table
        index = try OwnIndex.all(of: table, connection).first { $0.serves && $0.metric == .cosine }
    }

    func search(
        _ request: SearchRequest, _ connection: PostgresConnection
    ) throws(PostgresError) -> Result<SearchAnswer, StoreError> {
        switch request.target {
        case nil: return .success(try list(request, connection))
        case .embedding:
            return .failure(
                StoreError(
                    .unsupported,
                    "\(table.printedName) holds vectors of somebody else's making, with which no decision "
                        + "compares: search by a row, with --like ID"))
        case .like(let id, let tenant):
            let rows = try rows(id: id, tenant: tenant ?? request.query?.tenantScope, connection)
            guard let row = rows.first else {
                return .failure(
                    StoreError(
                        .unknownID,
                        "no row of \(table.printedName) has the identifier \(PrintedText.escaped(id))"))
            }
            let tenants = Set(rows.map { ByteKey($0.stored.decision.tenant) })
            guard tenants.count == 1 else {
                return .failure(.ambiguous(id: id, tenants: tenants.map(\.text)))
            }
            return .success(try near(row, request, connection))
        }
    }

    /// The rows of an identifier, of one tenant or of all.
    func rows(
        id: String, tenant: String?, _ connection: PostgresConnection
    ) throws(PostgresError) -> [OwnRow] {
        let predicate = RowPredicate.all([table.isNamed(id), tenant.map(table.isOf) ?? .always])
        let answer = try connection.run(
            """
            select \(sql: table.columns) from \(sql: table.name) where \(sql: predicate.sql) limit 100
            """)
        var rows: [OwnRow] = []
        for row in answer.rows {
            guard let row = try OwnRow(row) else { continue }
            if let tenant, !row.stored.decision.tenant.utf8.elementsEqual(tenant.utf8) { continue }
            rows.append(row)
        }
        return rows
    }

    // MARK: Answers

    private func list(
        _ request: SearchRequest, _ connection: PostgresConnection
    ) throws(PostgresError) -> SearchAnswer {
        let order: SQL =
            table.time == nil
            ? "\(sql: table.text) collate \"C\""
            : "\(sql: table.moment) desc nulls last, \(sql: table.text) collate \"C\""
        let found = try read(order, leavingOut: nil, request, connection)
        let rows = found.rows.prefix(request.limit)
        return SearchAnswer(
            strategy: .list, exact: true, scanned: found.scanned, elapsedMicroseconds: 0,
            reason: reason(rows.count, request),
            results: rows.map { SearchResult(stored: $0.stored, similarity: nil) })
    }

    private func near(
        _ row: OwnRow, _ request: SearchRequest, _ connection: PostgresConnection
    ) throws(PostgresError) -> SearchAnswer {
        let isWalked =
            index != nil && !request.exact
            && (request.forcesGraph || table.estimatedRows > Self.exactRows)
        if let index, isWalked {
            let breadth = max(2 * request.limit, request.breadth ?? 0, 100)
            try connection.run(SearchStatements.settings(breadth: min(breadth, 1_000)))
            let found = try walk(index, row, request, connection)
            if found.rows.count >= request.limit { return answer(found, row, request, isWalked: true) }
        }
        // Nothing that an index orders by, so that everything is compared. A vector without a direction has the
        // cosine 0, as its score says.
        let distance = OwnMetric.cosine.distance(
            "\(identifier: table.embedding.name)", table.bound(row.floats))
        let order: SQL =
            "coalesce(nullif(\(sql: distance), 'NaN'), 1), \(sql: table.text) collate \"C\""
        let found = try read(order, leavingOut: row.stored.storedID, request, connection)
        return answer(found, row, request, isWalked: false)
    }

    /// Rows that were read and match.
    private struct Found {
        var rows: [OwnRow] = []
        var scanned = 0
    }

    private func walk(
        _ index: OwnIndex, _ row: OwnRow, _ request: SearchRequest, _ connection: PostgresConnection
    ) throws(PostgresError) -> Found {
        let matcher = QueryMatcher(request.query)
        let predicate = predicate(request, leavingOut: row.stored.storedID)
        let answer = try connection.run(
            """
            select \(sql: table.columns) from \(sql: table.name) where \(sql: predicate.sql)
            order by \(sql: index.order(to: row.floats, in: table))
            limit \(min(request.limit * 2 + Self.margin, Self.rowsAtATime))
            """)
        var found = Found(scanned: answer.rows.count)
        for row in answer.rows {
            guard let row = try OwnRow(row), matcher.matches(row.stored) else { continue }
            found.rows.append(row)
        }
        return found
    }

    /// Reads rows in an order, part by part, until at least as many match as are asked for or there is no other.
    private func read(
        _ order: SQL, leavingOut: String?, _ request: SearchRequest, _ connection: PostgresConnection
    ) throws(PostgresError) -> Found {
        let matcher = QueryMatcher(request.query)
        let predicate = predicate(request, leavingOut: leavingOut)
        var found = Found()
        found.scanned = try connection.run(
            "select count(*) from \(sql: table.name) where \(sql: predicate.sql)"
        ).onlyRow().int(0)
        var offset = 0
        while true {
            let count = offset == 0 ? request.limit + Self.margin : Self.rowsAtATime
            let answer = try connection.run(
                """
                select \(sql: table.columns) from \(sql: table.name)
                where \(sql: predicate.sql) order by \(sql: order) offset \(offset) limit \(count)
                """)
            for row in answer.rows {
                guard let row = try OwnRow(row), matcher.matches(row.stored) else { continue }
                found.rows.append(row)
            }
            if answer.rows.count < count || found.rows.count >= request.limit { break }
            offset += count
        }
        return found
    }

    private func predicate(_ request: SearchRequest, leavingOut: String?) -> RowPredicate {
        let vectors: RowPredicate = .when("\(identifier: table.embedding.name) is not null")
        let tenant = request.query?.tenantScope.map(table.isOf) ?? .always
        return .all([vectors, tenant, leavingOut.map { table.isNamed($0).negated } ?? .always])
    }

    private func answer(
        _ found: Found, _ row: OwnRow, _ request: SearchRequest, isWalked: Bool
    ) -> SearchAnswer {
        let results = found.rows.map { other in
            SearchResult(stored: other.stored, similarity: Cosine.of(row.floats, other.floats))
        }.sorted { one, other in
            one.similarity == other.similarity
                ? ByteKey(one.stored.storedID) < ByteKey(other.stored.storedID)
                : (one.similarity ?? 0) > (other.similarity ?? 0)
        }.prefix(request.limit)
        return SearchAnswer(
            strategy: isWalked ? .pgvector : .exact, exact: !isWalked, scanned: found.scanned,
            elapsedMicroseconds: 0, reason: reason(results.count, request), results: Array(results))
    }

    private func reason(_ found: Int, _ request: SearchRequest) -> String? {
        guard found < request.limit else { return nil }
        var others = ""
        if case .like? = request.target { others = "other " }
        switch found {
        case 0: return "no \(others)row matches"
        case 1: return "only 1 \(others)row matches"
        default: return "only \(found) \(others)rows match"
        }
    }
}
