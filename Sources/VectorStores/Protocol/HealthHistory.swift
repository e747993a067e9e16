package import Decisions

/// Remembers since when each check has been as it is.
package struct HealthHistory: Sendable {
    private struct Standing {
        var status: HealthCheck.Status
        var since: Timestamp
    }

    private let start: Timestamp
    private var standings: [String: Standing]?

    /// Begins at a time: what the first look finds counts as having been so since then.
    package init(start: Timestamp) {
        self.start = start
    }

    /// The checks of a look, each with the time since when it has its status.
    package mutating func dated(_ checks: [HealthCheck], at now: Timestamp) -> [HealthCheck] {
        let before = standings
        var after: [String: Standing] = [:]
        let dated = checks.map { check in
            var check = check
            if let before {
                let standing = before[check.name]
                check.since = standing?.status == check.status ? standing?.since ?? now : now
            } else {
                check.since = start
            }
            after[check.name] = Standing(status: check.status, since: check.since)
            return check
        }
        standings = after
        return dated
    }
}
