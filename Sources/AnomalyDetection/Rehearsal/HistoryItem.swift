public import Decisions

/// A decision that was flagged, or would have been with a larger alpha: what tuning is rehearsed on.
public struct HistoryItem: Sendable, Hashable {
    /// The decision's identifier as stored.
    public var id: String
    /// The decision's time.
    public var time: Timestamp
    /// Who did what to what.
    public var facts: DecisionFacts
    /// Its score.
    public var score: Double
    /// The least alpha by which it is flagged; `nil` where only its incident is known, from before there was a history.
    public var tail: Double?
    /// How bad it is, were it flagged.
    public var severity: Incident.Severity
    /// Whether it was flagged.
    public var isFlagged: Bool
    /// The incident it belongs to, when it was flagged and told.
    public var incident: String?
    /// The rule that hid it.
    public var rule: String?
    /// How many decisions it stands for.
    public var count: Int

    /// The largest alpha that can be rehearsed: what is less strange is not kept.
    public static let maximumTail = 0.1

    /// Creates an item.
    public init(
        id: String, time: Timestamp, facts: DecisionFacts, score: Double, tail: Double?,
        severity: Incident.Severity, isFlagged: Bool, incident: String? = nil, rule: String? = nil,
        count: Int = 1
    ) {
        self.id = id
        self.time = time
        self.facts = facts
        self.score = score
        self.tail = tail
        self.severity = severity
        self.isFlagged = isFlagged
        self.incident = incident
        self.rule = rule
        self.count = count
    }

    /// Whether it is flagged by an alpha, rules apart.
    public func isFlagged(alpha: Double) -> Bool {
        // The share is of a few thousand scores: less than that is rounding.
        tail.map { $0 <= alpha + 1e-9 } ?? true
    }
}

extension HistoryItem {
    /// The item as it is saved.
    var json: JSONValue {
        var object = facts.json
        object["id"] = .string(id)
        object["time"] = .string(time.description)
        object["score"] = .double(score)
        object["severity"] = .string(severity.rawValue)
        object["flagged"] = .bool(isFlagged)
        if let tail { object["tail"] = .double(tail) }
        if let incident { object["incident"] = .string(incident) }
        if let rule { object["rule"] = .string(rule) }
        if count > 1 { object["count"] = .integer(count) }
        return .object(object)
    }

    /// Reads a saved item.
    init(json: JSONValue) throws(IncidentError) {
        let fields = try JSONFields(json, name: "history item")
        self.init(
            id: try fields.text("id"), time: try fields.time("time"), facts: try DecisionFacts(fields),
            score: try fields.share("score"), tail: try fields["tail"] == nil ? nil : fields.share("tail"),
            severity: try fields.choice("severity", Incident.Severity.self),
            isFlagged: fields["flagged"] == .bool(true),
            incident: try fields["incident"] == nil ? nil : fields.text("incident"),
            rule: try fields["rule"] == nil ? nil : fields.text("rule"),
            count: try fields["count"] == nil ? 1 : fields.integer("count"))
    }
}
