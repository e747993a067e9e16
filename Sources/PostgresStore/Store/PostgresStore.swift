package import VectorStores

/// Opens stores that PostgreSQL keeps.
package enum PostgresStore {
    /// Connections of a store at most, besides the one that waits for notifications.
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

    private static func log(
        _ address: StoreAddress, _ options: StoreOptions
    ) throws(PostgresError) -> PostgresLog {
        guard let server = try PostgresServerAddress(address) else {
            throw PostgresError(.usage, "\(address) is no address of a PostgreSQL server")
        }
        var limits = PostgresPool.Limits()
        limits.connections = connections
        let pool = PostgresPool(server, limits: limits)
        do throws(PostgresError) {
            let facts = try pool.withConnection(deadline: .now + OpenedDatabase.limit) {
                connection throws(PostgresError) in
                return try OpenedDatabase(connection, address: server, access: options.access)
            }
            return PostgresLog(address: server, pool: pool, options: options, facts: facts)
        } catch {
            pool.close()
            throw error
        }
    }
}
