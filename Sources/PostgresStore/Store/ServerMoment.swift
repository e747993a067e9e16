import VectorStores

/// How far a server was when it was read, and on which timeline: each promotion begins another one.
struct ServerMoment: Sendable, Hashable {
    /// Whether it followed another server.
    var isStandby: Bool
    /// The number of the timeline, as far as the server tells it.
    var timeline: Int?
    /// Bytes of its log written or, on a standby, replayed.
    var written: Int64
    /// Seconds that what it has may be older than what the server has that it follows, at most; none at a primary.
    var lagSeconds = 0.0
    /// Whether this role may not see what a standby last heard: then only its last transaction tells how old it is.
    var hidesWhatItHeard = false

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

    /// What tells it, as one text: `p`, the timeline, the bytes; or `s`, the same, the lag, `seen` or `hidden`.
    ///
    /// A primary names the file it writes by the timeline. A standby tells that of whom it follows to those who may
    /// know, and to others that of its last checkpoint.
    ///
    /// A standby that has replayed all it was told of is as old as the last word it got: nobody knows whether more
    /// was written since or the network was cut. One that has just begun to listen has no such word, and both times
    /// are the same then. In all other cases it is as old as the last transaction it replayed, or the checkpoint it
    /// began with.
    static let told: SQL =
        """
        case when pg_is_in_recovery() then (
            select 's ' || coalesce(receiver.received_tli, control.timeline_id) || ' '
                || coalesce(pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0'), 0) || ' '
                || greatest(round(extract(epoch from clock_timestamp() - case
                    when receiver.last_msg_send_time <> receiver.last_msg_receipt_time
                        and receiver.latest_end_lsn <= pg_last_wal_replay_lsn() then receiver.last_msg_receipt_time
                    else coalesce(pg_last_xact_replay_timestamp(), control.checkpoint_time) end)::numeric, 3), 0)
                || case when receiver.pid is not null and receiver.status is null then ' hidden' else ' seen' end
            from pg_control_checkpoint() as control left join pg_stat_wal_receiver as receiver on true)
        else 'p ' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) || ' '
            || pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0') end
        """
}

extension ServerMoment {
    /// Reads what ``told`` tells.
    init?(_ text: String) {
        let parts = text.split(separator: " ")
        let isStandby = parts.first == "s"
        guard parts.count == (isStandby ? 5 : 3), let written = Int64(parts[2]) else { return nil }
        self.isStandby = isStandby
        timeline = Int(parts[1], radix: isStandby ? 10 : 16)
        self.written = written
        guard isStandby else { return }
        guard let lag = Double(parts[3]), lag.isFinite else { return nil }
        lagSeconds = lag
        hidesWhatItHeard = parts[4] == "hidden"
    }

    /// What a server tells now; `nil` where it tells nothing of the kind.
    static func read(_ connection: PostgresConnection) throws(PostgresError) -> ServerMoment? {
        ServerMoment(try connection.run("select \(sql: told)").onlyRow().text(0))
    }

    /// That a standby is so far behind the primary, in words.
    func told(_ age: Duration) -> String {
        let seconds = Int((age / .seconds(1)).rounded(.up))
        let bound = "at most \(PrintedNumber.counted(seconds, "second")) behind the primary"
        guard hidesWhatItHeard else { return bound }
        return bound
            + " by the last transaction it replayed: grant pg_read_all_stats to the role, which may not "
            + "see what it heard since"
    }
}

extension PostgresConnection {
    /// What whoever asks once is told where a standby answers; `nil` where the server follows nobody.
    func standbyNotice() throws(PostgresError) -> String? {
        guard let here = try ServerMoment.read(self), here.isStandby else { return nil }
        return "the standby \(server) answers, \(here.told(.seconds(here.lagSeconds)))"
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
