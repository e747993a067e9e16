import Decisions
import VectorStores

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Why a decision is strange, in words, the strongest reason first.
struct Reasons {
    /// Every reason, at most as many as configured.
    let words: [String]
    /// The reasons that are counts of the past.
    let counters: [String]

    /// The most characters of a name that are repeated in a reason.
    static let maximumNameCharacters = 120
    /// What a decision without a tenant is in.
    static let wholeLog = "the log"
    /// The most facts of a principal told in one reason.
    static let maximumFacts = 3
    /// What was seen before is worth telling from this surprise on, in nats.
    static let tellingSurprise = 4.0
    /// Channels speak for themselves from this percentile on.
    static let tellingPercentile = 0.98
    /// A nearest past decision below this cosine is worth telling.
    static let tellingSimilarity: Float = 0.9

    /// One reason, how surprising it is in nats, and whether it is a count of the past.
    private struct Reason {
        var strength: Double
        var isCounter: Bool
        var text: String
    }

    /// Finds the reasons of one decision.
    init(
        decision: Decision, prior: PriorCounts, channels: ScoredDecision.Channels, novelty: Novelty?,
        configuration: DetectorConfiguration
    ) {
        var found = Self.principalReasons(decision, prior, configuration)
        found += Self.tenantReasons(decision, prior)
        found += Self.circumstanceReasons(decision, prior)
        found += Self.channelReasons(channels)
        if let novelty, novelty.nearestID == nil {
            found.append(Reason(strength: 4, isCounter: false, text: "no past decision is like it"))
        } else if let novelty, novelty.nearestSimilarity < Self.tellingSimilarity {
            let cosine = Self.hundredths(Double(novelty.nearestSimilarity))
            let strength = 2 * (1 - Double(novelty.nearestSimilarity))
            found.append(
                Reason(strength: strength, isCounter: false, text: "nearest past decision cos \(cosine)"))
        }
        // Sorting by strength alone would leave equal reasons in any order.
        let order = found.indices.sorted {
            (-found[$0].strength, $0) < (-found[$1].strength, $1)
        }
        let strongest = order.prefix(configuration.maximumReasons).map { found[$0] }
        words = strongest.map(\.text)
        counters = order.map { found[$0] }.filter(\.isCounter).map(\.text)
    }

    /// What the principal never or seldom did: the strongest fact by itself, the others in one more
    /// reason, so that they do not crowd out what the tenant and the address have to say.
    private static func principalReasons(
        _ decision: Decision, _ prior: PriorCounts, _ configuration: DetectorConfiguration
    ) -> [Reason] {
        let name = short(decision.principal.id)
        let kind = short(decision.resource.kind)
        let action = short(actionName(decision, prior))
        var found: [Reason] = []
        func tell(_ strength: Double, _ text: String) {
            found.append(Reason(strength: strength, isCounter: true, text: text))
        }
        let facts = principalFacts(decision, prior)
        let isNew = prior.principal < UInt32(clamping: configuration.newPrincipalDecisions)
        if isNew { tell(8, "new principal: \(decisions(prior.principal))") }
        if let strongest = facts.first {
            if isNew {
                let told = facts.prefix(maximumFacts).map(\.text).joined(separator: ", ")
                tell(min(5, strongest.strength), "\(name): \(told) so far")
            } else {
                tell(strongest.strength, "\(name): \(decisions(prior.principal)), \(strongest.text)")
                let others = facts.dropFirst().prefix(maximumFacts)
                if let next = others.first {
                    let told = others.map(\.text).joined(separator: ", ")
                    tell(next.strength * 0.6, "\(name): also \(told)")
                }
            }
        }
        if prior.principalKind > 0, prior.action.principalAction > 0, prior.action.whole == 0 {
            tell(3, "first \(action) on \(kind) with effect \(decision.effect.rawValue) for \(name)")
        }
        return found
    }

    /// What is rare or new for a principal with a past, the most surprising first.
    private static func principalFacts(
        _ decision: Decision, _ prior: PriorCounts
    ) -> [(strength: Double, text: String)] {
        let past = prior.principal
        guard past > 0 else { return [] }
        var facts: [(strength: Double, text: String)] = []
        func weigh(_ count: UInt32, distinct: Int, bonus: Double, _ what: String) {
            let surprise = PriorCounts.surprise(count, in: past, distinct: distinct)
            if count == 0 {
                facts.append((strength: bonus + surprise, text: "none \(what)"))
            } else if surprise > tellingSurprise {
                facts.append((strength: surprise, text: "\(PrintedNumber.grouped(Int(count))) \(what)"))
            }
        }
        weigh(
            prior.principalKind, distinct: prior.distinctKinds, bonus: 2,
            "on \(short(decision.resource.kind))")
        weigh(
            prior.action.principalAction, distinct: prior.distinctActions, bonus: 1,
            "of \(short(actionName(decision, prior)))")
        weigh(
            prior.principalEffect, distinct: PriorCounts.effects, bonus: 0,
            "with effect \(decision.effect.rawValue)")
        if let scope = decision.resource.scope {
            weigh(prior.principalScope, distinct: prior.distinctScopes, bonus: 0, "in scope \(short(scope))")
        }
        let order = facts.indices.sorted { (-facts[$0].strength, $0) < (-facts[$1].strength, $1) }
        return order.map { facts[$0] }
    }

