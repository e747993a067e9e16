/// The statements of the migrations.
///
/// Tables may be there already: the user's own, or made by hand from the documents. They are taken as they are, and
/// their columns are checked before and after.
enum MigrationScripts {
    static let migrations = """
        create table if not exists verdict_migrations (
            number integer primary key,
            name text not null,
            checksum text not null,
            applied_at timestamptz not null default now(),
            applied_by text not null default current_user
        )
        """

    /// Rows stay whole: beyond 2 kB the server would move each embedding to a table of its own, and every read and
    /// every write would pay for a second one.
    static let wholeRows = "toast_tuple_target = 8160"

    static func vectors(_ storage: EmbeddingStorage) -> String {
        """
        create table if not exists decision_vectors (
            id text primary key,
            embedding \(storage.declaration),
            metadata jsonb,
            created_at timestamp default now()
        ) with (\(wholeRows))
        """
    }

    /// Rows come and go all the time: vacuum counts them, not shares of a table that is almost empty.
    static func inbox(_ storage: EmbeddingStorage) -> String {
        """
        create table if not exists decision_inbox (
            id text primary key,
            embedding \(storage.declaration),
            metadata jsonb,
            created_at timestamp default now()
        ) with (
            \(wholeRows), autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000,
            autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 20000
        )
        """
    }

    static let records = """
        create table if not exists verdict_records (
            collection text not null,
            key text not null,
            value text,
            revision bigint not null,
            changed xid8 not null default pg_current_xact_id(),
            primary key (collection, key)
        );
        create index if not exists verdict_records_changed on verdict_records (changed)
        """

    static let changes = """
        create table if not exists verdict_changes (
            sequence bigint generated always as identity primary key,
            transaction xid8 not null default pg_current_xact_id(),
            kind "char" not null,
            id text,
            tenant text
        );
        create index if not exists verdict_changes_order on verdict_changes (transaction, sequence)
        """

    static let retired = """
        create table if not exists verdict_retired (
            identity text primary key,
            removed_at timestamptz not null default now()
        );
        create index if not exists verdict_retired_age on verdict_retired (removed_at)
        """
}
