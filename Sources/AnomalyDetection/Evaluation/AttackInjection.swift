public import Decisions

/// Mixes scripted attacks into a real log: existing principals do what exists in the log, but what
/// they themselves never did.
///
/// Four stories take turns: a sweep reads many resources of a sensitive kind, a probe is denied on
/// kind after kind, a tampering changes one kind, a takeover repeats what another principal does.
public struct AttackInjection: Sendable, Hashable {
    /// Decides everything that is random.
    public var seed: UInt64
    /// How many attacks.
    public var incidents = 27
    /// The share of the log, by count, before the first attack.
    public var quietShare = 0.2
    /// What counts as sensitive.
    public var severity = SeverityScale()

    /// Creates an injection.
    public init(seed: UInt64) {
        self.seed = seed
    }

    /// The stories an attack can tell.
    private enum Story: CaseIterable {
        case sweep, probe, tampering, takeover

        /// How many decisions the story takes.
        var length: Int {
            switch self {
            case .sweep: 6
            case .probe: 5
            case .tampering, .takeover: 3
            }
        }
    }

    /// The log with the attacks in it, in order; an empty log stays empty.
    public func events(in log: [Decision]) -> [EvaluationEvent] {
        let benign = EvaluationEvent.ordered(log.map { EvaluationEvent(decision: $0) })
        guard let last = benign.last else { return [] }
        let catalog = BehaviourCatalog(log)
        var random = SplitMix64(seed: seed)
        let start = benign[Int(Double(benign.count - 1) * quietShare)].decision.time
        let milliseconds = max(
            1, Int64((last.decision.time.secondsSince1970 - start.secondsSince1970) * 1_000))
        var events = benign
        for number in 0..<incidents {
            let story = Story.allCases[number % Story.allCases.count]
            let name = "\(story)-\(number)"
            var offset = Int64.random(in: 0..<milliseconds, using: &random)
            for (step, decision) in decisions(of: story, catalog: catalog, using: &random).enumerated() {
                var decision = decision
                decision.id = "attack-\(seed)-\(number)-\(step)"
                decision.time = Self.time(start, plusMilliseconds: offset)
                decision.tenant = last.decision.tenant
                events.append(EvaluationEvent(decision: decision, incident: name))
                offset += Int64.random(in: 20..<2_000, using: &random)
            }
        }
        return EvaluationEvent.ordered(events)
    }

    private func decisions(
        of story: Story, catalog: BehaviourCatalog, using random: inout SplitMix64
    ) -> [Decision] {
        // A principal that did everything already can tell no story: try others.
        for _ in 0..<100 {
            guard let principal = catalog.principals.randomElement(using: &random) else { return [] }
            let foreign = catalog.foreignDeeds(to: principal) { deed in
                let isReading = BehaviourCatalog.isReading(deed.action)
                let resources = catalog.resourcesOfDeed[deed]?.count ?? 0
                return switch story {
                case .sweep:
                    isReading && resources >= story.length && severity.hasSensitiveWord(deed.kind)
                case .probe: true
                case .tampering: !isReading && resources >= story.length
                case .takeover: !isReading
                }
            }
            guard let deed = foreign.randomElement(using: &random) else { continue }
            let resources = catalog.resourcesOfDeed[deed] ?? []
            let steps: [(BehaviourCatalog.Deed, Resource)] =
                switch story {
                case .probe:
                    foreign.shuffled(using: &random).prefix(story.length).compactMap { deed in
                        catalog.resourcesOfDeed[deed]?.randomElement(using: &random).map { (deed, $0) }
                    }
                case .sweep, .tampering:
                    resources.shuffled(using: &random).prefix(story.length).map { (deed, $0) }
                case .takeover:
                    (0..<story.length).compactMap { _ in
                        resources.randomElement(using: &random).map { (deed, $0) }
                    }
                }
            return steps.compactMap { deed, resource in
                decision(by: principal, deed, on: resource, isDenied: story == .probe, catalog: catalog)
            }
        }
        return []
    }

    private func decision(
        by principal: String, _ deed: BehaviourCatalog.Deed, on resource: Resource, isDenied: Bool,
        catalog: BehaviourCatalog
    ) -> Decision? {
        guard let who = catalog.principalOfName[principal] else { return nil }
        var decision = Decision(
            id: "", time: Timestamp(seconds: 0), principal: who, resource: resource,
            actions: [deed.action], effect: isDenied ? .deny : .allow)
        decision.outcome = isDenied ? "denied" : "ok"
        decision.source = catalog.sourceOfName[principal] ?? Source()
        return decision
    }

    private static func time(_ start: Timestamp, plusMilliseconds milliseconds: Int64) -> Timestamp {
        let nanoseconds = Int64(start.nanoseconds) + milliseconds % 1_000 * 1_000_000
        return Timestamp(
            seconds: start.seconds + milliseconds / 1_000 + nanoseconds / 1_000_000_000,
            nanoseconds: Int32(nanoseconds % 1_000_000_000), fractionDigits: start.fractionDigits)
    }
}
