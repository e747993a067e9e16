import Decisions

/// Looks for the smallest change that makes a flagged decision ordinary.
///
/// Single fields are tried with values that are usual in the tenant; two together only where no single one is
/// enough, and of changes that are not enough alone, so that nothing is offered of which less would do. Of each
/// field, or two, the smallest change is offered and no other.
struct FlipSearch {
    /// The most values tried in a field.
    static let valuesPerField = 6
    /// The values of a field that are tried together with those of another.
    static let valuesInPairs = 2
    /// The most offers told.
    static let maximumOffers = 9
    /// How many that come close are told where nothing is enough.
    static let maximumClosest = 3

    private let decision: Decision
    private let own: Embedding
    private(set) var singles: [Flip] = []
    private(set) var pairs: [Flip] = []

    init(_ decision: Decision) {
        self.decision = decision
        own = DecisionEmbedder().embed(decision)
    }

    /// The hours that fall into other parts of the day: the nearest one of each, since hours of the same part are
    /// the same to the vector.
    var hours: [FlipChange] {
        let hour = decision.time.hourOfDay
        func distance(_ other: Int) -> Int { min(abs(other - hour), 24 - abs(other - hour)) }
        var nearest: [Int: Int] = [:]
        for other in 0..<24 where other / 4 != hour / 4 {
            if let known = nearest[other / 4], distance(known) <= distance(other) { continue }
            nearest[other / 4] = other
        }
        return nearest.values.sorted { (distance($0), $0) < (distance($1), $1) }.map { .hour($0) }
    }

    /// Notes what the score of the decision is with some fields changed.
    mutating func note(_ changes: [FlipChange], _ score: FlipScore) {
        let flip = Flip(
            changes: changes, score: score, size: size(of: changes),
            hoursMoved: changes.reduce(0) { $0 + $1.hoursMoved(from: decision) })
        if changes.count == 1 { singles.append(flip) } else { pairs.append(flip) }
    }

    /// How much of the vector changes.
    func size(of changes: [FlipChange]) -> Double {
        1 - Self.cosine(own, DecisionEmbedder().embed(decision.applying(changes)))
    }

    /// Two changes to try together, the most promising first; none where a single one is enough.
    var together: [[FlipChange]] {
        if singles.contains(where: { !$0.score.isFlagged }) { return [] }
        let best = FlipChange.Field.allCases.map { field in
            singles.filter { $0.changes[0].field == field }
                .sorted { ($0.score.score, $0.size) < ($1.score.score, $1.size) }
                .prefix(Self.valuesInPairs).map { $0.changes[0] }
        }
        var result: [[FlipChange]] = []
        for (place, first) in best.enumerated() {
            for second in best[(place + 1)...] {
                for left in first { for right in second { result.append([left, right]) } }
            }
        }
        return result
    }

    /// What was found.
    func report(score: FlipScore, isLive: Bool) -> FlipReport {
        func ordered(_ flips: [Flip]) -> [Flip] {
            flips.indices.sorted { left, right in
                if flips[left].isSmaller(than: flips[right]) { return true }
                return !flips[right].isSmaller(than: flips[left]) && left < right
            }.map { flips[$0] }
        }
        let tried = singles + pairs
        // What is ordinary as it is needs no change.
        var fields: Set<Set<FlipChange.Field>> = []
        let enough =
            score.isFlagged
            ? ordered(tried.filter { !$0.score.isFlagged })
                .filter { fields.insert(Set($0.changes.map(\.field))).inserted } : []
        let closest =
            score.isFlagged && enough.isEmpty
            ? tried.sorted { ($0.score.score, $0.size) < ($1.score.score, $1.size) } : []
        return FlipReport(
            decision: decision, score: score, offers: Array(enough.prefix(Self.maximumOffers)),
            singles: ordered(singles), closest: Array(closest.prefix(Self.maximumClosest)),
            tried: tried.count, isLive: isLive)
    }

    static func cosine(_ left: Embedding, _ right: Embedding) -> Double {
        var sum = 0
        for (place, count) in left.counts.enumerated() { sum += Int(count) * Int(right.counts[place]) }
        return Double(sum) * Double(left.scale) * Double(right.scale)
    }
}
