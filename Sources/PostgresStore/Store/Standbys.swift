import Locks
import VectorStores

/// How far a server was when it was read, and on which timeline: each promotion begins another one.
struct ServerMoment: Sendable, Hashable {
    /// Whether it followed another server.
    var isStandby: Bool
    /// The number of the timeline, as far as the server tells it.
    var timeline: Int?
    /// Bytes of its log written or, on a standby, replayed.
    var written: Int64

    /// What an earlier moment means for whoever goes on from it here.
    enum Relation {
        /// Everything of then is there.
        case later
        /// The standby has not come so far.
        case behind
        /// Something of then may be gone: another life of the server began, or an older state came back.
        case doubtful
    }

    func relation(to earlier: ServerMoment?) -> Relation {
        guard let earlier else { return .later }
        if let timeline, let before = earlier.timeline, timeline != before {
            return isStandby && timeline < before ? .behind : .doubtful
        }
        if written >= earlier.written { return .later }
        return isStandby ? .behind : .doubtful
    }

    /// What tells it, as one text: `s` or `p`, the timeline, the bytes.
    ///
    /// A primary names the file it writes by the timeline. A standby tells that of whom it follows to those who may
    /// know, and to others that of its last checkpoint.
    static let told: SQL =
        """
        case when pg_is_in_recovery() then 's ' || coalesce(
                (select received_tli from pg_stat_wal_receiver limit 1),
                (select timeline_id from pg_control_checkpoint())) || ' '
            || coalesce(pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0'), 0)
        else 'p ' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) || ' '
            || pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0') end
        """
}

extension ServerMoment {
    /// Reads what ``told`` tells.
    init?(_ text: String) {
        let parts = text.split(separator: " ")
        guard parts.count == 3, let written = Int64(parts[2]) else { return nil }
        isStandby = parts[0] == "s"
        timeline = Int(parts[1], radix: isStandby ? 10 : 16)
        self.written = written
    }
}

/// Where those who read from standbys connect.
struct Standbys: Sendable {
    /// A standby, or any host where there is none.
    let readers: PostgresPool
    /// Where a standby is too far behind.
    let others: PostgresPool

    func close() {
        readers.close()
        others.close()
    }

    /// Seconds that what is read may be behind: none at a primary or a standby that has replayed all it was sent.
    ///
    /// One that nobody sends anything is as old as what it last replayed.
    static func lag(_ connection: PostgresConnection) throws(PostgresError) -> Double {
        try connection.run(
            """
            select case when not pg_is_in_recovery() then 0
                when exists (select from pg_stat_wal_receiver)
                    and pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() then 0
                else coalesce(extract(epoch from clock_timestamp() - pg_last_xact_replay_timestamp()), 'infinity')
                end::float8
            """
        ).onlyRow().float8(0)
    }
}

extension PostgresLog {
    /// Calls the closure with a connection that may be read from: of a standby where one is near enough.
    ///
    /// Who writes reads the same server as it writes to, but for loading.
    func reading<Value>(
        deadline: Deadline, isLoading: Bool = false,
        _ body: (PostgresConnection) throws(PostgresError) -> Value
    ) throws(PostgresError) -> Value {
        let known = standbys.withLock { $0 }
        guard let known, isLoading || readOnlyReason != nil else {
            return try pool.withConnection(deadline: deadline, body)
        }
        let bound = Double(address.stalenessSeconds)
        var isNear = false
        do throws(PostgresError) {
            let earlier = place.withLock { $0.moment }
            try known.readers.withConnection(deadline: deadline) { connection throws(PostgresError) in
                let here = try ServerMoment.read(connection)
                let lag = try Standbys.lag(connection)
                isNear = lag <= bound && here?.relation(to: earlier) != .behind
                // Another host may be nearer the next time.
                if !isNear { connection.giveUp() }
            }
        } catch {
            if error.code == .cancelled { throw error }
        }
        return try (isNear ? known.readers : known.others).withConnection(deadline: deadline, body)
    }
}

extension ServerMoment {
    /// What a server tells now; `nil` where it tells nothing of the kind.
    static func read(_ connection: PostgresConnection) throws(PostgresError) -> ServerMoment? {
        ServerMoment(try connection.run("select \(sql: told)").onlyRow().text(0))
    }
}

extension ServerSnapshot {
    /// What is visible now, as a text.
    ///
    /// A standby does not tell which transactions are under way: there all from the oldest one on count as such, and
    /// are read again.
    static let current: SQL =
        """
        case when pg_is_in_recovery()
        then pg_snapshot_xmin(pg_current_snapshot()) || ':' || pg_snapshot_xmin(pg_current_snapshot()) || ':'
        else pg_current_snapshot()::text end
        """
}
