import VectorStores

/// How far the server is with an index, as it tells it.
struct BuildingProgress: Sendable, Hashable {
    /// The server's words for what it does: `building index: loading tuples`.
    var phase: String
    /// Pages of the table that are read, and how many there are.
    var blocksDone = 0
    var blocksTotal = 0
    /// Rows that are taken in, and how many there are; not every phase knows.
    var rowsDone = 0
    var rowsTotal = 0
    /// Transactions that are over, of those that are waited for.
    var lockersDone = 0
    var lockersTotal = 0

    /// Asks how far a process is; `nil` where it builds nothing just now.
    static func of(process: Int32, _ connection: PostgresConnection) throws(PostgresError)
        -> BuildingProgress?
    {
        let answer = try connection.run(
            """
            select phase, blocks_done, blocks_total, tuples_done, tuples_total, lockers_done, lockers_total
            from pg_stat_progress_create_index where pid = \(Int(process)) and datname = current_database()
            """)
        guard let row = answer.rows.first, !row.isNull(0) else { return nil }
        return BuildingProgress(
            phase: try row.text(0), blocksDone: try row.int(1), blocksTotal: try row.int(2),
            rowsDone: try row.int(3), rowsTotal: try row.int(4), lockersDone: try row.int(5),
            lockersTotal: try row.int(6))
    }

    /// Where of the whole way a phase begins and ends, what it is called here, and by what the server's words for
    /// it begin; what takes long is reading the table and linking its rows.
    private static let steps: [(words: String, name: String, from: Double, to: Double)] = [
        ("initializing", "beginning", 0, 0.01),
        ("waiting for writers before build", "waiting for writers", 0.01, 0.02),
        ("building index", "linking rows", 0.02, 0.9),
        ("waiting for writers before validation", "waiting for writers", 0.9, 0.91),
        ("index validation: scanning index", "validating", 0.91, 0.94),
        ("index validation: sorting", "validating", 0.94, 0.95),
        ("index validation: scanning table", "validating", 0.95, 0.98),
        ("waiting for old snapshots", "waiting for old transactions", 0.98, 0.99),
        ("waiting for readers", "waiting for readers", 0.99, 1),
    ]

    /// The progress of a rebuild that this is.
    var progress: RebuildProgress {
        let step = Self.steps.first { phase.hasPrefix($0.words) }
        var progress = RebuildProgress(
            phase: .server, fraction: step?.from ?? 0, done: rowsDone, total: max(rowsDone, rowsTotal))
        if let step { progress.fraction += (step.to - step.from) * share }
        progress.detail = step?.name ?? phase
        if lockersTotal > 0, phase.hasPrefix("waiting") {
            progress.detail += ", \(lockersDone) of \(lockersTotal) over"
        }
        return progress
    }

    private var share: Double {
        let pairs = [(blocksDone, blocksTotal), (rowsDone, rowsTotal), (lockersDone, lockersTotal)]
        guard let (done, total) = pairs.first(where: { $0.1 > 0 }) else { return 0 }
        return min(1, max(0, Double(done) / Double(total)))
    }
}
