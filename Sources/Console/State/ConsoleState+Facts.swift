import AnomalyDetection
import Decisions
import Operations
import TerminalUI
import VectorStores

/// How much room there is, in the steps the screens are designed for.
enum Density: Comparable, Sendable {
    /// Under 60x18: one pane.
    case tiny
    /// 80x24: one column, one pane at a time where panes need width.
    case compact
    /// 120x36 and up.
    case wide

    init(_ size: Size) {
        if size.width < 60 || size.height < 18 {
            self = .tiny
        } else if size.width < 100 || size.height < 26 {
            self = .compact
        } else {
            self = .wide
        }
    }
}

/// What is read from the state in several places.
extension ConsoleState {
    var density: Density { Density(size) }

    /// Whether there is room for a list and what it leads to side by side.
    var isSplit: Bool { density == .wide && size.width >= Self.leastSplitWidth }

    /// Under this width a list and its evidence would both be cut.
    static let leastSplitWidth = 130

    /// Whether nothing is there and nothing comes: the console then offers how to begin.
    var isEmptyStore: Bool {
        hasSnapshot && snapshot.connection == .live && snapshot.statistics.vectors == 0
            && snapshot.loading == nil
            && !snapshot.sources.contains { $0.state == .reading }
    }

    /// Why nothing may be written, when it may not.
    var readOnlyReason: String? {
        switch snapshot.connection {
        case .lost: return "the store does not answer"
        case .unopened: return "the store is not opened"
        case .live, .away: return snapshot.readOnlyReason
        }
    }

    /// Why incidents may not be triaged.
    var whyNotTriage: String? { snapshot.access == .view ? Self.readOnlySession : readOnlyReason }

    /// Why the store may not be changed.
    var whyNotOperate: String? {
        switch snapshot.access {
        case .view: Self.readOnlySession
        case .triage: readOnlyReason ?? "needs access operate: start with --write"
        case .operate: readOnlyReason
        }
    }

    private static let readOnlySession = "this session is --read-only: start with --write"

    /// What may be done now: where the store cannot be written, no more than looking.
    var effectiveAccess: AccessLevel { snapshot.readOnlyReason == nil ? snapshot.access : .view }

    /// The job of this session that runs, when one does.
    var runningJob: JobSummary? { snapshot.jobs.first { $0.owner == nil && $0.isRunning } }

    /// The job of another process that runs: it can only be looked at.
    var othersJob: JobSummary? { snapshot.jobs.first { $0.owner != nil && $0.isRunning } }

    /// How many seconds behind the wall clock an end of event time may be before it is said.
    static let eventTimeSlackSeconds = 1_800.0

    /// Where the event-time charts end when that is not now: the newest decision's time.
    var asOf: Timestamp? {
        guard let newest = snapshot.newestDecision ?? snapshot.statistics.newestDecision,
            now.secondsSince1970 - newest.secondsSince1970 > Self.eventTimeSlackSeconds
        else { return nil }
        return newest
    }

    /// The instant ages of decisions count from: the newest decision where the log is an old one.
    var eventNow: Timestamp { asOf ?? now }

    /// Seconds since the picture that is shown was true.
    ///
    /// A mirror that follows its server is a second behind at most: only one that is late counts.
    var pictureAgeSeconds: Double {
        let behind = snapshot.statistics.server?.mirrorAgeSeconds ?? 0
        let age = max(0, now.secondsSince1970 - snapshot.wallTime.secondsSince1970)
        return age + (behind >= Self.lateMirrorSeconds ? behind : 0)
    }

    private static let lateMirrorSeconds = 3.0

    /// The tenant's row of the scope.
    var scopeSummary: TenantSummary? {
        scope.flatMap { tenant in snapshot.tenants.first { $0.id == tenant } }
    }

    /// A tenant as it is shown; the one without a name has one too.
    static func tenantName(_ tenant: String) -> String { tenant.isEmpty ? "(none)" : tenant }
}

extension Incident {
    /// Whether it gathers what many principals did, and so is named for none of them.
    var isOfManyPrincipals: Bool { key.principal == IncidentBook.burstName }
}
