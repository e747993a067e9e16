import Decisions
import Locks
import VectorStores

extension PostgresLog {
    /// How long a lock is held or waited for before it is told.
    private static let longLockSeconds = 5.0
    /// The share of dead rows past which the table is to be vacuumed, and how many there are then at least.
    private static let deadShare = 0.2
    private static let leastDeadRows = 50_000
    /// How many times larger than need be a table or an index is before that is told.
    private static let bloatBound = 2.0
    /// A smaller one is of no weight, however loosely it is packed.
    private static let leastLooseBytes = 64 << 20

    /// What the server was last found to know of itself, judged; nothing before it was asked.
    func relationChecks(_ standing: Standing, since now: Timestamp) -> [HealthCheck] {
        guard let measurement = standing.measurement else { return [] }
        return [
            Self.tableCheck(measurement, since: now),
            Self.neighborsCheck(measurement, distinct: standing.distinct, storage: facts.storage, since: now),
            Self.settingsCheck(measurement, since: now), Self.locksCheck(measurement.locks, since: now),
        ]
    }

    static func tableCheck(_ measurement: ServerMeasurement, since now: Timestamp) -> HealthCheck {
        func check(_ status: HealthCheck.Status, _ detail: String) -> HealthCheck {
            HealthCheck(name: "table", status: status, since: now, detail: detail)
        }
        guard let table = measurement.vectors else {
            return check(.degraded, "\(Schema.vectors) could not be looked at")
        }
        let dead = "\(PrintedNumber.grouped(table.deadRows)) dead"
        let vacuum = table.lastVacuum.map { "vacuumed \($0)" } ?? "never vacuumed"
        let facts =
            "\(PrintedNumber.bytes(table.bytes)) and \(PrintedNumber.bytes(table.indexBytes)) of indexes, "
            + "\(PrintedNumber.counted(table.liveRows, "row")), \(dead), \(vacuum)"
        if !table.isVacuumed {
            return check(
                .degraded,
                "\(facts): autovacuum is off for \(table.name), run alter table \(table.name) reset "
                    + "(autovacuum_enabled)")
        }
        let share = Double(table.deadRows) / Double(max(1, table.liveRows + table.deadRows))
        if table.deadRows >= leastDeadRows, share > deadShare {
            return check(.degraded, "\(facts): searches slow down, run vacuum (analyze) \(table.name)")
        }
        if let loose = looseIndex(measurement) {
            let name = PrintedText.escaped(SQL.quoted(identifier: loose.name), limit: 80)
            return check(
                .degraded,
                "\(facts); index \(name) is about \(times(loose.bloat ?? 1)) larger than need be, "
                    + "run reindex index concurrently \(name)")
        }
        // New rows take the room: that is no trouble, and giving it back would keep everybody out.
        guard let bloat = table.bloat, bloat > bloatBound, table.bytes > leastLooseBytes else {
            return check(.ok, facts)
        }
        return check(
            .ok,
            "\(facts); it is about \(times(bloat)) larger than need be, which new rows will fill: vacuum full "
                + "\(table.name) gives that back to the disk, with the table to itself")
    }

    /// The largest index of the table, that of neighbours left out, which is much larger than it need be.
    ///
    /// Those of the inbox are filled and emptied all the time, and keep their room for that.
    private static func looseIndex(_ measurement: ServerMeasurement) -> ServerReport.Index? {
        measurement.indexes.map(\.index).first { index in
            index.method != "hnsw" && index.table == measurement.layout.table && index.isValid
                && index.bytes > leastLooseBytes
                && index.bloat.map { $0 > bloatBound } == true
        }
    }

    /// A factor for people: `2.4 times`.
    private static func times(_ factor: Double) -> String {
        let tenths = Int((min(factor, 1e6) * 10).rounded())
        return "\(tenths / 10).\(tenths % 10) times"
    }

