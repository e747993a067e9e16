import Decisions

extension PolicyPair {
    /// What to think of the pair, in words, the advice first.
    public var why: [String] {
        var words = [advice]
        words.append("\(Self.percent(shared)) of their decisions are of the same patterns\(told(common))")
        if !onlyFirst.isEmpty {
            words.append("rather \(Self.short(first.policy))\(told(onlyFirst, sign: "+"))")
        }
        if !onlySecond.isEmpty {
            words.append("rather \(Self.short(second.policy))\(told(onlySecond, sign: "+"))")
        }
        return words
    }

    /// Whether and how they may be made one.
    public var advice: String {
        let (one, other) = (Self.short(first.policy), Self.short(second.policy))
        if contradictions > 0 {
            let noun = contradictions == 1 ? "question" : "questions"
            return "\(contradictions) \(noun) they answer differently: they cannot be made one as they are"
        }
        guard first.usualEffect == second.usualEffect else {
            return "\(one) mostly says \(first.usualEffect.rawValue), \(other) \(second.usualEffect.rawValue)"
        }
        guard isCandidate else { return "they are alike in part: look at what differs" }
        let isSide = together >= Self.coveredShare
        switch relation {
        case .same where isSide: return "they always decide the same together: one of them can go"
        case .same: return "they decide the same: one policy would do for both"
        case .secondWithinFirst:
            return "all that \(other) decides \(one) decides too: \(other) may be folded into it"
        case .firstWithinSecond:
            return "all that \(one) decides \(other) decides too: \(one) may be folded into it"
        case .overlapping: return "most of what they decide is the same: that part could be one policy"
        }
    }

    private func told(_ parts: [Part], sign: String = "") -> String {
        if parts.isEmpty { return "" }
        return ": "
            + parts.map { "\($0.pattern.words) \(sign)\(Self.percent($0.share))" }.joined(separator: ", ")
    }

    /// A share as a percentage, never rounded up.
    static func percent(_ share: Double) -> String { "\(Int((share * 100 + 1e-9).rounded(.down))) %" }

    static func short(_ name: String) -> String {
        let beginning = name.unicodeScalars.prefix(80)
        return beginning.endIndex == name.endIndex ? name : String(beginning) + "…"
    }
}

extension PolicyProfile.Pattern {
    /// The pattern as a person reads it: `clerk read invoice allow`.
    public var words: String {
        ([role, action, kind].filter { !$0.isEmpty }.map(PolicyPair.short) + [effect.rawValue])
            .joined(separator: " ")
    }
}
