/// The names and limits of what Verdict keeps in a database.
///
/// Every name is unqualified: what it stands for is found on the connection's `search_path`, and new tables go to
/// the first schema of it.
package enum Schema {
    /// The user's table: `id`, `embedding`, `metadata`, `created_at`.
    package static let vectors = "decision_vectors"
    /// The rows by tenant, where the user asked for that: ``vectors`` is a view of them then.
    package static let rows = "decision_rows"
    /// What the user's table is called once its rows are in ``rows``.
    package static let plainVectors = "decision_vectors_plain"
    /// What was acknowledged and is not in the user's table yet; the same four columns.
    package static let inbox = "decision_inbox"
    /// Small named values: incidents, triage, the detector's state, jobs.
    package static let records = "verdict_records"
    /// What changed in the user's table and the inbox, in order, for those who follow.
    package static let changes = "verdict_changes"
    /// The identities that retention removed, so that a log that is read again adds nothing.
    package static let retired = "verdict_retired"
    /// Which migrations were applied.
    package static let migrations = "verdict_migrations"

    /// Every table, in the order in which they are made.
    static let tables = [migrations, vectors, inbox, records, changes, retired]

    /// The channel on which a change of any table is told, without a payload.
    package static let channel = "verdict_changes"
    /// The setting that keeps the triggers quiet while rows move from the inbox to the table: `on`; it does so for who
    /// may take rows out of the inbox and sees those of every tenant.
    package static let movingSetting = "verdict.moving"
    /// The setting that makes a deletion count as one of retention: `on`.
    package static let retiringSetting = "verdict.retiring"
    /// The setting that row-level security compares a row's tenant with.
    package static let tenantSetting = "verdict.tenant"

    /// The setting that chooses the index of neighbours that is made: `vector` or `halfvec`, the type that it is of.
    package static let indexSetting = "verdict.index"

    /// The first key of the session lock of whoever migrates: the bytes of `vrdM`.
    ///
    /// The second stands for the schema.
    package static let migrationLock: Int32 = 0x7672_644D
    /// The keys of that lock, as the arguments of a function.
    package static let migrationLockKeys: SQL =
        "\(PostgresValue.int4(migrationLock)), hashtext(coalesce(current_schema()::text, ''))"

    /// Asks whether another process has that lock: it migrates, or builds the index of neighbours anew.
    ///
    /// The server tells the keys of a lock as numbers without a sign.
    static let isLockedByAnother: SQL = """
        exists (
            select from pg_locks as held
            where held.locktype = 'advisory' and held.granted and held.objsubid = 2
                and held.database = (select oid from pg_database where datname = current_database())
                and held.pid <> pg_backend_pid() and held.classid::int8 = \(Int(migrationLock))
                and held.objid::int8 = hashtext(coalesce(current_schema()::text, ''))::int8 & 4294967295)
        """

    /// How long a statement of a migration waits for a lock: everybody who comes later waits behind it.
    package static let lockTimeoutSeconds = 5
    /// How long an index that is built beside writers waits for transactions that began before: nobody waits
    /// behind it.
    package static let concurrentLockTimeoutSeconds = 600

    /// How many partitions there may be: planning a search looks at each.
    package static let partitions = 2...256
    /// The first server on which a view goes by the rights of who asks: PostgreSQL 15.
    package static let oldestPartitionedServer = 150_000

    /// Dimensions of an embedding.
    package static let dimension = 384
    /// The oldest server that is used: PostgreSQL 14.
    package static let oldestServer = 140_000
    /// The first server that nothing is known of.
    package static let firstUnknownServer = 190_000
}