    static func neighborsCheck(
        _ measurement: ServerMeasurement, distinct: Int?, storage: EmbeddingStorage, since now: Timestamp
    ) -> HealthCheck {
        func check(_ status: HealthCheck.Status, _ detail: String) -> HealthCheck {
            HealthCheck(name: "server index", status: status, since: now, detail: detail)
        }
        let left =
            measurement.indexes.map(\.index).first { index in
                index.isValid ? LeftoverIndexes.isOurs(index.name) : LeftoverIndexes.isLeftover(index.name)
            }?.name ?? measurement.leftovers.first
        // While one is built there are two for good reason.
        if let left, !measurement.isBeingWorkedOn {
            return check(
                .degraded,
                "\(PrintedText.escaped(left, limit: 80)) was left behind by a rebuild that was cut, and every "
                    + "write pays for it: run verdict rebuild, which drops it")
        }
        let wanted = measurement.neighbors.map(\.name)
        guard let index = measurement.indexes(distinct: distinct).first(where: { $0.name == wanted }) else {
            guard storage == .vector else {
                return check(.ok, "none: embeddings are held as real[], the mirror answers")
            }
            return check(.degraded, "there is none: run verdict migrate")
        }
        let hits = index.cacheHits.map { ", \(PrintedNumber.grouped(Int($0 * 100))) % found in memory" } ?? ""
        let parameters =
            "m = \(index.m ?? 0), ef_construction = \(index.efConstruction ?? 0)"
        let facts =
            "\(PrintedText.escaped(index.name, limit: 80)), \(PrintedNumber.bytes(index.bytes)), \(parameters), "
            + "\(PrintedNumber.counted(index.scans, "scan"))\(hits)"
        if !index.isValid {
            return check(.degraded, "\(facts): it is invalid and answers nothing, run verdict rebuild")
        }
        if let bloat = index.bloat, bloat > bloatBound, index.bytes > leastLooseBytes {
            return check(
                .degraded,
                "\(facts): about \(times(bloat)) larger than need be, run verdict rebuild")
        }
        return check(.ok, facts)
    }

    static func settingsCheck(_ measurement: ServerMeasurement, since now: Timestamp) -> HealthCheck {
        let dangers = measurement.settings.dangers
        let sentences = dangers + measurement.hints
        return HealthCheck(
            name: "settings", status: dangers.isEmpty ? .ok : .degraded, since: now,
            detail: sentences.isEmpty ? "none hurts" : sentences.joined(separator: "; "))
    }

    static func locksCheck(_ locks: [HeldLock], since now: Timestamp) -> HealthCheck {
        let waiting = locks.filter { !$0.isGranted && $0.seconds >= longLockSeconds }
        let holders = locks.filter { $0.isGranted && $0.seconds >= longLockSeconds }
        guard !waiting.isEmpty || !holders.isEmpty else {
            return HealthCheck(name: "locks", status: .ok, since: now, detail: "nobody waits for a table")
        }
        func named(_ lock: HeldLock) -> String {
            let program = lock.program.isEmpty ? "" : " (\(PrintedText.escaped(lock.program, limit: 40)))"
            return "process \(lock.process)\(program)"
        }
        var parts: [String] = []
        if let holder = holders.first {
            parts.append(
                "\(named(holder)) has \(holder.table) to itself for \(PrintedNumber.grouped(Int(holder.seconds))) s"
            )
        }
        if let first = waiting.first {
            parts.append(
                "\(PrintedNumber.counted(waiting.count, "process")) waiting, \(named(first)) for \(first.table) "
                    + "since \(PrintedNumber.grouped(Int(first.seconds))) s")
        }
        let culprit = holders.first.map { holder in
            ": end its transaction, or select pg_terminate_backend(\(holder.process))"
        }
        return HealthCheck(
            name: "locks", status: .degraded, since: now,
            detail: parts.joined(separator: "; ") + (culprit ?? ": pg_blocking_pids tells for whom"))
    }
}

extension ServerMeasurement {
    /// What makes the server slower than it need be, or times of other programs' rows wrong, a sentence each.
    var hints: [String] {
        settings.hints(indexBytes: neighbors?.bytes ?? 0, rows: rowsAtOnce)
    }
}
