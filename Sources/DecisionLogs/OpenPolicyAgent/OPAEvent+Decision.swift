internal import Decisions

extension OPAEvent {
    /// The decision that the event tells of.
    func item() throws(DecisionError) -> ParsedItem {
        if let type = type?.present, type != "openpolicyagent.org/decision_logs" {
            return .skipped(.notADecision)
        }
        guard let decisionID else {
            if isConsoleLine { return .skipped(.notADecision) }
            throw .missing(field: "decision_id")
        }
        guard let time else { throw .missing(field: "timestamp") }
        let effect = self.effect
        var decision = Decision(
            id: decisionID, time: time, tenant: try content.text(\.tenant) ?? "",
            principal: try content.principal(), resource: try resource(), actions: try actions(),
            effect: effect)
        decision.outcome = failed ? "error" : effect == .deny ? "denied" : "ok"
        decision.policies = policies
        decision.durationNanoseconds = metrics.handling ?? metrics.evaluation
        decision.cacheHit = metrics.cacheHits.map { $0 > 0 }
        decision.source = Source(
            ip: (content.mappedWords(\.address) ?? address?.present).map(SocketAddress.host(of:))
                ?? content.usualWords(\.address),
            agent: content.mappedWords(\.agent) ?? content.usualWords(\.agent) ?? agent?.present,
            format: "opa")
        decision.extras = extras
        return .decision(decision)
    }

    /// What was answered; an undefined rule denies, but of a result that the log had erased nobody knows.
    private var effect: Effect {
        content.mappedEffect ?? OPAResult.effect(of: mappedResult.root)
            ?? OPAResult.effect(of: content.result.root)
            ?? (erased.contains("/result") ? .conditional : .deny)
    }

    /// What was asked about, else the rule that was asked.
    private func resource() throws(DecisionError) -> Resource {
        let (kind, id) = try content.resource()
        guard let kind = kind ?? rule else { throw .missing(field: "path") }
        return Resource(kind: kind, id: id, scope: try content.text(\.scope) ?? path ?? query)
    }

    /// The rule that was asked, written alike with and without a leading slash, else the query.
    private var rule: String? {
        guard let path else { return query }
        return String(Substring(path.utf8.drop { $0 == UInt8(ascii: "/") })).present ?? query
    }

    /// What was to be done, else the last part of the rule that was asked.
    private func actions() throws(DecisionError) -> [String] {
        let actions = try content.texts(\.actions)
        if !actions.isEmpty { return actions }
        if let last = path?.utf8.split(separator: UInt8(ascii: "/")).last { return [String(Substring(last))] }
        guard let query else { throw .missing(field: "path") }
        return [query]
    }

    /// The bundles by name and revision; agents that know no bundles tell one revision.
    private var policies: [String] {
        if bundles.isEmpty { return revision?.present.map { [$0] } ?? [] }
        return bundles.members.map { bundle in
            guard let revision = bundle.value.object?["revision"]?.text?.present else { return bundle.key }
            return bundle.key + "@" + revision
        }
    }

    /// What the decision has no field for; nothing of it depends on how the event was carried here.
    private var extras: JSONObject {
        var attributes = JSONObject()
        attributes.append("erased", .array(erased.map(JSONValue.string)))
        attributes.append("masked", .array(masked.map(JSONValue.string)))
        attributes.append("req_id", requestID.map(JSONValue.number) ?? .null)
        attributes.append("labels", .object(content.labels.root.object ?? JSONObject()))
        attributes.append("trace_id", .string(traceID ?? ""))
        var extras = JSONObject()
        extras.append("attrs", .object(attributes))
        return extras
    }
}
