public import Decisions

/// Until when an incident waits for nobody.
public enum Snooze: Sendable, Hashable {
    /// Until an instant of the wall clock.
    case until(Timestamp)
    /// Until the incident has so many members.
    case members(Int)

    /// Whether it has ended for an incident of so many members.
    public func isDue(at now: Timestamp, count: Int) -> Bool {
        switch self {
        case .until(let time): now >= time
        case .members(let wanted): count >= wanted
        }
    }

    /// How long somebody asks for.
    public enum Term: Sendable, Hashable {
        /// Until an instant of the wall clock.
        case until(Timestamp)
        /// Until so many more members came.
        case events(Int)
    }
}

extension Snooze.Term {
    /// The longest snooze: what is put off for longer is forgotten.
    public static let maximumSeconds: Int64 = 90 * 86_400
    /// The most further members that are waited for.
    public static let maximumEvents = 1_000_000

    /// Reads how long as people type it: `2h` and `30m` from now, `10x` for ten further members, or an RFC 3339 time.
    ///
    /// `nil` when the text is none of them or out of bounds.
    public init?(_ text: String, now: Timestamp) {
        if text.last == "x" || text.last == "×" {
            guard let count = Int(text.dropLast()), (1...Self.maximumEvents).contains(count) else {
                return nil
            }
            self = .events(count)
        } else if let span = RelativeTime(text) {
            guard (1...Self.maximumSeconds).contains(span.seconds) else { return nil }
            self = .until(now.advanced(bySeconds: span.seconds))
        } else if let time = Timestamp(text) {
            guard time > now, time.seconds - now.seconds <= Self.maximumSeconds else { return nil }
            self = .until(time)
        } else {
            return nil
        }
    }

    /// What ``init(_:now:)`` reads, for messages.
    public static let known =
        "2h, 30m or 3d, at most 90d; 10x for ten further decisions; or an RFC 3339 time to come"
}

extension Snooze {
    /// The snooze as it is saved.
    var json: JSONValue {
        switch self {
        case .until(let time): .object(["until": .string(time.description)])
        case .members(let count): .object(["count": .integer(count)])
        }
    }

    /// Reads a saved snooze.
    init(json: JSONValue) throws(IncidentError) {
        let fields = try JSONFields(json, name: "snooze")
        self =
            fields["until"] == nil ? .members(try fields.integer("count")) : .until(try fields.time("until"))
    }
}
