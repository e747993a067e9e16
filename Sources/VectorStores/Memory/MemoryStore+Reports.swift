import Decisions
import Locks
import VectorIndex

extension MemoryStore {
    /// Sizes, index parameters and memory.
    @concurrent
    public func statistics() async throws -> StoreStatistics {
        let measured = indexStatistics()
        let diskBytes = diskBytes
        let server = serverReport
        return core.state.withReading { state in
            let parts = state.columns.memoryParts
            var memory: [String: Int] = [:]
            for part in measured.parts { memory[part.name, default: 0] += part.bytes }
            memory["ids"] =
                parts.identifiers + state.identities.memoryBytes + state.retired.memoryBytes
            memory["metadata"] = parts.metadata
            var index = StoreStatistics.IndexReport(measured)
            if let breadth = state.records.searchBreadth { index.ef = breadth }
            index.chosen = state.records.quantization
            var statistics = StoreStatistics(
                vectors: state.liveCount, distinct: measured.nodes, dimension: Embedding.dimension,
                recipe: options.recipe, index: index,
                memoryBytes: memory.values.reduce(0, +), memoryParts: memory, lastInsert: state.lastInsert,
                newestDecision: state.times?.upperBound, oldestDecision: state.times?.lowerBound,
                tenants: state.tenantCounts.count { $0.rows > 0 }, conflicts: state.conflicts,
                diskBytes: diskBytes)
            statistics.mappedBytes = measured.mappedBytes
            statistics.server = server
            return statistics
        }
    }

    /// The index's own numbers, at the breadth that searches here have.
    func indexStatistics() -> IndexStatistics {
        let breadth = core.state.withReading { $0.records.searchBreadth }
        return core.index.statistics(shapeUpTo: MemoryStore.shapeAge, breadth: breadth)
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

    /// How old what walks of the whole graph found may be while the graph changes.
    static let shapeAge = Duration.seconds(10)
}

extension StoreStatistics.IndexReport {
    /// The index's own numbers in the words of a store.
    init(_ index: IndexStatistics) {
        self.init(
            m: index.configuration.maximumLinks, efConstruction: index.configuration.constructionBreadth,
            ef: index.configuration.searchBreadth(nodes: index.nodes),
            quantization: index.quantization.rawValue,
            kernel: index.kernel.name,
            nodes: index.nodes, tombstones: index.tombstones, unreachable: index.unreachable,
            layers: index.layers, degreeHistogram: index.degrees)
        selfSearch = index.selfSearch.map {
            SelfSearch(
                searches: $0.searches, recall: $0.recall, distances: $0.distances, hops: $0.hops)
        }
        tail = index.tail
        codeBytes = index.codeBytes
        exactBytes = index.exactBytes
        training = index.training.map {
            Training(vectors: $0.vectors, centroids: $0.centroids, centroidLimit: $0.centroidLimit)
        }
    }
}

extension RebuildReport.BuiltGraph {
    /// The index's own account in the words of a store.
    init(_ report: VectorIndex.RebuildReport) {
        self.init(
            nodes: report.nodes, tombstonesDropped: report.tombstonesDropped,
            rowsCarriedOver: report.rowsCarriedOver, selfRecall: report.selfRecall)
    }
}
