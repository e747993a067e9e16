public import Decisions

extension Incident {
    /// The collection incidents are kept in.
    public static let collection = "incidents"

    /// The incident as it is saved; also what `verdict anomalies` prints, and more.
    public var json: JSONValue {
        let nearest: JSONValue =
            evidence.nearest.map {
                .object(["id": .string($0.decision.id), "score": .double($0.similarity)])
            } ?? .null
        var object: JSONObject = [
            "id": .string(id), "state": .string(state.rawValue), "severity": .string(severity.rawValue),
            "tenant": .string(key.tenant), "principal": .string(key.principal), "kind": .string(key.kind),
            "effect": .string(key.effect.rawValue), "count": .integer(count),
            "first": .string(first.description), "last": .string(last.description),
            "score": .double(score), "why": .texts(why), "nearest": nearest, "members": .texts(members),
            "resources": .texts(resources), "resource_count": .integer(resourceCount),
            "actions": .texts(actions), "addresses": .texts(addresses),
            "history": .array(history.map(\.json)), "revision": .integer(revision),
            "evidence": evidence.json,
        ]
        // Only where there is something: most incidents are as they came.
        if let signal { object["signal"] = signal.json }
        if isFoundByPass { object["found_by"] = .string("pass") }
        if let resolution { object["resolution"] = .string(resolution.rawValue) }
        if let snooze { object["snooze"] = snooze.json }
        if let assignee { object["assignee"] = .string(assignee) }
        if !notes.isEmpty { object["notes"] = .array(notes.map(\.json)) }
        return .object(object)
    }

    /// Reads a saved incident.
    public init(json: JSONValue) throws(IncidentError) {
        let fields = try JSONFields(json, name: "incident")
        self.init(
            id: try fields.text("id"),
            key: Key(
                tenant: try fields.text("tenant"), principal: try fields.text("principal"),
                kind: try fields.text("kind"), effect: try fields.choice("effect", Effect.self)),
            severity: try fields.choice("severity", Severity.self), time: try fields.time("first"),
            score: try fields.share("score"), why: try fields.texts("why"), member: "",
            evidence: try Evidence(json: fields["evidence"] ?? .null))
        standing = try Standing(fields)
        count = try fields.integer("count")
        last = try fields.time("last")
        members = try fields.texts("members")
        if let value = fields["signal"] { signal = try Signal.Standing(json: value) }
        isFoundByPass = fields["found_by"] == .string("pass")
        resources = try fields.texts("resources")
        resourceCount = try fields.integer("resource_count")
        actions = try fields.texts("actions")
        addresses = try fields.texts("addresses")
        history = try fields.elements("history") { try? TriageEntry(json: $0) }
        if fields["notes"] != nil { notes = try fields.elements("notes") { try? Note(json: $0) } }
        revision = UInt64(try fields.integer("revision"))
    }
}
