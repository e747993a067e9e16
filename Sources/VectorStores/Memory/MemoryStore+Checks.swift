import Decisions
import Locks
import VectorIndex

extension MemoryStore {
    /// The store's own checks.
    @concurrent
    public func health() async throws -> [HealthCheck] {
        let now = options.clock()
        let index = indexStatistics()
        var checks =
            [linkingCheck(index, since: now) ?? MemoryStore.indexCheck(index, since: now)]
            + durableChecks(since: now)
        core.state.withReading { state in
            checks.append(identityCheck(conflicts: state.conflicts, since: now))
            checks.append(timesCheck(state, since: now))
            checks.append(retentionCheck(state, since: now))
            if let chosen = state.records.quantization {
                checks.append(MemoryStore.quantizationCheck(chosen, index, since: now))
            }
        }
        return checkHistory.withLock { $0.dated(checks, at: now) }
    }

    /// The share of deleted nodes past which a rebuild is advised.
    private static let tombstoneShare = 0.2

    private static func indexCheck(_ index: IndexStatistics, since now: Timestamp) -> HealthCheck {
        let facts =
            "\(PrintedNumber.counted(index.nodes, "node")), \(PrintedNumber.grouped(index.tombstones)) "
            + "deleted, \(PrintedNumber.grouped(index.unreachable)) unreachable"
        let tombstones = Double(index.tombstones) / Double(max(1, index.nodes + index.tombstones))
        if index.unreachable > 0 {
            return HealthCheck(
                name: "index", status: .degraded, since: now,
                detail: "\(facts): searches miss them, run verdict rebuild")
        }
        // Of fewer than that a sweep makes nothing either: they cost next to nothing.
        if index.tombstones >= HNSWIndex.sweepMinimum, tombstones > tombstoneShare {
            return HealthCheck(
                name: "index", status: .degraded, since: now,
                detail: "\(facts): searches slow down, run verdict rebuild")
        }
        return HealthCheck(name: "index", status: .ok, since: now, detail: facts)
    }

    /// A choice waits for its vectors or its rebuild; only one that could not be made needs somebody.
    private static func quantizationCheck(
        _ chosen: QuantizationSetting, _ index: IndexStatistics, since now: Timestamp
    ) -> HealthCheck {
        let standing = chosen.standing(present: index.quantization.rawValue, distinct: index.nodes)
        var isWell = true
        if case .ended(.failed) = standing { isWell = false }
        return HealthCheck(
            name: "quantization", status: isWell ? .ok : .degraded, since: now,
            detail: chosen.sentence(standing, distinct: index.nodes))
    }

    /// A client may choose its own identifier, so two contents under one are a sign that somebody does.
    private func identityCheck(conflicts: Int, since now: Timestamp) -> HealthCheck {
        guard conflicts > 0 else {
            return HealthCheck(
                name: "identity", status: .ok, since: now, detail: "no identifier is held with two contents")
        }
        return HealthCheck(
            name: "identity", status: .degraded, since: now,
            detail:
                "\(PrintedNumber.counted(conflicts, "decision")) came under an identifier that another has, "
                + "kept beside it: search id~\"~\" and see who chose it")
    }

    /// Ages count from the newest decision, so that one dated far ahead would end the others' time.
    private func timesCheck(_ state: borrowing StoreState, since now: Timestamp) -> HealthCheck {
        let bound = StoreState.lastBelievedTime(at: now)
        let ahead = state.rowCount(after: bound)
        guard ahead > 0 else {
            return HealthCheck(
                name: "times", status: .ok, since: now, detail: "no decision is dated ahead of the clock")
        }
        return HealthCheck(
            name: "times", status: .degraded, since: now,
            detail:
                "\(PrintedNumber.counted(ahead, "decision")) dated more than a day ahead of the clock, no age "
                + "counts from there: search time>\(bound) and see who wrote them, or set the clock")
    }

    private func retentionCheck(_ state: borrowing StoreState, since now: Timestamp) -> HealthCheck {
        let held = PrintedNumber.counted(state.liveCount, "decision")
        let kept: String
        if case .reader = role {
            // Each opening brings its own policy, and only the writer's counts.
            kept = "how much is kept is up to who writes"
        } else {
            let newest = state.newestTime(upTo: StoreState.lastBelievedTime(at: now))
            let times = state.times.flatMap { times in newest.map { times.lowerBound...$0 } }
            let budget = options.retention.budget(rows: state.liveCount, times: times)
            kept = options.retention.keepsEverything ? "\(budget)" : "keeps \(options.retention), \(budget)"
        }
        return HealthCheck(name: "retention", status: .ok, since: now, detail: "\(held), \(kept)")
    }
}
