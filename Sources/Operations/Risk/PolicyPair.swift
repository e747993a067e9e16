import Decisions

/// Two policies of one tenant held against each other.
public struct PolicyPair: Sendable, Hashable {
    /// The one that decided more.
    public var first: PolicyProfile
    /// The other one.
    public var second: PolicyProfile
    /// The cosine of what they decide, 0 to 1.
    public var similarity: Double
    /// The share of their decisions that is of the same patterns, 0 to 1.
    public var shared: Double
    /// The share of the first one's decisions that is of patterns which the second has too.
    public var firstCovered: Double
    /// The share of the second one's decisions that is of patterns which the first has too.
    public var secondCovered: Double
    /// The share of the second one's decisions in which the first took part.
    public var together: Double
    /// Questions that both answered and never in the same way.
    public var contradictions: Int
    /// The patterns that they share most.
    public var common: [Part]
    /// What mostly the first decides.
    public var onlyFirst: [Part]
    /// What mostly the second decides.
    public var onlySecond: [Part]

    /// A pattern and the share that it is told for, 0 to 1.
    public struct Part: Sendable, Hashable {
        /// The pattern.
        public var pattern: PolicyProfile.Pattern
        /// The share: of both for what is common, by how much more for what is not.
        public var share: Double
    }

    /// How two policies stand to each other.
    public enum Relation: String, Sendable, Hashable, CaseIterable {
        /// Each decides what the other does.
        case same
        /// All that the first decides the second decides too.
        case firstWithinSecond = "first_within_second"
        /// All that the second decides the first decides too.
        case secondWithinFirst = "second_within_first"
        /// They have a part in common.
        case overlapping
    }

    /// Pairs below this cosine are not alike.
    public static let leastSimilarity = 0.7
    /// Pairs from this cosine on may be made one, if nothing speaks against it.
    public static let candidateSimilarity = 0.9
    /// A policy is covered when all but this share of its decisions is.
    static let coveredShare = 0.99
    /// How many patterns are told of each sort.
    static let toldParts = 3
    /// Decisions below which a policy says too little.
    static let leastDecisions = 3

    /// Holds two policies against each other.
    public init(_ first: PolicyProfile, _ second: PolicyProfile) {
        self.first = first
        self.second = second
        similarity = Self.cosine(first.sum, second.sum)
        let patterns = Set(first.patterns.keys).union(second.patterns.keys)
        var (shared, firstCovered, secondCovered) = (0.0, 0.0, 0.0)
        var (common, onlyFirst, onlySecond) = ([Part](), [Part](), [Part]())
        for pattern in patterns {
            let (left, right) = (first.share(of: pattern), second.share(of: pattern))
            let least = min(left, right)
            if least > 0 {
                shared += least
                firstCovered += left
                secondCovered += right
                common.append(Part(pattern: pattern, share: least))
            }
            if left > right { onlyFirst.append(Part(pattern: pattern, share: left - right)) }
            if right > left { onlySecond.append(Part(pattern: pattern, share: right - left)) }
        }
        self.shared = min(1, shared)
        self.firstCovered = min(1, firstCovered)
        self.secondCovered = min(1, secondCovered)
        self.common = Self.told(common)
        self.onlyFirst = Self.told(onlyFirst)
        self.onlySecond = Self.told(onlySecond)
        together =
            second.decisions == 0
            ? 0 : Double(second.together[first.policy] ?? 0) / Double(second.decisions)
        contradictions = Self.contradictions(first, second)
    }

    /// How they stand to each other.
    public var relation: Relation {
        switch (firstCovered >= Self.coveredShare, secondCovered >= Self.coveredShare) {
        case (true, true): .same
        case (true, false): .firstWithinSecond
        case (false, true): .secondWithinFirst
        case (false, false): .overlapping
        }
    }

    /// Whether they may be made one: alike enough, with the same answers.
    public var isCandidate: Bool {
        similarity >= Self.candidateSimilarity && contradictions == 0
            && first.usualEffect == second.usualEffect
    }

    /// The pairs of policies that decide alike, candidates first, then the most alike.
    ///
    /// Only policies of one tenant are held against each other. Costs in proportion to the square of how many it has.
    static func alike(among profiles: [PolicyProfile], limit: Int) -> [PolicyPair] {
        guard limit > 0 else { return [] }
        var found: [(place: (Int, Int), similarity: Double)] = []
        for left in profiles.indices where profiles[left].decisions >= leastDecisions {
            for right in profiles.indices.dropFirst(left + 1)
            where profiles[right].decisions >= leastDecisions
                && profiles[left].tenant == profiles[right].tenant
            {
                let similarity = cosine(profiles[left].sum, profiles[right].sum)
                if similarity >= leastSimilarity { found.append(((left, right), similarity)) }
            }
        }
        found.sort { ($1.similarity, $0.place.0, $0.place.1) < ($0.similarity, $1.place.0, $1.place.1) }
        // More than are told are explained, since candidates go first.
        let pairs = found.prefix(max(0, limit) * 4).map {
            PolicyPair(profiles[$0.place.0], profiles[$0.place.1])
        }
        return Array((pairs.filter(\.isCandidate) + pairs.filter { !$0.isCandidate }).prefix(max(0, limit)))
    }

    private static func told(_ parts: [Part]) -> [Part] {
        func order(_ part: Part) -> (Double, String) {
            let pattern = part.pattern
            return (-part.share, (pattern.question + [pattern.effect.rawValue]).joined(separator: "\u{1F}"))
        }
        return Array(parts.sorted { order($0) < order($1) }.prefix(toldParts))
    }

    private static func contradictions(_ first: PolicyProfile, _ second: PolicyProfile) -> Int {
        func answers(_ profile: PolicyProfile) -> [[String]: Set<Effect>] {
            var answers: [[String]: Set<Effect>] = [:]
            for pattern in profile.patterns.keys {
                answers[pattern.question, default: []].insert(pattern.effect)
            }
            return answers
        }
        let others = answers(second)
        return answers(first).count { question, effects in
            others[question].map { effects.isDisjoint(with: $0) } ?? false
        }
    }

    private static func cosine(_ left: [Float], _ right: [Float]) -> Double {
        var (product, leftSquare, rightSquare) = (0.0, 0.0, 0.0)
        for index in left.indices {
            product += Double(left[index] * right[index])
            leftSquare += Double(left[index] * left[index])
            rightSquare += Double(right[index] * right[index])
        }
        guard leftSquare > 0, rightSquare > 0 else { return 0 }
        return max(0, min(1, product / (leftSquare * rightSquare).squareRoot()))
    }
}
