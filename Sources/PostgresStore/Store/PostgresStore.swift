import Locks
package import VectorStores

/// Opens stores that PostgreSQL keeps.
package enum PostgresStore {
    /// Connections of a store to one server at most, besides the one that waits for notifications.
    private static let connections = 4

    /// Opens the store in a database: reads all of it into a mirror, which answers from then on and is followed.
    ///
    /// Blocks while it loads, for a time and with memory that go by the rows there are.
    package static func open(
        _ address: StoreAddress, options: StoreOptions
    ) throws(StoreError) -> any DecisionStore {
        let log: PostgresLog
        do throws(PostgresError) {
            if let own = try ownTable(address, options) { return own }
            log = try self.log(address, options)
        } catch {
            throw StoreError(error)
        }
        return try MemoryStore(mirroring: log, at: address, options: options)
    }

    /// What the mirror of a database would cost; `nil` where that is not to be learned within some seconds.
    package static func mirrorCost(_ address: StoreAddress, options: StoreOptions) -> MirrorCost? {
        guard let server = try? PostgresServerAddress(address) else { return nil }
        let servers = ReadableServers(server)
        defer { servers.close() }
        let counted = Result { () throws(PostgresError) in
            try servers.reading(deadline: .now + costLimit) { connection throws(PostgresError) in
                try PostgresLog.estimatedRows(connection)
            }
        }
        guard let rows = try? counted.get() else { return nil }
        let folder = server.isSaved ? options.mirrorFiles?.folder(of: server.description) : nil
        let saved = folder.flatMap { try? SavedMirror(in: $0, options: options) }
        return MirrorCost(rows: rows, isSaved: saved != nil)
    }

    /// How long learning the cost may take.
    private static let costLimit = Duration.seconds(3)

    /// Somebody's own table, where the address names one.
    private static func ownTable(
        _ address: StoreAddress, _ options: StoreOptions
    ) throws(PostgresError) -> OwnTableStore? {
        guard let server = try PostgresServerAddress(address), let name = server.table else { return nil }
        guard options.access != .write else {
            throw PostgresError(.usage, "\(address): \(OwnTableStore.readOnlyReason); leave table= out")
        }
        return try OwnTableStore(server, name, at: address, clock: options.clock)
    }

    static func log(
        _ address: StoreAddress, _ options: StoreOptions
    ) throws(PostgresError) -> PostgresLog {
        guard let server = try PostgresServerAddress(address) else {
            throw PostgresError(.usage, "\(address) is no address of a PostgreSQL server")
        }
        var limits = PostgresPool.Limits()
        limits.connections = connections
        let pool = PostgresPool(server.forWriting, limits: limits)
        let servers = ReadableServers(server, primary: pool, limits: limits)
        func look(_ connection: PostgresConnection) throws(PostgresError) -> OpenedDatabase {
            try OpenedDatabase(connection, address: server, access: options.access)
        }
        do throws(PostgresError) {
            let deadline = Deadline.now + OpenedDatabase.limit
            let facts =
                options.access == .read
                ? try servers.reading(deadline: deadline, look)
                : try pool.withConnection(deadline: deadline, look)
            return PostgresLog(address: server, pool: pool, servers: servers, options: options, facts: facts)
        } catch {
            // A mirror that was saved answers for a server that is away.
            if [.connection, .timeout, .tooManyConnections, .shuttingDown].contains(error.code),
                server.isSaved, options.mirrorFiles != nil
            {
                return PostgresLog(
                    address: server, pool: pool, servers: servers, options: options, facts: nil,
                    absence: error)
            }
            servers.close()
            throw error
        }
    }
}
