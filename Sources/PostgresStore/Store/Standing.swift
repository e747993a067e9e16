import Decisions
import Locks
import VectorStores

/// How it stands with the server, as whoever last asked it noted.
struct Standing: Sendable {
    /// When the mirror last held everything that its server had.
    private(set) var askedAt = ContinuousClock.now
    /// When it last held everything that was committed, at the latest.
    private(set) var freshAt = ContinuousClock.now
    /// How far the server was that was read last; a standby may itself be behind.
    private(set) var source: ServerMoment?
    /// When that was asked.
    private var sourceTime: ContinuousClock.Instant?
    /// Why the server could not be asked since; `nil` when it could.
    private(set) var failure: PostgresError?
    /// When a server that is away is asked again; `nil` while it is being asked.
    var nextAttempt: ContinuousClock.Instant?
    /// How many rows the mirror holds.
    var rows = 0
    /// How many different vectors they have; `nil` before everything was read.
    var distinct: Int?
    /// How many rows it cannot hold.
    var leftOut = 0
    /// One of those and why.
    var leftOutExample: (id: String, reason: String)?
    /// How many rows wait in the inbox, past a bound about so many.
    var backlog = 0
    /// How long writing took so far.
    var writing = Duration.zero
    /// Rows that left the inbox in a second, when some last did.
    var movedPerSecond = 0.0
    /// Why no row could be moved; `nil` when all is well.
    var moverFailure: PostgresError?
    /// Bytes of the tables and their indexes.
    var diskBytes = 0
    /// What the server last knew of itself; `nil` before it was asked.
    var measurement: ServerMeasurement?

    /// A server was read that is so far, as it told at a time.
    mutating func began(at moment: ServerMoment?, asked time: ContinuousClock.Instant) {
        source = moment
        sourceTime = time
    }

    /// The server was asked and everything taken over.
    mutating func succeeded() {
        askedAt = .now
        freshAt = (sourceTime ?? askedAt) - .seconds(source?.lagSeconds ?? 0)
        failure = nil
    }

    /// The server did not do what was asked; counts where it could do nothing else either.
    mutating func failed(_ error: PostgresError) {
        switch error.code {
        case .connection, .authentication, .timeout, .full, .tooManyConnections, .shuttingDown,
            .unknownOutcome:
            failure = error
        default: break
        }
    }

    /// The mirror was opened as it was some time ago.
    mutating func opened(age: Duration) {
        askedAt = .now - age
        freshAt = askedAt
    }

    /// Whether the server could not be asked when it last was.
    var isAway: Bool {
        switch failure?.code {
        case .connection, .timeout, .tooManyConnections, .shuttingDown, .unknownOutcome: true
        default: false
        }
    }

    /// How long ago the mirror last held everything that its server had.
    var sinceAsked: Duration { .now - askedAt }

    /// About how many seconds it takes until the inbox is empty; `nil` while it is, or before a row was moved.
    var drainSeconds: Int? {
        guard backlog > 0, movedPerSecond > 0 else { return nil }
        return Int((Double(backlog) / movedPerSecond).rounded(.up))
    }

    /// How long ago the mirror last held everything that was committed, at most.
    var age: Duration { .now - freshAt }
}

extension PostgresLog {
    /// A mirror older than this is told to be.
    private static let staleAfter = Duration.seconds(5)

    var lateSeconds: Double? {
        let age = standing.withLock { $0.age }
        return age > Self.staleAfter ? age / .seconds(1) : nil
    }

    func checks(since now: Timestamp) -> [HealthCheck] {
        let standing = standing.withLock { $0 }
        return [
            serverCheck(standing, since: now), mirrorCheck(standing, since: now),
            Self.inboxCheck(standing, since: now), rowsCheck(standing, since: now),
            HealthCheck(name: "pgvector", status: .ok, since: now, detail: facts.pgvector),
        ] + relationChecks(standing, since: now) + localChecks(since: now)
    }

