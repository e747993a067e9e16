extension Migration {
    static let pgvectorName = "pgvector"
    static let triggersName = "change triggers"
    static let guardedTriggersName = "change triggers for all but movers"

    /// Every migration, in order.
    ///
    /// A new one goes to the end; one that was released stays as it is.
    package static let all: [Migration] = [
        Migration(1, "record of migrations") { _ in MigrationScripts.migrations },
        Migration(2, pgvectorName) { $0 == .vector ? "create extension if not exists vector" : nil },
        Migration(3, Schema.vectors) { MigrationScripts.vectors($0) },
        Migration(4, Schema.inbox) { MigrationScripts.inbox($0) },
        Migration(5, Schema.records) { _ in MigrationScripts.records },
        Migration(6, Schema.changes) { _ in MigrationScripts.changes },
        Migration(
            7, triggersName, touching: [Schema.vectors, Schema.inbox], lock: .shareRowExclusive
        ) { _ in MigrationScripts.triggers },
        Migration(8, Schema.retired) { _ in MigrationScripts.retired },
        Migration(9, index: .metadata),
        Migration(10, index: .tenant),
        Migration(11, index: .neighbors),
        Migration(
            12, guardedTriggersName, touching: [Schema.vectors, Schema.inbox], lock: .shareRowExclusive
        ) { _ in MigrationScripts.guardedTriggers },
    ]

    /// The number of the newest migration there is.
    package static let newest = all.map(\.number).max() ?? 0
}
