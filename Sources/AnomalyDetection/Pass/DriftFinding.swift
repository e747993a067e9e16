import Decisions
import VectorStores

/// A principal that does something else lately than it used to.
struct DriftFinding: Sendable {
    /// What it did lately.
    var mix: RecentMix
    /// How far that is from its own past, 0 to 1.
    var divergence: Double
    /// How many decisions it had before.
    var past: Int
    /// What it does more than before, what says most first; never empty.
    var shifts: [Shift]

    /// A cell that grew.
    struct Shift: Sendable {
        var cell: BehaviourCell
        var recent: Int
        var past: Int
        var recentShare: Double
        var pastShare: Double
    }

    /// The most cells that are told.
    private static let maximumShifts = 3

    /// What an incident of it has for a score: above all that is never flagged, and more the further it went.
    func score(_ configuration: DetectorConfiguration) -> Double {
        configuration.minimumScore + (1 - configuration.minimumScore) * divergence
    }

    /// Why, in words, the most important first.
    func words(_ configuration: PassConfiguration, at time: Timestamp) -> [String] {
        let name = Reasons.short(mix.principal)
        var words = shifts.prefix(Self.maximumShifts).map { shift in
            "\(name) drifts: \(Self.percent(shift.recentShare)) of its last "
                + "\(PrintedNumber.counted(mix.decisions, "decision")) are "
                + "\(shift.cell.words), \(Self.percent(shift.pastShare)) of \(PrintedNumber.grouped(past)) before"
        }
        words.append(
            "its mix is \(Self.hundredths(divergence)) from its own past (0 the same, 1 nothing in common; "
                + "drift from \(Self.hundredths(configuration.driftThreshold)))")
        words.append("found by the periodic pass at \(time): no single decision had to be strange")
        return words
    }

    private static func percent(_ share: Double) -> String {
        let percent = Int((share * 100).rounded())
        return percent == 0 && share > 0 ? "under 1 %" : "\(percent) %"
    }

    private static func hundredths(_ value: Double) -> String {
        let hundredths = Int((value * 100).rounded())
        return hundredths >= 100 ? "1.00" : "0." + (hundredths < 10 ? "0" : "") + "\(hundredths)"
    }
}

extension Detector {
    /// What a principal's recent mix says beside its own past; `nil` when that is too short, or near enough.
    ///
    /// The recent decisions are part of the past already, and are taken out of it. Costs a look for each cell.
    func drift(of mix: RecentMix, _ configuration: PassConfiguration) -> DriftFinding? {
        guard mix.decisions >= configuration.minimumRecent else { return nil }
        return tenantDetector(mix.tenant)?.drift(of: mix, configuration)
    }
}

extension TenantDetector {
    fileprivate func drift(of mix: RecentMix, _ configuration: PassConfiguration) -> DriftFinding? {
        let principal = principals.number(of: mix.principal)
        let past = Int(principals.count(principal)) - mix.decisions
        guard past >= max(1, configuration.minimumPast) else { return nil }
        let cells = mix.cells.sorted { left, right in
            (left.key.kind, left.key.action, Self.number(of: left.key.effect))
                < (right.key.kind, right.key.action, Self.number(of: right.key.effect))
        }
        let pairs = cells.map { cell, recent in
            let key = CounterKey.whole(
                principal: principal, action: actions.number(of: cell.action.text),
                kind: kinds.number(of: cell.kind.text), effect: Self.number(of: cell.effect))
            return Divergence.Pair(
                recent: recent.count, past: max(0, Int(counters[key]) - recent.count))
        }
        let divergence = Divergence(pairs, pastTotal: past)
        guard divergence.value >= configuration.driftThreshold else { return nil }
        let recentTotal = Double(max(1, pairs.reduce(0) { $0 + $1.recent }))
        let pastTotal = Double(max(past, pairs.reduce(0) { $0 + $1.past }))
        var shifts: [(shift: DriftFinding.Shift, share: Double)] = []
        for (index, pair) in pairs.enumerated() {
            let shift = DriftFinding.Shift(
                cell: cells[index].key, recent: pair.recent, past: pair.past,
                recentShare: Double(pair.recent) / recentTotal, pastShare: Double(pair.past) / pastTotal)
            if shift.recentShare > shift.pastShare { shifts.append((shift, divergence.shares[index])) }
        }
        // Sorting is stable: of two that say as much, the first by name.
        let told = shifts.sorted { $0.share > $1.share }.map(\.shift)
        guard !told.isEmpty else { return nil }
        return DriftFinding(mix: mix, divergence: divergence.value, past: past, shifts: told)
    }
}
