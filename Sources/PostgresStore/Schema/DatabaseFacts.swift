/// What a database is and holds, as far as the schema asks: read once, judged as a value.
package struct DatabaseFacts: Sendable, Hashable {
    /// The server's version, such as 150004.
    package var serverVersion: Int
    /// Whether a pooler stands between, which gives each transaction another session.
    package var isPooled: Bool
    /// Whether it follows another server and takes no writes.
    package var isStandby: Bool
    /// The encoding of its texts, such as `UTF8`.
    package var encoding: String
    /// Who asks.
    package var user: String
    /// Where new tables go: the first schema of the search path that is there.
    package var schema: String?
    /// Whether who asks may make tables there.
    package var mayCreateTables: Bool
    /// Memory that building an index may take, in bytes.
    package var maintenanceBytes: Int
    /// What is known of pgvector.
    package var pgvector: PgvectorFacts
    /// The tables of ``Schema`` that are there.
    package var tables: [String: TableFacts]
    /// What was migrated, by number.
    package var applied: [Int: AppliedMigration]
    /// What hinders reading ``applied``: a right that is lacking.
    package var appliedProblem: String?
    /// How the rows lie; what ``tables`` says of the user's table is of the one that holds them.
    package var layout = TableLayout.plain
    /// What there is of a table of rows by tenant, in use or on the way.
    package var byTenant: TenantTableFacts?
    /// Its name.
    package var name = ""
    /// The time zones that sessions of other programs have, where they are not UTC.
    package var timeZones: [SessionTimeZone] = []
    /// Whether another process migrates this schema or builds its index.
    package var isBeingWorkedOn = false
    /// Indexes of partitions, and of the table over them, that a rebuild made and that serve nothing.
    package var leftovers: [String] = []
    /// What ``Schema/indexSetting`` says; empty where nobody set it.
    var indexSetting = ""
    /// The bodies of the functions that tell of changes, as far as they are there, by name.
    package var functions: [String: String] = [:]
}

/// What is known of the table of rows by tenant.
package struct TenantTableFacts: Sendable, Hashable {
    /// How many partitions it has; 0 where it has none.
    package var partitions: Int
    /// Whether the user's own table is still there under another name.
    package var hasPlainTable: Bool
}

/// What is known of pgvector.
package struct PgvectorFacts: Sendable, Hashable {
    /// The version that the database uses.
    package var installed: ExtensionVersion?
    /// The version that the server could give it.
    package var available: ExtensionVersion?
    /// Whether its type is found without naming a schema.
    package var isOnSearchPath: Bool
    /// Whether who asks surely may install it.
    package var mayInstall: Bool
}

/// What is known of a table.
package struct TableFacts: Sendable, Hashable {
    /// The kind of relation: `r` is a plain table.
    package var kind: String
    /// The role that owns it.
    package var owner: String
    /// Whether who asks has the owner's rights.
    package var isOwn: Bool
    /// Whether who asks may add triggers.
    package var mayAddTriggers: Bool
    /// About how many rows it has.
    package var rows: Int
    /// Its size without indexes, in bytes.
    package var bytes: Int
    /// Whether row-level security is on.
    package var hasRowSecurity: Bool
    /// The type of each column: `vector(384)`, `text`.
    package var columns: [String: String]
    package var indexes: [IndexFacts]
    /// The triggers, and whether they fire.
    package var triggers: [String: Bool]
    /// What a row gets in a column that nobody names: an expression, or `identity` where the server numbers it.
    package var defaults: [String: String] = [:]
    /// The columns that take no null.
    package var required: Set<String> = []
}

/// What is known of an index.
package struct IndexFacts: Sendable, Hashable {
    package var name: String
    package var method: String
    /// Its first column or expression.
    package var key: String
    /// The operator class of the first column.
    package var operatorClass: String
    /// How many columns it has.
    package var columns: Int
    package var isUnique: Bool
    /// Whether it covers only some rows.
    package var isPartial: Bool
    /// Whether it is whole: one whose building failed is not.
    package var isUsable: Bool
    /// The process that builds it now.
    package var builder: Int?
    /// Its second column or expression.
    package var secondKey: String?
}

extension DatabaseFacts {
    /// How embeddings are held, or will be: a table that is there decides.
    package var storage: EmbeddingStorage {
        if let type = tables[Schema.vectors]?.columns["embedding"]
            ?? tables[Schema.inbox]?.columns["embedding"]
        {
            return type.hasSuffix("[]") ? .array : .vector
        }
        return (pgvector.installed ?? pgvector.available) == nil ? .array : .vector
    }

    /// The number of the newest migration that was applied; 0 for none.
    package var version: Int { applied.keys.max() ?? 0 }
}

extension TableFacts {
    /// Whether it may hold rows.
    var isFilled: Bool { bytes > 0 }
    /// Whether a row is found by its identifier alone, or by that and its tenant.
    func hasKey(_ layout: TableLayout) -> Bool {
        indexes.contains { index in
            guard index.isUnique, index.isUsable, !index.isPartial else { return false }
            return layout.isByTenant
                ? index.columns == 2 && index.key == "tenant" && index.secondKey == "id"
                : index.columns == 1 && index.key == "id"
        }
    }
}
