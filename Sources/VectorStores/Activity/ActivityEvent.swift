public import Decisions

/// A writing act as it is told to the activity log: who did what to what, when, and what that changed.
public struct ActivityEvent: Sendable, Hashable {
    /// When, by the wall clock.
    public let time: Timestamp
    /// Who.
    public let who: String
    /// What, in a word: `acknowledge`, `rebuild`, `delete`.
    public let act: String
    /// To what: `incident K7F2`, a query, a file.
    public let subject: String
    /// What it was before; null where there is nothing to tell.
    public let before: JSONValue
    /// What it is after; null where there is nothing to tell.
    public let after: JSONValue

    /// The longest name of a person or an act, in characters.
    public static let maximumName = 200
    /// The longest subject, in characters.
    public static let maximumSubject = 1_000
    /// The most bytes of what was before, and of what is after; of more only the size is kept.
    public static let maximumBytes = 16_384

    /// Creates an event; what is too long is cut, and what a server would keep otherwise is written as it keeps it.
    public init(
        time: Timestamp, who: String, act: String, subject: String, before: JSONValue = .null,
        after: JSONValue = .null
    ) {
        self.time = time
        self.who = Self.kept(who, Self.maximumName)
        self.act = Self.kept(act, Self.maximumName)
        self.subject = Self.kept(subject, Self.maximumSubject)
        self.before = Self.bounded(before)
        self.after = Self.bounded(after)
    }

    private static func kept(_ text: String, _ limit: Int) -> String {
        var scalars = text.unicodeScalars
        if text.utf8.contains(0) {
            scalars = String.UnicodeScalarView(scalars.map { $0 == "\0" ? "\u{FFFD}" : $0 })
        }
        let text = String(scalars)
        return text.count > limit ? String(text.prefix(limit - 1)) + "…" : text
    }

    private static func bounded(_ value: JSONValue) -> JSONValue {
        guard let bytes = StoredJSON.maximumBytes(of: value), bytes <= 6 * maximumBytes else {
            return .object(["too_large": .bool(true)])
        }
        let value = kept(value)
        let size = value.json.utf8.count
        return size <= maximumBytes ? value : .object(["too_large_bytes": .number(String(size))])
    }

    /// A value that comes back from every store as it was written: no zero characters, no exponents.
    private static func kept(_ value: JSONValue) -> JSONValue {
        switch value {
        case .null, .bool: return value
        case .number(let text): return text.contains { $0 == "e" || $0 == "E" } ? .string(text) : value
        case .string(let text): return .string(kept(text, maximumBytes))
        case .array(let elements): return .array(elements.map { kept($0) })
        case .object(let object):
            var result = JSONObject()
            for member in object.members { result[kept(member.key, maximumName)] = kept(member.value) }
            return .object(result)
        }
    }
}
