/// What a migration of a database would do, and what stands in its way: judged from facts alone.
package struct MigrationPlan: Sendable {
    /// The steps that are left, in order; none while something must be changed first.
    package var steps: [MigrationStep] = []
    /// What must be changed first; with one of these nothing is done.
    package var obstacles: [String] = []
    /// What is not as it should be, and hinders nothing else.
    package var problems: [String] = []
    /// What is worth knowing and no problem; for people only.
    package var notices: [String] = []

    /// Judges a database.
    package init(_ facts: DatabaseFacts) {
        obstacles = facts.serverObstacles + facts.historyObstacles
        // Of a table that is not to be used nothing else matters.
        if obstacles.isEmpty {
            obstacles = facts.pgvectorObstacles + facts.tableObstacles
            if let obstacle = facts.neighborObstacle { obstacles.append(obstacle) }
        }
        notices = facts.notices + facts.layoutNotices + facts.neighborNotices
        guard obstacles.isEmpty else { return }
        let missing = Migration.all.filter { migration in
            (facts.applied[migration.number] == nil || facts.mustRepeat(migration))
                && migration.script(for: facts.storage) != nil
                && !(migration.isIndex && facts.layout.isByTenant)
        }
        steps = missing.map { MigrationStep($0, facts: facts) }
        problems = facts.driftProblems
        notices += facts.memoryNotices(for: steps)
    }

    /// Everything that is not as it should be, steps that lack a right included.
    package var allProblems: [String] {
        var all = obstacles + problems
        // Many steps may lack the same right.
        for blocker in steps.compactMap(\.blocker) where !all.contains(blocker) { all.append(blocker) }
        return all
    }
}

/// One step of a plan, with what it costs others.
package struct MigrationStep: Sendable {
    package let migration: Migration
    /// The lock it takes and on what, in words.
    package let lock: String
    /// Whether an index is built beside writers.
    package let isConcurrent: Bool
    /// About how long it takes, in words.
    package let estimate: String
    /// The right that is lacking for it.
    package let blocker: String?

    init(_ migration: Migration, facts: DatabaseFacts) {
        self.migration = migration
        let present = migration.touched.filter { facts.tables[$0] != nil }
        switch migration.work {
        case .script:
            isConcurrent = false
            estimate = "under a second"
            lock = present.isEmpty ? Self.noLock : Self.text(migration.lock, on: present)
        case .index(let usual):
            let index = facts.wanted(usual)
            let table = facts.tables[index.table]
            let isServed = table?.indexes.contains(where: index.isServed) ?? false
            isConcurrent = !isServed && table?.isFilled ?? false
            let level: Migration.LockLevel = isConcurrent ? .shareUpdateExclusive : .share
            lock = isServed || present.isEmpty ? Self.noLock : Self.text(level, on: present)
            let seconds = isServed ? 0 : index.seconds(forRows: table?.rows ?? 0)
            estimate = seconds < 1 ? "under a second" : "about \(Self.text(seconds: seconds))"
        }
        blocker = migration.blocker(facts)
    }

    private static let noLock = "none"

    private static func text(_ level: Migration.LockLevel, on tables: [String]) -> String {
        let waiting =
            switch level {
            case .none: "nobody waits"
            case .shareUpdateExclusive:
                "neither readers nor writers wait; it waits for open transactions, "
                    + "\(Schema.concurrentLockTimeoutSeconds / 60) min at most"
            case .shareRowExclusive, .share: "writers wait"
            }
        return "\(level.rawValue) on \(tables.joined(separator: ", ")): \(waiting)"
    }

    /// Seconds, minutes or hours for people.
    static func text(seconds: Int) -> String {
        switch seconds {
        case ..<100: "\(max(1, seconds)) s"
        case ..<6_000: "\((seconds + 30) / 60) min"
        default: "\((seconds + 1_800) / 3_600) h"
        }
    }
}

extension IndexDefinition {
    /// About how long building it takes.
    func seconds(forRows rows: Int) -> Int { rows / rowsPerSecond }
}
