import Decisions
import VectorStores

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What was done, on what kind of resource, and what was answered.
struct BehaviourCell: Sendable, Hashable {
    var action: ByteKey
    var kind: ByteKey
    var effect: Effect

    /// The cell as a person says it: `get secrets`, `delete pods, denied`.
    var words: String {
        let what = "\(Reasons.short(action.text)) \(Reasons.short(kind.text))"
        return switch effect {
        case .allow: what
        case .deny: what + ", denied"
        case .conditional: what + ", conditional"
        }
    }
}

/// What one principal did lately, counted by cell.
struct RecentMix: Sendable {
    /// The tenant.
    var tenant: String
    /// The principal.
    var principal: String
    /// How many decisions it had.
    var decisions = 0
    /// How often each cell came, and which of the decisions looked at had it, the newest first.
    var cells: [BehaviourCell: Recent] = [:]

    struct Recent: Sendable {
        var count = 0
        var places: [Int] = []
    }

    /// The mixes of all principals among decisions that stand newest first, by tenant and name.
    ///
    /// Who has fewer than `minimum` decisions is left out; of each cell the newest `places` are remembered.
    static func mixes(of recent: [StoredDecision], minimum: Int, places: Int) -> [RecentMix] {
        struct Name: Hashable {
            var tenant: ByteKey
            var principal: ByteKey
        }
        var mixes: [Name: RecentMix] = [:]
        for (place, stored) in recent.enumerated() {
            let decision = stored.decision
            let name = Name(tenant: ByteKey(decision.tenant), principal: ByteKey(decision.principal.id))
            var mix =
                mixes.removeValue(forKey: name)
                ?? RecentMix(tenant: decision.tenant, principal: decision.principal.id)
            mix.decisions += 1
            let kind = ByteKey(decision.resource.kind)
            for action in decision.actions.prefix(TenantDetector.maximumActions) {
                let cell = BehaviourCell(action: ByteKey(action), kind: kind, effect: decision.effect)
                mix.cells[cell, default: Recent()].count += 1
                if mix.cells[cell]?.places.count ?? 0 < places { mix.cells[cell]?.places.append(place) }
            }
            mixes[name] = mix
        }
        return mixes.values.filter { $0.decisions >= max(1, minimum) }.sorted {
            (ByteKey($0.tenant), ByteKey($0.principal)) < (ByteKey($1.tenant), ByteKey($1.principal))
        }
    }
}

/// How far apart two samples of the same cells are.
struct Divergence: Sendable {
    /// One cell in both samples.
    struct Pair: Sendable, Hashable {
        var recent: Int
        var past: Int
    }

    /// 0, the same, to 1, nothing in common; less what chance alone makes of samples of this size.
    let value: Double
    /// What each cell has of it.
    let shares: [Double]

    /// The Jensen-Shannon divergence in bits (Lin: "Divergence measures based on the Shannon entropy", IEEE
    /// Transactions on Information Theory 37(1), 1991), both samples weighing the same.
    ///
    /// `pastTotal` counts cells too that the recent sample lacks. Of two samples of one distribution it is
    /// `(cells - 1) (1/n + 1/m) / (8 ln 2)` in the mean, as the chi-squared statistic that it approaches has its
    /// degrees of freedom for a mean; that is taken off, so that few decisions are no drift.
    init(_ cells: [Pair], pastTotal: Int) {
        let recentTotal = cells.reduce(0) { $0 + $1.recent }
        let pastTotal = max(pastTotal, cells.reduce(0) { $0 + $1.past })
        guard recentTotal > 0, pastTotal > 0 else {
            value = 0
            shares = cells.map { _ in 0 }
            return
        }
        func part(_ share: Double, of mean: Double) -> Double {
            share > 0 ? share / 2 * log2(share / mean) : 0
        }
        var seen = 0.0
        var parts: [Double] = []
        for cell in cells {
            let recent = Double(cell.recent) / Double(recentTotal)
            let past = Double(cell.past) / Double(pastTotal)
            let mean = (recent + past) / 2
            parts.append(part(recent, of: mean) + part(past, of: mean))
            seen += past
        }
        // Of each cell that the recent sample lacks half its share, whatever the cells are.
        let absent = max(0, 1 - seen)
        let distinct = cells.count { $0.recent > 0 || $0.past > 0 } + (absent > 0 ? 1 : 0)
        let chance =
            Double(max(0, distinct - 1)) * (1 / Double(recentTotal) + 1 / Double(pastTotal)) / (8 * log(2))
        shares = parts
        value = max(0, min(1, parts.reduce(absent / 2, +) - chance))
    }
}
