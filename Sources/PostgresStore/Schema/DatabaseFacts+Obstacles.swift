import VectorStores

extension DatabaseFacts {
    /// What makes this server or this role unusable, before anything is looked at.
    var serverObstacles: [String] {
        var found: [String] = []
        if serverVersion < Schema.oldestServer {
            found.append(
                "the server is PostgreSQL \(serverVersion / 10_000): upgrade it to 14 or newer")
        }
        if isStandby {
            found.append("this server is a standby and takes no writes: name the primary in the address")
        }
        if isPooled {
            found.append(
                "a pooler stands between, which does not keep the lock of whoever migrates: name the server itself in "
                    + "the address")
        }
        if encoding != "UTF8" {
            found.append(
                "the database's encoding is \(printed(encoding)): use one that was created with encoding 'UTF8'"
            )
        }
        if schema == nil {
            found.append(
                "no schema of the search path of role \(printed(user)) is there or may be used: create one, or "
                    + "give the address options=-csearch_path=NAME")
        }
        return found
    }

    /// What was migrated by other statements than this program's.
    var historyObstacles: [String] {
        if let appliedProblem { return [appliedProblem] }
        return applied.values.sorted { $0.number < $1.number }.compactMap { entry in
            let title = "migration \(entry.number) (\(printed(entry.name)))"
            guard let own = Migration.all.first(where: { $0.number == entry.number }) else {
                return "\(title) was applied by a newer Verdict than this one: use that version"
            }
            guard own.checksum != entry.checksum else { return nil }
            return
                "\(title) was applied with checksum \(printed(entry.checksum)), and is \(own.checksum) in this "
                + "version: the schema comes from another build; use that one, or export into an empty database"
        }
    }

    /// What makes pgvector unusable where embeddings are held by it.
    var pgvectorObstacles: [String] {
        guard storage == .vector else { return [] }
        let least = "\(ExtensionVersion.oldest) is the oldest that is used"
        if let version = pgvector.installed {
            if version < .oldest {
                return [
                    "pgvector \(printed(version.description)) is installed, and \(least): update the server's "
                        + "package, then run alter extension vector update\(withoutVectors)"
                ]
            }
            if !pgvector.isOnSearchPath {
                return [
                    "pgvector is installed in a schema that is not on the search path of role \(printed(user)): "
                        + "add it, for example with options=-csearch_path=public,extensions in the address"
                ]
            }
        } else if let version = pgvector.available, version < .oldest {
            return [
                "the server offers pgvector \(printed(version.description)), and \(least): update the server's package"
                    + withoutVectors
            ]
        }
        return []
    }

    /// How to do without pgvector where it is there and not to be used: the table that is there decides.
    var withoutVectors: String {
        guard tables[Schema.vectors] == nil, tables[Schema.inbox] == nil else { return "" }
        return "; or, to do without it, run "
            + MigrationScripts.vectors(.array).split(whereSeparator: \.isWhitespace).joined(separator: " ")
            + ", then migrate again: embeddings are held as real[] then, and searches are answered by the mirror"
    }

    /// What makes a table that is there unusable.
    var tableObstacles: [String] {
        Schema.tables.flatMap { name -> [String] in
            guard let table = tables[name] else { return [] }
            let isRows = name == Schema.vectors && layout.isByTenant && table.kind == "p"
            guard table.kind == "r" || isRows else {
                return ["\(name) is no plain table: rename it, or use another schema"]
            }
            var found: [String] = []
            let isDecisions = name == Schema.vectors || name == Schema.inbox
            let tenant = isDecisions && layout.isByTenant ? [("tenant", ["text"])] : []
            for (column, types) in Self.columns(of: name, storage: storage) + tenant {
                guard let type = table.columns[column] else {
                    found.append("\(name) has no column \(column): \(Self.advice(name, column, types[0]))")
                    continue
                }
                // The schema of a type that is not on the search path is printed before it.
                let plain = type.split(separator: ".").last.map(String.init) ?? type
                guard !types.contains(plain) else { continue }
                found.append(
                    "\(name).\(column) is \(printed(type)), not \(types[0]): use another schema or table, or change "
                        + "the column's type")
            }
            if isDecisions, !table.hasKey(layout) {
                let physical = name == Schema.vectors ? layout.table : name
                let (what, key) = layout.isByTenant ? ("tenant and id", "tenant, id") : ("id alone", "id")
                found.append(
                    "\(physical) has no unique index on \(what): run alter table \(physical) add primary key "
                        + "(\(key))")
            }
            return found
        }
    }

    private static func advice(_ table: String, _ column: String, _ type: String) -> String {
        "run alter table \(table) add column \(column) \(type), or use another schema"
    }

    /// The columns a table must have, each with the types that do.
    static func columns(of table: String, storage: EmbeddingStorage) -> [(String, [String])] {
        switch table {
        case Schema.vectors, Schema.inbox:
            [
                ("id", ["text", "character varying"]),
                ("embedding", [storage == .vector ? "vector(\(Schema.dimension))" : "real[]"]),
                ("metadata", ["jsonb"]), ("created_at", ["timestamp without time zone"]),
            ]
        case Schema.records:
            [
                ("collection", ["text"]), ("key", ["text"]), ("value", ["text"]), ("revision", ["bigint"]),
                ("changed", ["xid8"]),
            ]
        case Schema.changes:
            [
                ("sequence", ["bigint"]), ("transaction", ["xid8"]), ("kind", ["\"char\""]), ("id", ["text"]),
                ("tenant", ["text"]),
            ]
        case Schema.retired: [("identity", ["text"]), ("removed_at", ["timestamp with time zone"])]
        default: [("number", ["integer", "bigint"]), ("name", ["text"]), ("checksum", ["text"])]
        }
    }
}

/// Text from a server, for a message.
func printed(_ text: String) -> String { PrintedText.escaped(text) }
