import Crypto
public import Decisions

/// A link of the activity log: an event, and what chains it to the one before.
public struct ActivityEntry: Sendable, Hashable {
    /// Its number, from 1 on.
    public let sequence: Int
    /// What was done.
    public let event: ActivityEvent
    /// The hash of the entry before; ``firstPrevious`` for the first.
    public let previous: String
    /// SHA-256 over everything else of it as canonical JSON, in hexadecimal.
    public let hash: String

    /// What stands in the place of an entry before the first.
    public static let firstPrevious = String(repeating: "0", count: 64)

    /// Links an event to what came before.
    init(_ event: ActivityEvent, sequence: Int, previous: String) {
        self.event = event
        self.sequence = sequence
        self.previous = previous
        hash = Self.hash(of: Self.fields(event, sequence, previous))
    }

    /// The entry as it is saved.
    public var json: JSONValue {
        var object = Self.fields(event, sequence, previous)
        object["hash"] = .string(hash)
        return .object(object)
    }

    /// Reads a saved entry; `nil` when it is none.
    ///
    /// Whether its hash is right is not asked.
    public init?(json: JSONValue) {
        guard let object = json.object,
            let sequence = object["sequence"]?.number.flatMap({ Int(exactly: $0) }),
            let time = object["time"]?.text.flatMap({ Timestamp($0) }), let who = object["who"]?.text,
            let act = object["act"]?.text, let subject = object["subject"]?.text,
            let previous = object["previous"]?.text, let hash = object["hash"]?.text
        else { return nil }
        self.sequence = sequence
        event = ActivityEvent(
            time: time, who: who, act: act, subject: subject, before: object["before"] ?? .null,
            after: object["after"] ?? .null)
        self.previous = previous
        self.hash = hash
    }

    /// Whether a saved value is as it was when its hash was made.
    static func isIntact(_ json: JSONValue) -> Bool {
        guard var object = json.object, let hash = object["hash"]?.text else { return false }
        object["hash"] = nil
        return Self.hash(of: object) == hash
    }

    private static func fields(
        _ event: ActivityEvent, _ sequence: Int, _ previous: String
    ) -> JSONObject {
        [
            "sequence": .number(String(sequence)), "time": .string(event.time.description),
            "who": .string(event.who), "act": .string(event.act), "subject": .string(event.subject),
            "before": event.before, "after": event.after, "previous": .string(previous),
        ]
    }

    /// Keys in ascending order, no blanks: the same text whichever store the value comes from.
    private static func hash(of object: JSONObject) -> String {
        let digits = Array("0123456789abcdef")
        var text = ""
        for byte in SHA256.hash(data: Array(JSONValue.object(object.sorted).json.utf8)) {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return text
    }
}
