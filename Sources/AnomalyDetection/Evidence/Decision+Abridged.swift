import Decisions

extension Decision {
    /// The most characters of a text that evidence keeps.
    static let maximumEvidenceCharacters = 512
    /// The most roles, actions and policies, each, that evidence keeps.
    static let maximumEvidenceElements = 32
    /// The most bytes of metadata that evidence keeps.
    static let maximumEvidenceExtrasBytes = 16 << 10

    /// The decision as evidence keeps it: long texts and lists are cut, and long metadata is left out.
    ///
    /// A log line may be as long as 16 MiB, and evidence holds three decisions for as long as its incident
    /// is kept; the store has them whole.
    var abridged: Decision {
        func short(_ text: String) -> String { Reasons.short(text, to: Self.maximumEvidenceCharacters) }
        func short(_ texts: [String]) -> [String] {
            texts.prefix(Self.maximumEvidenceElements).map { short($0) }
        }
        var decision = self
        decision.id = short(id)
        decision.tenant = short(tenant)
        decision.principal = Principal(id: short(principal.id), roles: short(principal.roles))
        decision.resource = Resource(
            kind: short(resource.kind), id: resource.id.map { short($0) },
            scope: resource.scope.map { short($0) })
        decision.actions = short(actions)
        decision.outcome = outcome.map { short($0) }
        decision.policies = short(policies)
        decision.source = Source(
            ip: source.ip.map { short($0) }, agent: source.agent.map { short($0) },
            format: source.format.map { short($0) })
        var writer = JSONWriter()
        writer.value(.object(extras))
        if writer.text.utf8.count > Self.maximumEvidenceExtrasBytes { decision.extras = JSONObject() }
        return decision
    }
}
