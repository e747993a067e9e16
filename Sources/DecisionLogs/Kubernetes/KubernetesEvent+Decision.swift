internal import Decisions

extension KubernetesEvent {
    /// The stages of an event's life that tell an answer.
    private enum Stage: String {
        case responseStarted = "ResponseStarted"
        case responseComplete = "ResponseComplete"
        case panic = "Panic"
    }

    /// The decision that the event tells of.
    func item() throws(DecisionError) -> ParsedItem {
        guard let auditID, !auditID.isEmpty else { throw .missing(field: "auditID") }
        guard let stage, !stage.isEmpty else { throw .missing(field: "stage") }
        if stage == "RequestReceived" { return .skipped(.notADecision) }
        guard let stage = Stage(rawValue: stage) else {
            throw .invalid(field: "stage", expected: "ResponseStarted, ResponseComplete or Panic")
        }
        guard let verb, !verb.isEmpty else { throw .missing(field: "verb") }
        guard let received else { throw .missing(field: "requestReceivedTimestamp") }
        let actor = impersonated ?? user
        let effect = effect(at: stage)
        var decision = Decision(
            id: auditID, time: received,
            principal: Principal(
                id: actor.name.flatMap { $0.isEmpty ? nil : $0 } ?? "?", roles: actor.groups),
            resource: try resource(), actions: [verb], effect: effect)
        decision.outcome = outcome(effect, at: stage)
        decision.policies = AuthorizationReason.policies(in: reason ?? "")
        if let finished, let elapsed = finished.nanoseconds(since: received), elapsed >= 0,
            finished != received
        {
            decision.durationNanoseconds = elapsed
        }
        decision.source = Source(ip: address, agent: agent, format: "kubernetes")
        decision.extras = extras(at: stage)
        return .decision(decision)
    }

    private func effect(at stage: Stage) -> Effect {
        switch authorization {
        case "allow": .allow
        case "forbid": .deny
        default: code == "401" || code == "403" ? .deny : stage == .panic ? .conditional : .allow
        }
    }

    /// What came of the request: a refusal that authorization allowed is told by its status code.
    private func outcome(_ effect: Effect, at stage: Stage) -> String {
        if effect == .deny { return "denied" }
        guard let code, let status = Int(code) else { return stage == .panic ? "panic" : "ok" }
        return status < 400 ? "ok" : code
    }

    private func resource() throws(DecisionError) -> Resource {
        if let object, let name = object.resource, !name.isEmpty {
            var kind = name
            if let group = object.apiGroup, !group.isEmpty { kind = group + "/" + kind }
            if let part = object.subresource, !part.isEmpty { kind += "/" + part }
            let namespace = object.namespace.flatMap { $0.isEmpty ? nil : $0 }
            let parts = [namespace, object.name.flatMap { $0.isEmpty ? nil : $0 }].compactMap(\.self)
            return Resource(
                kind: kind, id: parts.isEmpty ? nil : parts.joined(separator: "/"), scope: namespace)
        }
        guard let requestURI, !requestURI.isEmpty else { throw .missing(field: "requestURI") }
        let path = requestURI.utf8.prefix { $0 != UInt8(ascii: "?") }
        let parts = path.split(separator: UInt8(ascii: "/"), maxSplits: 2)
        var kind = "url:"
        if parts.isEmpty { kind += "/" }
        for part in parts.prefix(2) { kind += "/" + String(Substring(part)) }
        return Resource(kind: kind, id: String(Substring(path)), scope: nil)
    }

    /// What the decision has no field for: the record's own attributes, and the request as it was made, by
    /// which lines of one event are known to agree.
    private func extras(at stage: Stage) -> JSONObject {
        var attributes = JSONObject()
        attributes.append("stage", .string(stage.rawValue))
        attributes.append("level", level.map { .string($0.rawValue) } ?? .null)
        attributes.append("code", code.map(JSONValue.number) ?? .null)
        attributes.append("impersonator", .string(impersonated == nil ? "" : user.name ?? ""))
        var request = JSONObject()
        if let requestURI { request.append("uri", .string(requestURI)) }
        if let authorization { request.append("authorization", .string(authorization)) }
        if let reason, !reason.isEmpty { request.append("reason", .string(reason)) }
        var extras = JSONObject()
        extras.append("attrs", .object(attributes))
        if !request.isEmpty { extras.append("request", .object(request)) }
        return extras
    }
}
