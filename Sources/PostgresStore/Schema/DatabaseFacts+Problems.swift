import VectorStores

extension DatabaseFacts {
    /// What was applied once and is not there, or not whole, any more.
    var driftProblems: [String] {
        missingTables + silentTriggers
            + (layout.isByTenant
                ? tenantIndexes + tenantLeftovers : missingIndexes + brokenIndexes + wholeLeftovers)
            + unfinishedLayout + ownDrift
    }

    func isApplied(_ name: String) -> Bool { applied.values.contains { $0.name == name } }

    private var missingTables: [String] {
        Schema.tables.compactMap { name in
            guard tables[name] == nil, isApplied(name) else { return nil }
            return
                "table \(name) was made by a migration and is not found: put its schema on the search path, or "
                + "restore it"
        }
    }

    /// Triggers that were made and do not fire; those that are gone are made again.
    private var silentTriggers: [String] {
        [Schema.vectors, Schema.inbox].compactMap { name in
            let own = tables[name]?.triggers.filter { triggerNames(of: name).contains($0.key) } ?? [:]
            let silent = own.filter { !$0.value }.keys.sorted()
            if silent.isEmpty { return nil }
            return
                "the triggers \(silent.joined(separator: ", ")) of \(name) are off, so that consoles do not see "
                + "what is written: run alter table \(name == Schema.vectors ? layout.table : name) enable trigger "
                + "user" + (layout == .partitioned ? ", and the same for each partition" : "")
        }
    }

    /// Whether what a migration made is gone, and is made again as easily.
    func mustRepeat(_ migration: Migration) -> Bool {
        guard migration.name == Migration.triggersName, applied[migration.number] != nil else { return false }
        if !changedFunctions.isEmpty { return true }
        return migration.touched.contains { name in
            guard let table = tables[name] else { return false }
            return !triggerNames(of: name).isSubset(of: table.triggers.keys)
        }
    }

    private var missingIndexes: [String] {
        IndexDefinition.all.compactMap { usual in
            let index = wanted(usual)
            guard isApplied(usual.name), index.isNeeded(with: storage), let table = tables[index.table],
                !table.indexes.contains(where: index.isServed),
                !table.indexes.contains(where: { $0.name == index.name })
            else { return nil }
            return "index \(index.name) was made by a migration and is gone: run "
                + index.statement(concurrently: true)
        }
    }

    /// Indexes whose building failed, and which every write pays for.
    private var brokenIndexes: [String] {
        tables.sorted { $0.key < $1.key }.flatMap { name, table in
            table.indexes.compactMap { index in
                // What a migration is about to build it drops itself.
                let isLeftover = IndexDefinition.all.contains { usual in
                    wanted(usual).name == index.name && !isApplied(usual.name)
                }
                guard !index.isUsable, index.builder == nil, !isLeftover else { return nil }
                let quoted = SQL.quoted(identifier: index.name)
                if LeftoverIndexes.isLeftover(index.name) {
                    return
                        "index \(printed(quoted)) of \(name) is invalid, left behind by a rebuild that was cut: "
                        + "run verdict rebuild, or drop index concurrently \(printed(quoted))"
                }
                return
                    "index \(printed(quoted)) of \(name) is invalid, left behind by a build that failed: run "
                    + "reindex index concurrently \(printed(quoted)), or drop it"
            }
        }
    }

    /// Whole indexes that a rebuild made or was about to drop when it was cut: every write keeps two graphs.
    private var wholeLeftovers: [String] {
        // While one is under way there are two for good reason.
        if isBeingWorkedOn { return [] }
        return (tables[Schema.vectors]?.indexes ?? []).filter {
            $0.isUsable && LeftoverIndexes.isOurs($0.name)
        }
        .map { index in
            "index \(index.name) of \(Schema.vectors) was left behind by a rebuild that was cut, and every write "
                + "keeps it: run verdict rebuild, or drop index concurrently \(index.name)"
        }
    }

