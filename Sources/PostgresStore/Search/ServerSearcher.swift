import Decisions
package import VectorStores

/// Answers searches by SQL, where no mirror does: what is asked of a server once, or while a mirror is behind.
///
/// The table and the inbox are taken together. A walk of pgvector's index answers large tables, anything else is
/// compared whole by the server; the answer says which. Every row is tested once more here.
package struct ServerSearcher: Sendable {
    let storage: EmbeddingStorage
    /// How the rows lie.
    let layout: TableLayout
    /// The index that walks go by; `nil` where the server compares everything.
    let index: NeighborIndex?
    /// About how many rows the table has, and where, where an index is walked.
    let everything: PlannedRows

    /// By how many rows it is chosen between comparing and walking.
    var bounds = WalkChoice.Bounds()

    /// What whoever searches should be told; `nil` when there is nothing.
    package var notice: String?

    /// Looks at how a database holds vectors.
    init(_ connection: PostgresConnection, storage: EmbeddingStorage) throws(PostgresError) {
        self.storage = storage
        let answer = try connection.run("select \(sql: TableLayout.question)").onlyRow().text(0)
        layout = TableLayout(rawValue: answer) ?? .plain
        index = storage == .vector ? try NeighborIndex.find(connection, layout) : nil
        let whole = SearchStatements(storage: storage, predicate: .always, layout: layout)
        let plan = index == nil ? "" : try connection.run(whole.plan).onlyRow().text(0)
        everything = PlannedRows(plan: plan)
    }

    /// Looks at a database that nobody has looked at; throws where it cannot be used.
    package init(opening connection: PostgresConnection) throws(PostgresError) {
        let database = try OpenedDatabase(connection, address: connection.address, access: .read)
        try self.init(connection, storage: database.storage)
        let notices = [database.notice, try connection.standbyNotice()].compactMap { $0 }
        notice = notices.isEmpty ? nil : notices.joined(separator: "; ")
    }

    /// Answers one search on a connection that is in no transaction.
    ///
    /// Costs one trip to the server for a vector whose neighbours an index finds among 200,000 rows at most or where a
    /// walk was asked for, else some and what it compares: about a microsecond a row by pgvector, fifty without.
    package func search(
        _ request: SearchRequest, on connection: PostgresConnection
    ) throws(StoreError) -> SearchAnswer {
        try request.checkRanges()
        let start = ContinuousClock.now
        let result: Result<SearchAnswer, StoreError>
        do throws(PostgresError) {
            let walk = try walkAtOnce(request, connection)
            if case .found(var answer) = walk {
                answer.elapsedMicroseconds = (ContinuousClock.now - start).microseconds
                return answer
            }
            var isWalked = false
            if case .foundTooFew = walk { isWalked = true }
            result = try connection.transaction(.readOnlySnapshot, settings: SearchStatements.planning) {
                connection throws(PostgresError) in try ask(request, isWalked: isWalked, connection)
            }
        } catch {
            throw StoreError(error)
        }
        var answer = try result.get()
        answer.elapsedMicroseconds = (ContinuousClock.now - start).microseconds
        return answer
    }

    private func ask(
        _ request: SearchRequest, isWalked: Bool, _ connection: PostgresConnection
    ) throws(PostgresError) -> Result<SearchAnswer, StoreError> {
        switch request.target {
        case nil: return .success(try list(request, connection))
        case .embedding(let embedding):
            guard embedding.counts.count == Embedding.dimension, embedding.scale > 0 else {
                return .failure(
                    StoreError(.usage, "a zero vector has no neighbours: search with another one"))
            }
            return .success(try near(SearchQuestion(embedding), request, isWalked: isWalked, connection))
        case .like(let id, let tenant):
            let tenant = tenant ?? request.query?.tenantScope
            let rows = try self.rows(id: id, tenant: tenant, connection)
            guard let row = rows.first else {
                return .failure(
                    StoreError(
                        .unknownID,
                        "no entry has the identifier \(PrintedText.escaped(id)): look it up with search"))
            }
            guard rows.count == 1 else {
                return .failure(.ambiguous(id: id, tenants: rows.map(\.stored.decision.tenant)))
            }
            return .success(try near(SearchQuestion(row), request, connection))
        }
    }

    // MARK: Rows by identifier

    /// The rows that a store holds under an identifier: one for each tenant that has it.
    private func rows(
        id: String, tenant: String?, _ connection: PostgresConnection
    ) throws(PostgresError) -> [FoundRow] {
        if id.utf8.contains(0) { return [] }
        // A tenant's row may have a name that was derived from this one, or from what this one was derived from.
        var originals = [id]
        while let base = originals.last.flatMap(Self.base) { originals.append(base) }
        let names = [id] + (tenant.map { [IdentityResolver.derivedID(ofTenant: $0, from: id)] } ?? [])
        let embedder = DecisionEmbedder()
        var found: [EntryIdentity: FoundRow] = [:]
        let answer = try connection.run(
            SearchStatements.rows(ids: names, originals: originals, scope: scope(of: tenant), layout: layout))
        for row in answer.rows {
            guard let row = try FoundRow(row, embedder: embedder) else { continue }
            let identity = row.stored.identity
            guard identity.id.utf8.elementsEqual(id.utf8) else { continue }
            if let tenant, !identity.tenant.utf8.elementsEqual(tenant.utf8) { continue }
            if let other = found[identity], other.rowID <= row.rowID { continue }
            found[identity] = row
        }
        return found.values.sorted { $0.precedes($1) }
    }

    /// What an identifier may have been derived from: it, without a tilde and twelve digits.
    private static func base(_ id: String) -> String? {
        let bytes = Array(id.utf8)
        guard bytes.count > 13, bytes[bytes.count - 13] == UInt8(ascii: "~"),
            bytes.suffix(12).allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit })
        else { return nil }
        return String(decoding: bytes.dropLast(13), as: UTF8.self)
    }

    // MARK: Why few

    /// Why there are fewer results than asked for.
    func reason(
        _ found: Int, _ request: SearchRequest, _ connection: PostgresConnection
    ) throws(PostgresError) -> String? {
        guard found < request.limit else { return nil }
        let tenant = request.query?.tenantScope
        var isThere = false
        if let tenant { isThere = try hasRow(of: tenant, connection) }
        if !isThere {
            if try !hasRow(of: nil, connection) { return "the store is empty" }
            if let tenant { return "tenant \(PrintedText.escaped(tenant, limit: 80)) has no entries" }
        }
        var others = ""
        if case .like? = request.target { others = "other " }
        switch found {
        case 0: return "no \(others)entry matches"
        case 1: return "only 1 \(others)entry matches"
        default: return "only \(found) \(others)entries match"
        }
    }

    /// Whether a tenant has a row, or any tenant.
    private func hasRow(of tenant: String?, _ connection: PostgresConnection) throws(PostgresError) -> Bool {
        let certain = tenant.map { RowCondition(.tenant($0)).certain } ?? .always
        let predicate = RowPredicate.all([scope(of: tenant), certain])
        return try connection.run(SearchStatements.hasRow(predicate, layout: layout)).onlyRow().bool(0)
    }

    /// What finds the partition of a tenant, where there are any.
    func scope(of tenant: String?) -> RowPredicate {
        guard layout.isByTenant, let tenant, !tenant.utf8.contains(0) else { return .always }
        return .when(layout.isOf(tenant: tenant))
    }
}
