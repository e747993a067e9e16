extension DatabaseFacts {
    /// What hinders a store from using this database, and what to do; `nil` when nothing does.
    ///
    /// Less than a migration asks for: a standby may be read, and indexes may be missing.
    package var openingObstacle: String? {
        if serverVersion < Schema.oldestServer { return serverObstacles.first }
        if tables[Schema.migrations] == nil, !isWhole {
            return
                "this database has no schema of Verdict on the search path: run verdict migrate on it first"
        }
        if let obstacle = (historyObstacles + pgvectorObstacles + tableObstacles).first { return obstacle }
        guard isWhole else {
            return "this database has an older schema of Verdict: run verdict migrate on it first"
        }
        return nil
    }

    /// Whether both tables tell followers what changes.
    package var tellsChanges: Bool {
        [Schema.vectors, Schema.inbox].allSatisfy { name in
            triggerNames(of: name).allSatisfy { tables[name]?.triggers[$0] == true }
        }
    }

    /// The triggers that one of the two tables must have, or the view in its place.
    func triggerNames(of table: String) -> Set<String> {
        guard table == Schema.vectors, layout.isByTenant else { return MigrationScripts.triggerNames }
        return layout == .distributed
            ? LayoutScripts.viewTriggerNames
            : MigrationScripts.triggerNames.union(LayoutScripts.viewTriggerNames)
    }

    private var isWhole: Bool { Schema.tables.allSatisfy { tables[$0] != nil } }
}