    /// What the whole tenant never or seldom saw.
    private static func tenantReasons(_ decision: Decision, _ prior: PriorCounts) -> [Reason] {
        let kind = short(decision.resource.kind)
        let action = short(actionName(decision, prior))
        let tenant = decision.tenant.isEmpty ? wholeLog : short(decision.tenant)
        var found: [Reason] = []
        func tell(_ strength: Double, _ text: String) {
            found.append(Reason(strength: strength, isCounter: true, text: text))
        }
        if prior.kind == 0 {
            tell(7, "\(kind): never seen in \(tenant)")
        } else if prior.action.action == 0 {
            tell(7, "\(action): never seen in \(tenant)")
        } else if prior.action.kindAction == 0 {
            tell(6, "first time this action on this kind in the tenant: \(action) on \(kind)")
        }
        if prior.principalKind == 0, prior.kind > 0, prior.kindPrincipals > 0, prior.kindPrincipals <= 20 {
            let (age, isTooLong) = decision.time.seconds.subtractingReportingOverflow(
                prior.kindNewestPrincipal)
            let noun = prior.kindPrincipals == 1 ? "principal" : "principals"
            tell(
                4.5 - log(Double(prior.kindPrincipals)),
                "\(kind) in \(tenant): \(prior.kindPrincipals) \(noun) ever, last new one \(ago(isTooLong ? 0 : age))"
            )
        }
        return found
    }

    /// Where from and when.
    private static func circumstanceReasons(_ decision: Decision, _ prior: PriorCounts) -> [Reason] {
        var found: [Reason] = []
        func tell(_ strength: Double, _ text: String) {
            found.append(Reason(strength: strength, isCounter: true, text: text))
        }
        if let ip = decision.source.ip {
            if prior.address == 0 {
                tell(5, "source \(short(ip)): never seen")
            } else if prior.principalAddress == 0, prior.principal > 0 {
                tell(2, "\(short(decision.principal.id)): first time from \(short(ip))")
            }
        }
        if prior.principalHour == 0, prior.principal >= 100 {
            let hour = TenantDetector.hour(of: decision.time)
            tell(
                1.5, "\(short(decision.principal.id)): never active at \(hour) h UTC")
        }
        return found
    }

    private static func channelReasons(_ channels: ScoredDecision.Channels) -> [Reason] {
        let named = [
            ("distance", channels.distance), ("rarity", channels.rarity), ("first-seen", channels.firstSeen),
        ]
        return named.compactMap { name, percentile in
            guard percentile >= tellingPercentile else { return nil }
            return Reason(
                strength: -log(1 - min(percentile, 0.9999)) / 2, isCounter: false,
                text: "\(name) higher than \(tenths(percentile * 100)) % of the past")
        }
    }
}

extension Reasons {
    /// A count of past decisions with the right noun.
    static func decisions(_ count: UInt32) -> String {
        PrintedNumber.counted(Int(count), "past decision")
    }

    /// The action that stands for the decision; `"?"` when it has none.
    static func actionName(_ decision: Decision, _ prior: PriorCounts) -> String {
        decision.actions.indices.contains(prior.action.index) ? decision.actions[prior.action.index] : "?"
    }

    /// A name, cut where it is too long to repeat.
    ///
    /// Scalars are counted: any number of them may combine to one character.
    static func short(_ name: String, to limit: Int = maximumNameCharacters) -> String {
        guard name.utf8.count > limit else { return name }
        let beginning = name.unicodeScalars.prefix(limit)
        return beginning.endIndex == name.endIndex ? name : String(beginning) + "…"
    }

    /// A duration as a person says it: `41 days ago`.
    static func ago(_ seconds: Int64) -> String {
        switch max(0, seconds) {
        case ..<120: "\(max(0, seconds)) s ago"
        case ..<7_200: "\(seconds / 60) min ago"
        case ..<172_800: "\(seconds / 3_600) h ago"
        default: "\(PrintedNumber.grouped(Int(clamping: seconds / 86_400))) days ago"
        }
    }

    /// A number with one digit after the point, never rounded up.
    static func tenths(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded(.down))
        return "\(tenths / 10).\(tenths % 10)"
    }

    /// A cosine as `.46`, `1.00` or `-.12`.
    static func hundredths(_ value: Double) -> String {
        let hundredths = Int((abs(value) * 100).rounded())
        let digits = hundredths % 100
        let fraction = digits < 10 ? "0\(digits)" : "\(digits)"
        return (value < 0 ? "-" : "") + (hundredths >= 100 ? "\(hundredths / 100)" : "") + "." + fraction
    }
}
