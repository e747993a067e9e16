public import Decisions
public import VectorStores

/// Scores decisions against the past of their tenant: pure, deterministic, a few microseconds each.
///
/// Three channels, each turned into the share of the tenant's past that was less strange: distance
/// to the nearest past decisions, rarity of the combination given its parts, and how much of it was
/// never seen. The score is their mean; it is flagged above a quantile of the tenant's newest scores.
public struct Detector: Sendable, Hashable {
    /// How decisions are scored and flagged.
    public let configuration: DetectorConfiguration
    private var tenants: [TenantDetector] = []
    private var places: [ByteKey: Int] = [:]
    /// Per place: whether the tenant was used since the sweep for a victim last came by.
    private var wasUsed: [Bool] = []
    private var sweep = 0
    /// Things kept over all tenants.
    private(set) var footprint = 0
    /// What triage taught: it lies over what is counted and is no part of it.
    var lessons = LessonTable()

    /// Creates a detector that knows no past.
    public init(configuration: DetectorConfiguration = DetectorConfiguration()) {
        self.configuration = configuration
    }

    /// Scores a decision against what was ingested before and then makes it part of the past.
    ///
    /// Without a novelty (not measured) the score is the mean of the two counting channels. `withoutWithheld` is the
    /// novelty among neighbours that no lesson withholds, where that differs: judged is by it, counted is the other.
    public mutating func ingest(
        _ decision: Decision, storedID: String? = nil, novelty: Novelty?, withoutWithheld: Novelty? = nil
    ) -> Assessment {
        let place = place(of: decision.tenant)
        wasUsed[place] = true
        let before = tenants[place].footprint
        let assessment = tenants[place].ingest(
            decision, storedID: storedID ?? decision.id,
            novelty: novelty, withoutWithheld: withoutWithheld,
            lessons: lessons.lessons(of: decision.tenant), configuration: configuration)
        footprint += tenants[place].footprint - before
        if isOverBudget(place) {
            let full = tenants[place].footprint
            tenants[place].age()
            footprint += tenants[place].footprint - full
        }
        return assessment
    }

    /// Scores a decision against what was ingested before, as ``ingest(_:storedID:novelty:)`` would to the last
    /// bit, and counts nothing of it.
    ///
    /// A tenant without a past stays without one. Forgotten decisions of the same tenant are counted nowhere, as if
    /// they had never come; each costs a look.
    public func preview(
        _ decision: Decision, storedID: String? = nil, novelty: Novelty?, forgetting others: [Decision] = []
    ) -> Assessment {
        let known = places[ByteKey(decision.tenant)].map { tenants[$0] }
        let past = known ?? TenantDetector(tenant: decision.tenant, configuration: configuration)
        return past.preview(
            decision, storedID: storedID ?? decision.id, novelty: novelty,
            lessons: lessons.lessons(of: decision.tenant), configuration: configuration, forgetting: others)
    }

    /// How many decisions a tenant has had.
    public func decisions(ofTenant tenant: String) -> Int {
        places[ByteKey(tenant)].map { Int(tenants[$0].decisions) } ?? 0
    }

    /// How many decisions of a tenant were flagged.
    public func anomalies(ofTenant tenant: String) -> Int {
        places[ByteKey(tenant)].map { Int(tenants[$0].anomalies) } ?? 0
    }

    /// The tenants with a past, by name.
    public var tenantNames: [String] {
        places.keys.sorted().map(\.text)
    }

    /// The tenants with the most decisions, of those that have so many at least: the busiest first, at most `limit`.
    ///
    /// Costs a look at each tenant.
    func busiestTenants(_ limit: Int, having least: Int) -> [String] {
        var found: [(tenant: String, decisions: UInt32)] = []
        for place in tenants.indices where tenants[place].decisions >= least {
            let decisions = tenants[place].decisions
            let rank = found.firstIndex { $0.decisions < decisions } ?? found.count
            guard rank < limit else { continue }
            found.insert((tenant: tenants[place].tenant, decisions: decisions), at: rank)
            if found.count > limit { found.removeLast() }
        }
        return found.map(\.tenant)
    }

    /// The past of a tenant, for saving.
    func tenantDetector(_ tenant: String) -> TenantDetector? {
        places[ByteKey(tenant)].map { tenants[$0] }
    }

    /// Takes a saved past in place of what is known of its tenant.
    mutating func adopt(_ saved: TenantDetector) {
        let place = place(of: saved.tenant)
        footprint += saved.footprint - tenants[place].footprint
        tenants[place] = saved
        wasUsed[place] = true
    }

    /// A tenant that has as many names as allowed ages, and so does one above its fair share when
    /// all tenants together have too many counters; then not again until it has grown.
    private func isOverBudget(_ place: Int) -> Bool {
        let kept = tenants[place].footprint
        let isFull = tenants[place].isFull(limit: configuration.maximumNames)
        let isAboveShare =
            footprint > configuration.maximumCounters && kept > configuration.maximumCounters / tenants.count
        guard isFull || isAboveShare else { return false }
        return tenants[place].hasGrownSinceAging
    }

    private mutating func place(of tenant: String) -> Int {
        let key = ByteKey(tenant)
        if let place = places[key] { return place }
        let fresh = TenantDetector(tenant: tenant, configuration: configuration)
        guard tenants.count >= max(1, configuration.maximumTenants) else {
            tenants.append(fresh)
            wasUsed.append(false)
            places[key] = tenants.count - 1
            return tenants.count - 1
        }
        let place = victim()
        places[ByteKey(tenants[place].tenant)] = nil
        footprint -= tenants[place].footprint
        tenants[place] = fresh
        places[key] = place
        return place
    }

    /// A tenant that was idle, by the second-chance clock (Corbató: "A paging experiment with the
    /// Multics system", 1968): constant time per new tenant on average, also under a flood.
    private mutating func victim() -> Int {
        while wasUsed[sweep] {
            wasUsed[sweep] = false
            sweep = (sweep + 1) % tenants.count
        }
        let place = sweep
        sweep = (sweep + 1) % tenants.count
        return place
    }
}
