public import Decisions

extension Signal {
    /// The collection in which signals wait for the process that files incidents.
    public static let collection = "signals"

    /// The name of its record: the same for each signal of one story.
    var recordKey: String {
        var hash = FNV1a()
        hash.add(tenant)
        hash.add(subject)
        return "\(kind.rawValue)#" + String(hash.value, radix: 16)
    }

    /// The signal as it is handed over.
    public var json: JSONValue {
        .object([
            "kind": .string(kind.rawValue), "tenant": .string(tenant), "subject": .string(subject),
            "raised": raised.map { .string($0.description) } ?? .null,
            "ended": ended.map { .string($0.description) } ?? .null, "why": .texts(why),
        ])
    }

    /// Reads a signal that was handed over.
    public init(json: JSONValue) throws(IncidentError) {
        let fields = try JSONFields(json, name: "signal")
        self.init(
            kind: try fields.choice("kind", Kind.self), tenant: try fields.text("tenant"),
            subject: try fields.text("subject"), raised: try fields.timeIfAny("raised"),
            ended: try fields.timeIfAny("ended"), why: try fields.texts("why"))
    }
}

extension Signal.Standing {
    /// The standing as it is saved.
    public var json: JSONValue {
        .object([
            "kind": .string(kind.rawValue), "raised": .string(raised.description),
            "ended": ended.map { .string($0.description) } ?? .null,
        ])
    }

    /// Reads a saved standing.
    public init(json: JSONValue) throws(IncidentError) {
        let fields = try JSONFields(json, name: "signal")
        self.init(
            kind: try fields.choice("kind", Signal.Kind.self), raised: try fields.time("raised"),
            ended: try fields.timeIfAny("ended"))
    }
}

extension JSONFields {
    /// A time; `nil` when there is none.
    fileprivate func timeIfAny(_ key: String) throws(IncidentError) -> Timestamp? {
        guard self[key] != nil else { return nil }
        return try time(key)
    }
}
