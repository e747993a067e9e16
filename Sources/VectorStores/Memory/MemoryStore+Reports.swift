import Decisions
import Locks
import VectorIndex

extension MemoryStore {
    /// Sizes, index parameters and memory.
    @concurrent
    public func statistics() async throws -> StoreStatistics {
        let measured = core.index.statistics(shapeUpTo: MemoryStore.shapeAge)
        let diskBytes = diskBytes
        return core.state.withReading { state in
            let parts = state.columns.memoryParts
            var memory: [String: Int] = [:]
            for part in measured.parts { memory[part.name, default: 0] += part.bytes }
            memory["identifiers"] =
                parts.identifiers + state.identities.memoryBytes + state.retired.memoryBytes
            memory["metadata"] = parts.metadata
            return StoreStatistics(
                vectors: state.liveCount, distinct: measured.nodes, dimension: Embedding.dimension,
                recipe: options.recipe, index: StoreStatistics.IndexReport(measured),
                memoryBytes: memory.values.reduce(0, +), memoryParts: memory, lastInsert: state.lastInsert,
                newestDecision: state.times?.upperBound, oldestDecision: state.times?.lowerBound,
                tenants: state.tenantCounts.count { $0.rows > 0 }, conflicts: state.conflicts,
                diskBytes: diskBytes)
        }
    }

    /// One row per tenant, by name.
    @concurrent
    public func tenants() async throws -> [TenantStatistics] {
        let index = core.index
        return core.state.withReading { state in
            state.tenantCounts.enumerated().filter { $0.element.rows > 0 }.map { number, counts in
                TenantStatistics(
                    tenant: state.columns.tenants.values.text(UInt32(number)), vectors: counts.rows,
                    distinct: index.distinctCount(in: Partition(rawValue: UInt32(number))),
                    denies: counts.denies, lastTime: counts.newest)
            }.sorted { $0.tenant.utf8.lexicographicallyPrecedes($1.tenant.utf8) }
        }
    }

    /// The store's own checks.
    @concurrent
    public func health() async throws -> [HealthCheck] {
        let now = options.clock()
        let index = core.index.statistics(shapeUpTo: MemoryStore.shapeAge)
        var checks = [indexCheck(index, since: now)] + durableChecks(since: now)
        core.state.withReading { state in
            checks.append(identityCheck(conflicts: state.conflicts, since: now))
            let budget = options.retention.budget(rows: state.liveCount, times: state.times)
            let kept = options.retention.keepsEverything ? "" : "keeps \(options.retention), "
            checks.append(
                HealthCheck(
                    name: "retention", status: .ok, since: now,
                    detail: "\(state.liveCount) decisions, \(kept)\(budget)"))
        }
        return checkHistory.withLock { $0.dated(checks, at: now) }
    }

    /// How old what walks of the whole graph found may be while the graph changes.
    private static let shapeAge = Duration.seconds(10)

    /// The share of deleted nodes past which a rebuild is advised.
    private static let tombstoneShare = 0.2

    /// A client may choose its own identifier, so two contents under one are a sign that somebody does.
    private func identityCheck(conflicts: Int, since now: Timestamp) -> HealthCheck {
        guard conflicts > 0 else {
            return HealthCheck(
                name: "identity", status: .ok, since: now, detail: "no identifier came with two contents")
        }
        let count = conflicts == 1 ? "1 decision" : "\(conflicts) decisions"
        return HealthCheck(
            name: "identity", status: .degraded, since: now,
            detail:
                "\(count) came under an identifier that another has, kept beside it: "
                + "search id~\"~\" and see who chose it")
    }

    private func indexCheck(_ index: IndexStatistics, since now: Timestamp) -> HealthCheck {
        let facts = "\(index.nodes) nodes, \(index.tombstones) deleted, \(index.unreachable) unreachable"
        let tombstones = Double(index.tombstones) / Double(max(1, index.nodes + index.tombstones))
        if index.unreachable > 0 {
            return HealthCheck(
                name: "index", status: .degraded, since: now,
                detail: "\(facts): searches miss them, run verdict rebuild")
        }
        if tombstones > MemoryStore.tombstoneShare {
            return HealthCheck(
                name: "index", status: .degraded, since: now,
                detail: "\(facts): searches slow down, run verdict rebuild")
        }
        return HealthCheck(name: "index", status: .ok, since: now, detail: facts)
    }
}

extension StoreStatistics.IndexReport {
    /// The index's own numbers in the words of a store.
    init(_ index: IndexStatistics) {
        self.init(
            m: index.configuration.maximumLinks, efConstruction: index.configuration.constructionBreadth,
            ef: index.configuration.searchBreadth, quantization: "none", kernel: index.kernel.name,
            nodes: index.nodes, tombstones: index.tombstones, unreachable: index.unreachable,
            layers: index.layers, degreeHistogram: index.degrees)
    }
}
