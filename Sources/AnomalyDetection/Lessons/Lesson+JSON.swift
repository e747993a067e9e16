public import Decisions

extension Lesson {
    /// The lesson as it is saved.
    public var json: JSONValue {
        var object: JSONObject = [
            "incident": .string(incident), "kind": .string(kind.rawValue),
            "resolution": .string(resolution.rawValue), "tenant": .string(tenant),
            "author": .string(author), "reason": .string(reason), "created": .string(created.description),
            "shapes": .array(shapes.map(\.json)),
        ]
        if let expires { object["expires"] = .string(expires.description) }
        if let end { object["end"] = end.json }
        if !members.isEmpty { object["members"] = .texts(members) }
        if !vectors.isEmpty { object["vectors"] = .texts(vectors.map(\.text)) }
        return .object(object)
    }

    /// Reads a saved lesson.
    public init(json: JSONValue) throws(IncidentError) {
        let fields = try JSONFields(json, name: "lesson")
        incident = try fields.text("incident")
        kind = try fields.choice("kind", Kind.self)
        resolution = try fields.choice("resolution", Resolution.self)
        tenant = try fields.text("tenant")
        author = try fields.text("author")
        reason = try fields.text("reason")
        created = try fields.time("created")
        expires = try fields["expires"] == nil ? nil : fields.time("expires")
        end = try fields["end"].map { (value) throws(IncidentError) in try TaughtEnd(json: value) }
        shapes = try fields.elements("shapes") { try? Shape(json: $0) }
        members = try fields["members"] == nil ? [] : fields.texts("members")
        vectors =
            try fields["vectors"] == nil
            ? []
            : fields.elements("vectors") { value in
                if case .string(let text) = value { SparseVector(text: text) } else { nil }
            }
    }
}

extension Lesson.Shape {
    var json: JSONValue {
        var object: JSONObject = [
            "principal": .string(principal), "kind": .string(kind), "effect": .string(effect.rawValue),
            "actions": .texts(actions), "count": .integer(count),
        ]
        if let scope { object["scope"] = .string(scope) }
        if let address { object["ip"] = .string(address) }
        return .object(object)
    }

    init(json: JSONValue) throws(IncidentError) {
        let fields = try JSONFields(json, name: "shape")
        principal = try fields.text("principal")
        kind = try fields.text("kind")
        effect = try fields.choice("effect", Effect.self)
        actions = try fields.texts("actions")
        count = try fields.integer("count")
        scope = try fields["scope"] == nil ? nil : fields.text("scope")
        address = try fields["ip"] == nil ? nil : fields.text("ip")
    }
}
