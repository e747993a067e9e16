public import VectorStores

/// The answer of a walk held against the exact one to the same question, row by row.
///
/// A row that the walk gave another for, as near or nearer, counts as found: which of equally near
/// rows comes last is chance, and a row that was stored between both questions may take a place.
public struct AnswerComparison: Sendable, Hashable {
    /// What became of a row of the exact answer.
    public enum Standing: Sendable, Hashable {
        /// The walk gave it, at this place.
        case found(Int)
        /// The walk gave another as near instead, at this place.
        case tied(Int)
        /// The walk gave nothing for it.
        case missed
    }

    /// What became of each row of the exact answer, in its order.
    public let standings: [Standing]
    /// The places of the walk's rows that stand for none of the exact answer.
    public let extras: [Int]

    /// Cosines this close count as equal.
    public static let tieTolerance: Float = 1e-6

    /// Compares two answers, each nearest first.
    public init(of walked: [SearchResult], with exact: [SearchResult]) {
        let places = Dictionary(
            zip(walked.map(\.stored.identity), walked.indices), uniquingKeysWith: { first, _ in first })
        var standings = exact.map { result in
            places[result.stored.identity].map { Standing.found($0) } ?? .missed
        }
        let given = Set(exact.map(\.stored.identity))
        // Both are sorted, so the nearest spare row stands for the nearest missing one or for none.
        var spare = walked.indices.filter { !given.contains(walked[$0].stored.identity) }[...]
        for place in standings.indices where standings[place] == .missed {
            guard let candidate = spare.first, let near = walked[candidate].similarity,
                let wanted = exact[place].similarity, near >= wanted - Self.tieTolerance
            else { continue }
            standings[place] = .tied(candidate)
            spare.removeFirst()
        }
        self.standings = standings
        extras = Array(spare)
    }

    /// How many rows of the exact answer the walk found.
    public var found: Int { standings.count { $0 != .missed } }

    /// The share of the exact answer that the walk found; `nil` when there is nothing to find.
    public var recall: Double? {
        standings.isEmpty ? nil : Double(found) / Double(standings.count)
    }
}
