@testable import PostgresStore

extension DatabaseFacts {
    /// A new database on a server with pgvector, for whoever may do everything.
    static var empty: DatabaseFacts {
        DatabaseFacts(
            serverVersion: 180_000, isPooled: false, isStandby: false, encoding: "UTF8", user: "alice",
            schema: "public", mayCreateTables: true, maintenanceBytes: 64 << 20,
            pgvector: PgvectorFacts(
                installed: nil, available: ExtensionVersion("0.8.6"), isOnSearchPath: false, mayInstall: true),
            tables: [:], applied: [:], appliedProblem: nil)
    }

    /// A database that was migrated by this version and is whole.
    static var migrated: DatabaseFacts {
        var facts = empty
        facts.pgvector.installed = ExtensionVersion("0.8.6")
        facts.pgvector.isOnSearchPath = true
        for name in Schema.tables { facts.tables[name] = .sample(name) }
        for migration in Migration.all {
            facts.applied[migration.number] = AppliedMigration(
                number: migration.number, name: migration.name, checksum: migration.checksum)
        }
        return facts
    }

    /// The user's table alone, with rows, made without Verdict.
    static var foreign: DatabaseFacts {
        var facts = migrated
        facts.applied = [:]
        facts.tables = facts.tables.filter { $0.key == Schema.vectors }
        facts.tables[Schema.vectors]?.indexes.removeAll { $0.name != "key" }
        facts.tables[Schema.vectors]?.triggers = [:]
        facts.tables[Schema.vectors]?.rows = 1_000_000
        facts.tables[Schema.vectors]?.bytes = 2_200_000_000
        return facts
    }
}

extension TableFacts {
    /// A table as the migrations make it.
    static func sample(_ name: String) -> TableFacts {
        var table = TableFacts(
            kind: "r", owner: "alice", isOwn: true, mayAddTriggers: true, rows: 0, bytes: 0,
            hasRowSecurity: false, columns: [:], indexes: [], triggers: [:])
        for (column, types) in DatabaseFacts.columns(of: name, storage: .vector) {
            table.columns[column] = types[0]
        }
        guard name == Schema.vectors || name == Schema.inbox else { return own(name, table) }
        table.required = ["id", "embedding"]
        table.indexes = [
            IndexFacts("key", method: "btree", key: "id", operatorClass: "text_ops", isUnique: true)
        ]
        for trigger in MigrationScripts.triggerNames { table.triggers[trigger] = true }
        guard name == Schema.vectors else { return table }
        table.indexes += IndexDefinition.all.map { index in
            IndexFacts(index.name, method: index.method, key: index.key, operatorClass: index.operatorClass)
        }
        return table
    }
}

extension TableFacts {
    /// What one of Verdict's own tables has besides its columns.
    private static func own(_ name: String, _ table: TableFacts) -> TableFacts {
        var table = table
        func index(_ name: String, _ key: String, _ second: String? = nil) -> IndexFacts {
            var index = IndexFacts(name, method: "btree", key: key, operatorClass: "")
            index.secondKey = second
            return index
        }
        switch name {
        case Schema.records:
            table.indexes = [index("verdict_records_changed", "changed")]
            table.defaults = ["changed": "pg_current_xact_id()"]
        case Schema.changes:
            table.indexes = [index("verdict_changes_order", "transaction", "sequence")]
            table.defaults = ["transaction": "pg_current_xact_id()", "sequence": "identity"]
        case Schema.retired:
            table.indexes = [index("verdict_retired_age", "removed_at")]
            table.defaults = ["removed_at": "now()"]
        default: break
        }
        return table
    }
}

extension IndexFacts {
    init(_ name: String, method: String, key: String, operatorClass: String, isUnique: Bool = false) {
        self.init(
            name: name, method: method, key: key, operatorClass: operatorClass, columns: 1,
            isUnique: isUnique,
            isPartial: false, isUsable: true, builder: nil)
    }
}
