public import Decisions

/// What is no longer told: anomalies with exact fields, by whose word, why, and until when.
///
/// What a rule hides is scored and counted as ever; it opens no incident and pages nobody.
public struct SuppressionRule: Sendable, Hashable, Identifiable {
    /// Its name: `R-7KQ2`.
    public var id: String
    /// What is hidden.
    public var fields: SuppressionFields
    /// Who made it.
    public var author: String
    /// Why; may be empty where nothing critical is hidden.
    public var reason: String
    /// When it was made, by the wall clock.
    public var created: Timestamp
    /// When it stops by itself, by the wall clock.
    public var expires: Timestamp
    /// The incident it was made from.
    public var incident: String?
    /// That it ended, and how.
    public var end: TaughtEnd?

    /// The collection that rules are kept in.
    public static let collection = "suppressions"
    /// What the names of rules begin with, which no incident's name does.
    public static let prefix = "R-"
    /// How long a rule lasts unless somebody says otherwise.
    public static let usualSeconds: Int64 = 14 * 86_400
    /// The shortest and the longest that a rule lasts.
    public static let allowedSeconds: ClosedRange<Int64> = 3_600...(90 * 86_400)
    /// The longest reason, in characters.
    public static let maximumReason = 500
    /// The most rules in effect at the same time.
    public static let maximumActive = 500
    /// The most rules kept, those that ended among them; of more the oldest that ended go.
    public static let maximumKept = 2_000

    /// Creates a rule.
    public init(
        id: String, fields: SuppressionFields, author: String, reason: String, created: Timestamp,
        expires: Timestamp, incident: String? = nil, end: TaughtEnd? = nil
    ) {
        self.id = id
        self.fields = fields
        self.author = author
        self.reason = reason
        self.created = created
        self.expires = expires
        self.incident = incident
        self.end = end
    }

    /// Whether it hides anything at an instant.
    public func isActive(at now: Timestamp) -> Bool { end == nil && now < expires }
}

/// How a rule or a lesson ended.
public struct TaughtEnd: Sendable, Hashable {
    /// Why it ended.
    public enum Cause: String, Sendable, Hashable, CaseIterable {
        /// Somebody took it back; it can be brought back.
        case undone
        /// Its time was over.
        case expired
    }

    /// Why.
    public var cause: Cause
    /// When, by the wall clock.
    public var time: Timestamp
    /// Who.
    public var who: String

    /// Creates an end.
    public init(_ cause: Cause, time: Timestamp, who: String) {
        self.cause = cause
        self.time = time
        self.who = who
    }

    var json: JSONValue {
        .object([
            "cause": .string(cause.rawValue), "time": .string(time.description), "who": .string(who),
        ])
    }

    init(json: JSONValue) throws(IncidentError) {
        let fields = try JSONFields(json, name: "end")
        self.init(
            try fields.choice("cause", Cause.self), time: try fields.time("time"),
            who: try fields.text("who"))
    }
}

/// What somebody asks to be hidden.
public struct SuppressionDraft: Sendable, Hashable {
    /// What is hidden.
    public var fields: SuppressionFields
    /// Why.
    public var reason: String
    /// For how many seconds.
    public var seconds: Int64
    /// The incident it was made from.
    public var incident: String?

    /// Creates a draft.
    public init(
        fields: SuppressionFields, reason: String = "", seconds: Int64 = SuppressionRule.usualSeconds,
        incident: String? = nil
    ) {
        self.fields = fields
        self.reason = reason
        self.seconds = seconds
        self.incident = incident
    }

    /// What a duration is typed as, for messages.
    public static let knownTerms = "1h to 90d, such as 36h or 14d"

    /// Reads how long a rule lasts: `14d`; `nil` when it is no duration or out of bounds.
    public static func seconds(_ text: String) -> Int64? {
        let word = text.filter { !$0.isWhitespace }
        guard let span = RelativeTime(word), SuppressionRule.allowedSeconds.contains(span.seconds) else {
            return nil
        }
        return span.seconds
    }

    /// The reason as it is kept: `nil` when it is too long or cannot be shown; empty when there is none.
    var keptReason: String? {
        if reason.allSatisfy(\.isWhitespace) { return "" }
        guard reason.count <= SuppressionRule.maximumReason else { return nil }
        return TriageText.note(reason)
    }

    /// What is said of fields that are not narrow.
    public static let tooWide =
        "a rule names more than tenant and effect: switch on principal, kind, action or another field"

    /// Why it cannot be taken, given what it would have hidden; `nil` when it can.
    public func problem(hiding preview: SuppressionPreview) -> String? {
        guard fields.isNarrow else { return Self.tooWide }
        guard SuppressionRule.allowedSeconds.contains(seconds) else {
            return "a rule lasts \(Self.knownTerms)"
        }
        guard let reason = keptReason else {
            return "a reason has at most \(SuppressionRule.maximumReason) characters"
        }
        guard reason.isEmpty else { return nil }
        if preview.critical > 0 {
            return "it would have hidden \(preview.critical) critical: say why, a reason is missing"
        }
        if !preview.truePositives.isEmpty {
            return "it would have hidden \(preview.truePositives.joined(separator: ", ")), a true positive: "
                + "say why, a reason is missing"
        }
        return nil
    }
}

extension SuppressionRule {
    /// The rule as it is saved.
    public var json: JSONValue {
        var object: JSONObject = [
            "id": .string(id), "fields": fields.json, "author": .string(author), "reason": .string(reason),
            "created": .string(created.description), "expires": .string(expires.description),
        ]
        if let incident { object["incident"] = .string(incident) }
        if let end { object["end"] = end.json }
        return .object(object)
    }

    /// Reads a saved rule.
    public init(json: JSONValue) throws(IncidentError) {
        let fields = try JSONFields(json, name: "rule")
        self.init(
            id: try fields.text("id"), fields: try SuppressionFields(json: fields["fields"] ?? .null),
            author: try fields.text("author"), reason: try fields.text("reason"),
            created: try fields.time("created"), expires: try fields.time("expires"),
            incident: try fields["incident"] == nil ? nil : fields.text("incident"),
            end: try fields["end"].map { (value) throws(IncidentError) in try TaughtEnd(json: value) })
    }

    /// A name that no rule has, the same on every machine; `nil` when all are taken.
    static func identifier(
        for draft: SuppressionDraft, by who: String, at time: Timestamp, isTaken: (String) -> Bool
    ) -> String? {
        IncidentIdentifier.identifier(
            for: Incident.Key(
                tenant: draft.fields.description, principal: who, kind: draft.reason, effect: .allow),
            member: time.description, isTaken: { isTaken(prefix + $0) }
        ).map { prefix + $0 }
    }
}