    private func serverCheck(_ standing: Standing, since now: Timestamp) -> HealthCheck {
        guard let failure = standing.failure else {
            return HealthCheck(
                name: "server", status: .ok, since: now, detail: "PostgreSQL \(facts.serverVersion) answers")
        }
        return HealthCheck(
            name: "server", status: .degraded, since: now,
            detail: "searches are answered by the mirror, "
                + (queue != nil && standing.isAway ? "decisions are queued" : "nothing can be written")
                + ": \(failure.description); "
                + (standing.nextAttempt.map { "asked again in \(Self.secondsUntil($0)) s" }
                    ?? "being asked again"))
    }

    private static func secondsUntil(_ time: ContinuousClock.Instant) -> Int {
        max(0, Int(((time - .now) / .seconds(1)).rounded(.up)))
    }

    private func mirrorCheck(_ standing: Standing, since now: Timestamp) -> HealthCheck {
        let held = PrintedNumber.counted(standing.rows, "row")
        let seconds = Int(standing.age / .seconds(1))
        guard standing.sinceAsked <= Self.staleAfter else {
            return HealthCheck(
                name: "mirror", status: .degraded, since: now,
                detail: "\(held), as the server had them \(PrintedNumber.counted(seconds, "second")) ago")
        }
        guard facts.tellsChanges else {
            return HealthCheck(
                name: "mirror", status: .degraded, since: now,
                detail:
                    "\(held); what other programs write is seen minutes late or not at all, since the triggers "
                    + "are missing or off: run verdict migrate")
        }
        if let finding = audit.withLock({ $0.recentFinding }) {
            return HealthCheck(
                name: "mirror", status: .degraded, since: now,
                detail: "\(held), as the server has them; \(finding.sentence)")
        }
        if let source = standing.source, source.isStandby {
            let isNear = source.lagSeconds <= Double(address.stalenessSeconds)
            let detail = "\(held), as a standby server has them, \(source.told(standing.age))"
            return HealthCheck(
                name: "mirror", status: isNear ? .ok : .degraded, since: now,
                detail: detail + (isNear ? "" : "; wait for it, or name the primary"))
        }
        return HealthCheck(
            name: "mirror", status: .ok, since: now, detail: "\(held), as the server has them")
    }

    static func inboxCheck(_ standing: Standing, since now: Timestamp) -> HealthCheck {
        let waiting = PrintedNumber.counted(standing.backlog, "row")
        // What is wrong then is told by the server's own check.
        if standing.isAway {
            return HealthCheck(
                name: "inbox", status: .ok, since: now,
                detail: standing.backlog == 0
                    ? "empty when the server was last asked"
                    : "\(waiting) safe on the server, moved into the table once it is back")
        }
        if let failure = standing.moverFailure {
            let what =
                failure.code == .readOnlyServer
                ? "nothing can be written" : "\(waiting) cannot be moved into the table"
            return HealthCheck(
                name: "inbox", status: .degraded, since: now, detail: "\(what): \(failure.description)")
        }
        var detail = standing.backlog == 0 ? "empty" : "\(waiting) on the way into the table"
        if let seconds = standing.drainSeconds { detail += ", done in \(PrintedNumber.grouped(seconds)) s" }
        guard standing.backlog >= slowingBacklog else {
            return HealthCheck(name: "inbox", status: .ok, since: now, detail: detail)
        }
        return HealthCheck(
            name: "inbox", status: .degraded, since: now, detail: "\(detail): writers are slowed")
    }

    private func rowsCheck(_ standing: Standing, since now: Timestamp) -> HealthCheck {
        guard standing.leftOut > 0 else {
            return HealthCheck(name: "rows", status: .ok, since: now, detail: "every row can be held")
        }
        let example = standing.leftOutExample.map {
            " (\(PrintedText.escaped($0.id, limit: 80)): \(PrintedText.escaped($0.reason)))"
        }
        return HealthCheck(
            name: "rows", status: .degraded, since: now,
            detail: "\(PrintedNumber.counted(standing.leftOut, "row")) left out\(example ?? ""): correct or "
                + "delete them")
    }
}
