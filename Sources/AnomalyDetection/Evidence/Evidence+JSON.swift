public import Decisions

extension Evidence {
    /// The evidence as it is saved and copied.
    public var json: JSONValue {
        .object([
            "decision": .decision(decision),
            "channels": .object([
                "distance": .double(channels.distance), "rarity": .double(channels.rarity),
                "first_seen": .double(channels.firstSeen),
            ]),
            "counters": .texts(counters),
            "nearest": nearest?.json ?? .null,
            "nearest_own": nearestOwn?.json ?? .null,
            "novel_tokens": .array(
                novelTokens.map {
                    .object(["token": .string($0.token), "share": .double($0.share)])
                }),
            "principal_hours": .array(principalHours.map { .integer($0) }),
            "principal_past": .integer(principalPast),
        ])
    }

    /// Reads saved evidence.
    public init(json: JSONValue) throws(IncidentError) {
        let fields = try JSONFields(json, name: "evidence")
        let channels = try JSONFields(fields["channels"], name: "evidence")
        self.init(
            decision: try fields.decision("decision"),
            channels: ScoredDecision.Channels(
                distance: try channels.share("distance"), rarity: try channels.share("rarity"),
                firstSeen: try channels.share("first_seen")))
        counters = try fields.texts("counters")
        if let value = fields["nearest"] { nearest = try Neighbour(json: value) }
        if let value = fields["nearest_own"] { nearestOwn = try Neighbour(json: value) }
        novelTokens = try fields.elements("novel_tokens") { value in
            guard let token = try? JSONFields(value, name: "token"), let text = try? token.text("token"),
                let share = try? token.share("share")
            else { return nil }
            return TokenShare(token: text, share: share)
        }
        let hours = try fields.elements("principal_hours") { JSONFields.count($0) }
        if hours.count == 24 { principalHours = hours }
        principalPast = try fields.integer("principal_past")
    }
}

extension Evidence.Neighbour {
    /// The neighbour as it is saved and copied.
    public var json: JSONValue {
        .object([
            "decision": .decision(decision), "similarity": .double(similarity), "differs": .texts(differs),
        ])
    }

    /// Reads a saved neighbour.
    public init(json: JSONValue) throws(IncidentError) {
        let fields = try JSONFields(json, name: "neighbour")
        self.init(
            decision: try fields.decision("decision"), similarity: try fields.share("similarity"),
            differs: try fields.texts("differs"))
    }
}
