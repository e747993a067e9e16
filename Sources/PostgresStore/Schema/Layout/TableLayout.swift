import VectorStores

/// How the rows lie in tables, and by what a row is known there.
package enum TableLayout: String, Sendable, Hashable, CaseIterable {
    /// In the user's own table, whose only key is the identifier.
    case plain
    /// In partitions by tenant, whose key is tenant and identifier, behind a view with the name of the user's table.
    case partitioned
    /// As ``partitioned``, in a table that Citus spreads: changes are told by the view and by Verdict itself.
    case distributed

    /// The table that rows are read from and written to.
    package var table: String { self == .plain ? Schema.vectors : Schema.rows }

    /// Whether a row is known by its tenant too.
    package var isByTenant: Bool { self != .plain }

    /// ``table`` in a statement.
    package var rows: SQL { "\(identifier: table)" }

    /// The column that tells a row's tenant; null where there is none.
    package var tenant: SQL { isByTenant ? "tenant" : "null::text" }

    /// The columns that are written, and name a row first.
    package var columns: SQL {
        isByTenant
            ? "tenant, id, embedding, metadata, created_at" : "id, embedding, metadata, created_at"
    }

    /// The columns of the key.
    package var key: SQL { isByTenant ? "tenant, id" : "id" }

    /// Whether rows of two tables, called `newer` and `held`, are the same one.
    package var isSameRow: SQL {
        isByTenant ? "newer.tenant = held.tenant and newer.id = held.id" : "newer.id = held.id"
    }

    /// Whether a row is a tenant's, in the form that finds the partition and its index.
    package func isOf(tenant: String) -> SQL {
        if isByTenant { return "tenant = \(tenant)" }
        return tenant.isEmpty ? "coalesce(metadata->>'tenant', '') = ''" : "metadata->>'tenant' = \(tenant)"
    }

    /// Whether a row is one of some, each named by ``rowID(tenant:id:)``.
    package func isOne(of rowIDs: [String]) -> SQL {
        guard isByTenant else { return "id = any(\(rowIDs))" }
        let identities = rowIDs.compactMap { RowNames.identity(of: $0) }
        return
            "(tenant, id) in (select * from unnest(\(identities.map(\.tenant)), \(identities.map(\.id))))"
    }

    /// The text that names a row among those of all tenants.
    package func rowID(tenant: String, id: String) -> String {
        isByTenant ? RowNames.text(of: EntryIdentity(tenant: tenant, id: id)) : id
    }

    /// The identifier that a row has in its table.
    package func id(ofRow rowID: String) -> String {
        isByTenant ? RowNames.identity(of: rowID)?.id ?? rowID : rowID
    }

    /// A row's name for people.
    package func printedName(ofRow rowID: String) -> String {
        guard isByTenant, let identity = RowNames.identity(of: rowID) else { return rowID }
        return identity.tenant.isEmpty ? identity.id : "\(identity.id) of \(identity.tenant)"
    }

    /// Asks which one a database has, as one value.
    ///
    /// The view tells: its triggers have an argument where they note changes themselves.
    package static let question: SQL = """
        coalesce((
            select case when exists (
                select from pg_trigger as fired where fired.tgrelid = relation.oid and fired.tgnargs > 0)
                then 'distributed' else 'partitioned' end
            from pg_class as relation
            where relation.oid = to_regclass('decision_vectors') and relation.relkind = 'v'
                and to_regclass('decision_rows') is not null), 'plain')
        """
}
