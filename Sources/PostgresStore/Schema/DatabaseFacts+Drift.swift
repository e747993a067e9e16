/// What was changed since it was made, beside tables, triggers and indexes of the user's own table.
extension DatabaseFacts {
    /// Functions that are there with another body than they were made with: they are made again.
    var changedFunctions: [String] {
        MigrationScripts.bodies.filter { name, body in functions[name].map { $0 != body } ?? false }.keys
            .sorted()
    }

    /// What of Verdict's own tables is not as it was made, and columns of others that it does not fill.
    var ownDrift: [String] { missingOwnIndexes + missingDefaults + unfilledColumns }

    /// An index of one of Verdict's own tables: what is made with the table.
    private struct OwnIndex {
        var name: String
        var table: String
        var keys: [String]
    }

    private static let ownIndexes = [
        OwnIndex(name: "verdict_records_changed", table: Schema.records, keys: ["changed"]),
        OwnIndex(name: "verdict_changes_order", table: Schema.changes, keys: ["transaction", "sequence"]),
        OwnIndex(name: "verdict_retired_age", table: Schema.retired, keys: ["removed_at"]),
    ]

    private var missingOwnIndexes: [String] {
        Self.ownIndexes.compactMap { index in
            guard isApplied(index.table), let table = tables[index.table] else { return nil }
            let isThere = table.indexes.contains { one in
                one.name == index.name
                    || one.isUsable && !one.isPartial && one.method == "btree"
                        && [one.key, one.secondKey].compactMap(\.self).starts(with: index.keys)
            }
            if isThere { return nil }
            return
                "index \(index.name) was made by a migration and is gone, so that whoever follows reads all of "
                + "\(index.table): run create index concurrently \(index.name) on \(index.table) "
                + "(\(index.keys.joined(separator: ", ")))"
        }
    }

    /// What each row of Verdict's own tables gets by itself, and how it is put back.
    private static let ownDefaults = [
        (Schema.records, "changed", "pg_current_xact_id()"),
        (Schema.changes, "transaction", "pg_current_xact_id()"),
        (Schema.changes, "sequence", "identity"),
        (Schema.retired, "removed_at", "now()"),
    ]

    private var missingDefaults: [String] {
        Self.ownDefaults.compactMap { name, column, expected in
            guard isApplied(name), let table = tables[name], table.columns[column] != nil,
                table.defaults[column] != expected
            else { return nil }
            let there = table.defaults[column].map { ", but \(printed($0))" } ?? ""
            let change =
                expected == "identity" ? "add generated always as identity" : "set default \(expected)"
            return
                "\(name).\(column) does not get \(expected == "identity" ? "a number" : expected) by itself any more"
                + "\(there): run alter table \(name) alter column \(column) \(change)"
        }
    }

    /// Columns that must have a value and get none: no row can be stored.
    private var unfilledColumns: [String] {
        [Schema.vectors, Schema.inbox].compactMap { name in
            guard let table = tables[name] else { return nil }
            let filled =
                Self.columns(of: name, storage: storage).map(\.0) + (layout.isByTenant ? ["tenant"] : [])
            let unfilled = table.required.filter { !filled.contains($0) && table.defaults[$0] == nil }
                .sorted()
            guard let first = unfilled.first else { return nil }
            let physical = name == Schema.vectors ? layout.table : name
            let column = printed(SQL.quoted(identifier: first))
            return
                "\(physical) must have a value in \(unfilled.map(printed).joined(separator: ", ")), which Verdict does "
                + "not write, so that no decision can be stored there: run alter table \(physical) alter column "
                + "\(column) drop not null, or set default"
        }
    }
}

extension MigrationScripts {
    /// The bodies of the functions that tell of changes, by name, as the server keeps them.
    static let bodies: [String: String] = {
        var bodies: [String: String] = [:]
        let opening = "create or replace function "
        for part in functions.split(separator: opening) {
            let pieces = part.split(separator: "$verdict$")
            guard pieces.count >= 2, let end = part.firstIndex(of: "(") else { continue }
            bodies[String(part[..<end])] = String(pieces[1])
        }
        return bodies
    }()
}
