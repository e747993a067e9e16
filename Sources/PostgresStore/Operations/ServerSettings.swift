import VectorStores

/// Settings of the server that decide how well it keeps a store, as a session of ours sees them.
package struct ServerSettings: Sendable, Hashable {
    /// Memory for pages, in bytes.
    var sharedBuffers = 0
    /// Memory that building an index may take, in bytes.
    var maintenanceBytes = 0
    /// Whether the address or its environment chose that memory.
    var isMaintenanceChosen = false
    var autovacuum = true
    /// When a commit is answered: `on`, `off`, `local`.
    var synchronousCommit = "on"
    var fsync = true
    /// Whether statements are compiled, which costs more than it brings here.
    var jit = false
    /// How long a statement may take; 0 is for ever.
    var statementTimeoutMilliseconds = 0
    var maximumConnections = 0
    /// Connections that only superusers get.
    var reservedConnections = 0
    /// Connections that are used now, whoever has them.
    var connections = 0
    /// Processes that help to build an index.
    var maintenanceWorkers = 0
    /// The version of pgvector; `nil` where there is none.
    var pgvector: ExtensionVersion?
    /// What the time zones of other programs' sessions mean, where they are not UTC; a sentence each.
    var timeZones: [String] = []

    /// Bytes that pgvector's graph takes for a row while it is built, at m = 16.
    static let graphBytesPerRow = 2_210
    /// A store of fewer bytes than this is quick whatever the settings are.
    private static let smallBytes = 64 << 20
    /// Statements that need longer than this are not rare: loading, moving, building.
    private static let longStatementMilliseconds = 60_000
    /// The share of the connections past which there is soon none left.
    private static let fullShare = 0.9

    /// Bytes that building the index of neighbours takes in memory.
    package static func graphBytes(rows: Int, m: Int = 16) -> Int {
        // An estimate of the server's, which may be anything.
        let perRow = graphBytesPerRow + max(0, m - 16) * 12
        let (product, isTooMuch) = rows.multipliedReportingOverflow(by: perRow)
        return isTooMuch ? .max : product
    }

    /// What endangers decisions or will stop the server from working, a sentence each.
    var dangers: [String] {
        var found: [String] = []
        if !fsync {
            found.append("fsync is off: a crash of the machine may destroy the database; turn it on")
        }
        if synchronousCommit == "off" {
            found.append(
                "synchronous_commit is off: what was acknowledged last is lost in a crash; turn it on for the role "
                    + "that writes")
        }
        if !autovacuum {
            found.append("autovacuum is off: dead rows are never removed; turn it on")
        }
        let usable = maximumConnections - reservedConnections
        if usable > 0, Double(connections) >= Self.fullShare * Double(usable) {
            found.append(
                "\(connections) of \(usable) connections are used: raise max_connections, or pool those of other "
                    + "programs")
        }
        return found
    }

    /// What makes the server slower than it need be, or times of other programs' rows wrong, a sentence each.
    func hints(indexBytes: Int, rows: Int) -> [String] {
        var found = timeZones
        if let pgvector, pgvector < .advised {
            found.append(
                "pgvector \(printed(pgvector.description)) has faults that \(ExtensionVersion.advised) mends: update "
                    + "it, then run verdict rebuild")
        }
        if statementTimeoutMilliseconds > 0, statementTimeoutMilliseconds < Self.longStatementMilliseconds {
            found.append(
                "statement_timeout is \(statementTimeoutMilliseconds) ms: loading may not come to its end; give the "
                    + "address options=-cstatement_timeout%3D0")
        }
        if jit { found.append("jit is on, which costs each search more than it brings: turn it off") }
        if indexBytes > max(sharedBuffers, Self.smallBytes) {
            found.append(
                "shared_buffers (\(PrintedNumber.bytes(sharedBuffers))) is smaller than the index of neighbours "
                    + "(\(PrintedNumber.bytes(indexBytes))): searches read the disk")
        }
        let graph = Self.graphBytes(rows: rows)
        if graph > max(maintenanceBytes, Self.smallBytes) {
            found.append(
                "maintenance_work_mem (\(PrintedNumber.bytes(maintenanceBytes))) is less than building the index "
                    + "takes (\(PrintedNumber.bytes(graph))): that gets several times slower")
        }
        return found
    }

    /// Memory that a session which builds an index takes.
    ///
    /// What the address asks for, else as much as the graph needs and the server has for its pages: nobody else is
    /// known to have the rest.
    func buildingBytes(for graph: Int) -> Int {
        isMaintenanceChosen ? maintenanceBytes : max(maintenanceBytes, min(graph, sharedBuffers))
    }
}

extension ServerMeasurement {
    /// What should be known before the index of neighbours is built anew, a sentence each.
    var rebuildNotes: [String] {
        guard settings.pgvector != nil, vectors != nil else { return [] }
        let old = neighbors
        let graph = ServerSettings.graphBytes(rows: rowsAtOnce, m: old?.m ?? 16)
        let memory = settings.buildingBytes(for: graph)
        let size = old.map { PrintedNumber.bytes($0.bytes) } ?? "none yet"
        if layout == .distributed {
            return [
                "Citus builds the index of neighbours (\(size)) on each of its servers, beside the old one: by the "
                    + "settings and the room that they have, which are not looked at here"
            ]
        }
        var notes = [
            parts.isEmpty
                ? "the server builds its index of neighbours (\(size)) beside the old one, which serves meanwhile: "
                    + "its disk must have room for both"
                : "the server builds its index of neighbours (\(size)) for one of "
                    + "\(PrintedNumber.counted(parts.count, "partition")) after the other, beside the old one, which "
                    + "serves meanwhile: its disk must have room for the largest twice, with other parameters for all"
        ]
        if memory < graph {
            notes.append(
                "building takes \(PrintedNumber.bytes(graph)) in memory and gets \(PrintedNumber.bytes(memory)), which "
                    + "makes it several times slower: if the server has the memory, give the address "
                    + "options=-cmaintenance_work_mem%3D\(graph / 1_048_576 + 1)MB")
        }
        if settings.maintenanceWorkers == 0 {
            notes.append(
                "max_parallel_maintenance_workers is 0, so that one process builds: the server's processors less one "
                    + "is a good number")
        } else if min(memory, graph) > Self.smallSegmentBytes {
            notes.append(
                "\(PrintedNumber.counted(settings.maintenanceWorkers, "process")) that help share a segment of up to "
                    + "\(PrintedNumber.bytes(min(memory, graph))): in a container, --shm-size must be more")
        }
        return notes
    }

    /// What a container has for shared memory unless it is told otherwise.
    private static let smallSegmentBytes = 64 << 20
}
