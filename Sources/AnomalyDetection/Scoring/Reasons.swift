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

    /// What the principal never or seldom did.
    private static func principalReasons(
        _ decision: Decision, _ prior: PriorCounts, _ configuration: DetectorConfiguration
    ) -> [Reason] {
        let name = short(decision.principal.id)
        let kind = short(decision.resource.kind)
        let action = short(actionName(decision, prior))
        let past = prior.principal
        var found: [Reason] = []
        func tell(_ strength: Double, _ text: String) {
            found.append(Reason(strength: strength, isCounter: true, text: text))
        }
        if past < UInt32(clamping: configuration.newPrincipalDecisions) {
            tell(8, "new principal: \(decisions(past))")
        }
        guard past > 0 else { return found }
        let all = "\(name): \(decisions(past))"
        let surpriseOfKind = PriorCounts.surprise(
            prior.principalKind, in: past, distinct: prior.distinctKinds)
        if prior.principalKind == 0 {
            tell(2 + surpriseOfKind, "\(all), none on \(kind)")
        } else if surpriseOfKind > 4 {
            tell(surpriseOfKind, "\(all), \(prior.principalKind) on \(kind)")
        }
        let surpriseOfAction = PriorCounts.surprise(
            prior.action.principalAction, in: past, distinct: prior.distinctActions)
        if prior.action.principalAction == 0 {
            tell(1 + surpriseOfAction, "\(all), none of \(action)")
        } else if surpriseOfAction > 4 {
            tell(surpriseOfAction, "\(all), \(prior.action.principalAction) of \(action)")
        } else if prior.action.whole == 0, prior.principalKind > 0 {
            tell(3, "first \(action) on \(kind) with effect \(decision.effect.rawValue) for \(name)")
        }
        if prior.principalEffect == 0 {
            let surprise = PriorCounts.surprise(0, in: past, distinct: 3)
            tell(surprise, "\(all), none with effect \(decision.effect.rawValue)")
        }
        if prior.principalScope == 0, let scope = decision.resource.scope {
            let surprise = PriorCounts.surprise(0, in: past, distinct: prior.distinctScopes)
            tell(surprise, "\(all), none in scope \(short(scope))")
        }
        return found
    }

    /// What the whole tenant never or seldom saw.
    private static func tenantReasons(_ decision: Decision, _ prior: PriorCounts) -> [Reason] {
        let kind = short(decision.resource.kind)
        let action = short(actionName(decision, prior))
        let tenant = decision.tenant.isEmpty ? "the log" : short(decision.tenant)
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
            let age = decision.time.seconds - prior.kindNewestPrincipal
            let noun = prior.kindPrincipals == 1 ? "principal" : "principals"
            tell(
                4.5 - log(Double(prior.kindPrincipals)),
                "\(kind) in \(tenant): \(prior.kindPrincipals) \(noun) ever, last new one \(ago(age))")
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
                1.5,
                "\(short(decision.principal.id)): \(decisions(prior.principal)), none at \(hour) h UTC")
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
        count == 1 ? "1 past decision" : "\(count) past decisions"
    }

    /// The action that stands for the decision; `"?"` when it has none.
    static func actionName(_ decision: Decision, _ prior: PriorCounts) -> String {
        decision.actions.indices.contains(prior.action.index) ? decision.actions[prior.action.index] : "?"
    }

    /// A name, cut where it is too long to repeat.
    static func short(_ name: String) -> String {
        guard name.utf8.count > maximumNameCharacters else { return name }
        return name.prefix(maximumNameCharacters) + "…"
    }

    /// A duration as a person says it: `41 days ago`.
    static func ago(_ seconds: Int64) -> String {
        switch max(0, seconds) {
        case ..<120: "\(max(0, seconds)) s ago"
        case ..<7_200: "\(seconds / 60) min ago"
        case ..<172_800: "\(seconds / 3_600) h ago"
        default: "\(seconds / 86_400) days ago"
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
