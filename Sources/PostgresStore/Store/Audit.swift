import Decisions
import VectorStores

/// How it stands with comparing the mirror with what the server holds: triggers tell of changes, and what is written
/// while they do not fire is told by nobody.
struct Audit: Sendable {
    /// The tables and their triggers, as ``tables`` told them last; `nil` before.
    var tables: String?
    /// When the mirror was last known to hold what the server did.
    private(set) var agreedAt: Timestamp?
    /// When it is compared next.
    var nextTime = ContinuousClock.now + Audit.pause
    /// What was found last.
    var finding: Finding?
    /// How many comparisons came to an end; tests wait for it.
    var comparisons = 0

    /// How long after one comparison the next one comes, at least.
    static let pause = Duration.seconds(300)
    /// How often longer than a comparison took, at least.
    static let shareOfTime = 20
    /// How long one may take.
    static let limit = Duration.seconds(120)
    /// How long whoever opens a saved mirror waits for one.
    static let openingLimit = Duration.seconds(10)
    /// How long what was found is told.
    private static let toldFor = Duration.seconds(3_600)

    /// What the server had and the mirror did not, or the other way round.
    struct Finding: Sendable {
        /// How many rows more the server has; 0 where only the triggers or the tables were changed.
        var rows: Int
        /// When the mirror was last known to be right.
        var since: Timestamp?
        /// When it was found.
        var foundAt: Timestamp
        var instant = ContinuousClock.now
        /// Whether everything was read anew.
        var isRead = false
    }

    /// Notes that the mirror holds what the server does.
    mutating func agreed(at time: Timestamp) {
        agreedAt = time
        finding?.isRead = true
    }

    /// What was found, as long as it is worth telling.
    var recentFinding: Finding? {
        finding.flatMap { .now - $0.instant < Self.toldFor ? $0 : nil }
    }

    /// Which tables there are and which triggers, as one text: it changes with each that is swapped or switched.
    static let tables: SQL =
        """
        coalesce(concat_ws(' ', to_regclass('decision_vectors')::oid, to_regclass('decision_inbox')::oid,
            to_regclass('decision_rows')::oid, (
                select md5(string_agg(concat_ws('/', fired.tgrelid, fired.tgname, fired.tgenabled, fired.xmin),
                    ',' order by fired.tgrelid, fired.tgname))
                from pg_trigger as fired where not fired.tgisinternal and fired.tgname like 'verdict\\_%'
                    and fired.tgrelid in (
                        select to_regclass('decision_vectors') union all select to_regclass('decision_inbox')
                        union all select to_regclass('decision_rows')
                        union all select relid from pg_partition_tree(to_regclass('decision_rows'))))), '')
        """
}

extension Audit.Finding {
    /// What was found, in words.
    var what: String {
        switch rows {
        case 1...: "\(PrintedNumber.counted(rows, "row")) on the server that no trigger told of"
        case ..<0:
            "\(PrintedNumber.counted(-rows, "row")) gone from the server without a trigger that told of it"
        default: "the tables or their triggers were changed, so that writes may not have been told of"
        }
    }

    /// All of it, for the check of the mirror.
    var sentence: String {
        "found \(foundAt): \(what)\(since.map { ", after \($0)" } ?? ""); everything "
            + "\(isRead ? "was" : "is being") read anew: whatever writes the tables must let their triggers fire"
    }
}