    /// What is no problem but should be known.
    var notices: [String] {
        var found: [String] = []
        if serverVersion >= Schema.firstUnknownServer {
            found.append(
                "PostgreSQL \(serverVersion / 10_000) is newer than what this version was tested with")
        }
        found += timeZones.map { $0.sentence(in: name) }
        switch storage {
        case .vector:
            if let version = pgvector.installed ?? pgvector.available, version < .advised, version >= .oldest
            {
                found.append(
                    "pgvector \(printed(version.description)) has faults that \(ExtensionVersion.advised) mends: "
                        + "update it, then rebuild its indexes")
            }
        case .array where pgvector.installed == nil && pgvector.available == nil:
            found.append(
                "this server has no pgvector: embeddings are held as real[], and searches are answered by the "
                    + "mirror, or by comparing every row")
        case .array where pgvector.installed ?? pgvector.available ?? .oldest < .oldest:
            found.append(
                "embeddings are held as real[], since pgvector is below \(ExtensionVersion.oldest): searches are "
                    + "answered by the mirror, or by comparing every row")
        case .array where layout.isByTenant:
            found.append(
                "embeddings are held as real[] although this server has pgvector: export, and import into an empty "
                    + "database, to have its index")
        case .array:
            found.append(
                "embeddings are held as real[] although this server has pgvector; to have its index, which writes "
                    + "the tables anew while nobody can use them, run create extension if not exists vector; "
                    + [Schema.vectors, Schema.inbox].map(Self.conversion).joined(separator: "; ")
                    + "; then migrate again")
        }
        return found
    }

    /// The statement that makes arrays of a table vectors; the check of arrays cannot be asked of those.
    static func conversion(of table: String) -> String {
        "alter table \(table) drop constraint if exists \(table)_embedding_check, "
            + "alter column embedding type vector(\(Schema.dimension))"
    }

    /// Bytes that pgvector's graph takes for a row while it is built, at m = 16.
    private static let graphBytesPerRow = 2_210

    /// What would make building the index of neighbours slow.
    func memoryNotices(for steps: [MigrationStep]) -> [String] {
        guard
            steps.contains(where: { $0.migration.name == IndexDefinition.neighbors.name && $0.isConcurrent }),
            let rows = tables[Schema.vectors]?.rows
        else { return [] }
        // An estimate of the server's, which may be anything.
        let (product, isTooMuch) = rows.multipliedReportingOverflow(by: Self.graphBytesPerRow)
        let needed = isTooMuch ? Int.max : product
        guard needed > maintenanceBytes else { return [] }
        let megabytes = needed / 1_000_000 + 1
        return [
            "the index of \(PrintedNumber.counted(rows, "row")) is built several times faster when it fits "
                + "maintenance_work_mem, now \(PrintedNumber.grouped(maintenanceBytes / 1_000_000)) MB: give the "
                + "address options=-cmaintenance_work_mem=\(megabytes)MB"
        ]
    }
}

extension Migration {
    /// What its role lacks for a step; `nil` where nothing is known to.
    func blocker(_ facts: DatabaseFacts) -> String? {
        switch work {
        case .index(let usual):
            let index = facts.wanted(usual)
            guard let table = facts.tables[index.table] else { return nil }
            if table.indexes.contains(where: index.isServed) { return nil }
            if let builder = table.indexes.first(where: { $0.name == index.name })?.builder {
                return "index \(index.name) is being built by process \(builder): wait for it"
            }
            return table.isOwn ? nil : lacking("build \(index.name)", index.table, table)
        case .script:
            return scriptBlocker(facts)
        }
    }

    private func scriptBlocker(_ facts: DatabaseFacts) -> String? {
        if name == Migration.pgvectorName {
            if facts.pgvector.installed != nil || facts.pgvector.mayInstall { return nil }
            return "role \(printed(facts.user)) may not install pgvector: as a superuser, run "
                + "create extension vector in this database, then migrate again\(facts.withoutVectors)"
        }
        for touched in touched {
            guard let table = facts.tables[touched], !table.isOwn, !table.mayAddTriggers else { continue }
            return lacking("add triggers to \(touched)", touched, table)
        }
        if facts.mayCreateTables || facts.tables[name] != nil { return nil }
        let schema = SQL.quoted(identifier: facts.schema ?? "public")
        return
            "role \(printed(facts.user)) may not create tables in schema \(printed(schema)): as the schema's "
            + "owner, run grant create on schema \(printed(schema)) to "
            + printed(SQL.quoted(identifier: facts.user))
    }

    private func lacking(_ what: String, _ name: String, _ table: TableFacts) -> String {
        "only the owner of \(name), role \(printed(table.owner)), may \(what): migrate as a member of that role, with "
            + "options=-crole=\(printed(table.owner)) in the address"
    }
}
