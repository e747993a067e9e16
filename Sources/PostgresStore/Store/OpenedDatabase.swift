import VectorStores

/// What was found of a database when a store in it was opened.
struct OpenedDatabase: Sendable {
    /// How embeddings are held.
    var storage: EmbeddingStorage
    /// How the rows lay in tables then; what the log knows may be newer.
    var layout: TableLayout
    /// Why nothing may be written; `nil` when it may.
    var readOnlyReason: String?
    /// Why entries may not be written although records may; `nil` when they may.
    var entryRefusal: String?
    /// Whether it follows another server.
    var isStandby: Bool
    /// What whoever opens it should be told; `nil` when there is nothing.
    var notice: String?
    /// How it is with pgvector, in a sentence.
    var pgvector: String
    /// The server's version: `18.1`.
    var serverVersion: String
    /// Whether the tables tell what changes in them; without that nothing may be written.
    var tellsChanges: Bool

    /// How long looking may take.
    static let limit = Duration.seconds(30)

    /// What is taken for true of a database that was not reached yet.
    static func unknown(_ access: StoreOptions.Access) -> OpenedDatabase { OpenedDatabase(access) }

    private init(_ access: StoreOptions.Access) {
        storage = .vector
        layout = .plain
        readOnlyReason = access == .read ? "opened for reading" : nil
        isStandby = false
        pgvector = "not known while the server is away"
        serverVersion = "not known yet"
        tellsChanges = true
    }

    /// Looks at a database; throws where it cannot be used.
    init(
        _ connection: PostgresConnection, address: PostgresServerAddress, access: StoreOptions.Access
    ) throws(PostgresError) {
        let facts = try DatabaseFacts(reading: connection)
        if let obstacle = facts.openingObstacle { throw PostgresError(.missing, "\(address): \(obstacle)") }
        storage = facts.storage
        layout = facts.layout
        tellsChanges = facts.tellsChanges
        let (major, minor) = facts.serverVersion.quotientAndRemainder(dividingBy: 10_000)
        serverVersion = "\(major).\(minor)"
        let notices = facts.notices.joined(separator: "; ")
        let version = facts.pgvector.installed.map {
            "version \(PrintedText.escaped($0.description, limit: 40))"
        }
        pgvector = notices.isEmpty ? version ?? "not used" : notices
        // That there is none is told by the health check alone: it is no surprise each time.
        notice = storage == .vector && !notices.isEmpty ? "\(address): \(notices)" : nil
        isStandby = facts.isStandby
        readOnlyReason = try Self.readOnlyReason(facts, connection, access)
        if readOnlyReason == nil { entryRefusal = try Self.entryRefusal(facts, connection) }
    }

    private static func readOnlyReason(
        _ facts: DatabaseFacts, _ connection: PostgresConnection, _ access: StoreOptions.Access
    ) throws(PostgresError) -> String? {
        if access == .read { return "opened for reading" }
        if facts.isStandby { return "the server is a standby: name the primary server" }
        // Who writes decides by what is there, which nobody tells then.
        guard facts.tellsChanges else {
            return "the triggers that tell of changes are missing or off: run verdict migrate"
        }
        let row = try connection.run(
            """
            select current_setting('default_transaction_read_only')::bool,
                has_table_privilege('verdict_records', 'insert')
                    and has_table_privilege('verdict_records', 'update')
            """
        ).onlyRow()
        if try row.bool(0) { return "the server takes no writes by default_transaction_read_only" }
        if try row.bool(1) { return nil }
        let user = PrintedText.escaped(facts.user, limit: 80)
        return "role \(user) may only read: grant it verdict_triage or verdict_writer"
    }

    private static func entryRefusal(
        _ facts: DatabaseFacts, _ connection: PostgresConnection
    ) throws(PostgresError) -> String? {
        let tables = [facts.layout.table, Schema.inbox]
        let mayWrite = try connection.run(
            """
            select bool_and(has_table_privilege(name, 'insert') and has_table_privilege(name, 'update')
                and has_table_privilege(name, 'delete')) from unnest(\(tables)) as name
            """
        ).onlyRow().bool(0)
        if mayWrite { return nil }
        let user = PrintedText.escaped(facts.user, limit: 80)
        return "role \(user) may write records only, no decisions: grant it verdict_writer"
    }
}
