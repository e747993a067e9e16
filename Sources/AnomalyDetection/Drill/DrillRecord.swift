public import Decisions
public import VectorStores

/// The last drill of a store's detector, as every process reads it.
public struct DrillRecord: Sendable, Hashable {
    /// What became of it.
    public enum Outcome: Sendable, Hashable {
        /// It was found so many seconds after it was sent.
        case caught(seconds: Double)
        /// It was not found in time: when that was noticed, and why.
        case missed(noticed: Timestamp, reason: String)
        /// Whoever detects sends none.
        case off
    }

    /// When it was sent.
    public var sent: Timestamp
    /// What became of it.
    public var outcome: Outcome
    /// When the next one is sent; `nil` when none is.
    public var next: Timestamp?
    /// The session of the process that sent it, as in the detector's lease.
    public var session: String
    /// Where it was tried and how far its alert came, in words; empty where nothing is known of that.
    public var remark: String

    /// The collection it is kept in.
    public static let collection = "drills"
    /// Its key there.
    public static let key = "last"
    /// What its check is called.
    public static let checkName = "drill"
    /// What the incident of missed drills is about.
    public static let subject = "detector"

    /// Creates a record.
    public init(
        sent: Timestamp, outcome: Outcome, next: Timestamp?, session: String, remark: String = ""
    ) {
        self.sent = sent
        self.outcome = outcome
        self.next = next
        self.session = session
        self.remark = remark
    }

    /// Whether it was missed.
    public var isMissed: Bool {
        if case .missed = outcome { true } else { false }
    }

    /// The last drill of a store; `nil` when there was none, or when what is kept of it cannot be read.
    public static func last(of store: any RecordStore) async throws -> DrillRecord? {
        try await seen(in: store).record
    }

    /// The last drill of a store as ``last(of:)`` has it, with the revision of what is kept of it, 0 where nothing is.
    public static func seen(
        in store: any RecordStore
    ) async throws -> (record: DrillRecord?, revision: UInt64) {
        let kept = try await store.record(in: collection, key: key)
        return (kept?.value.flatMap { try? DrillRecord(json: $0) }, kept?.revision ?? 0)
    }

    /// What keeps it in a store as the last drill: over whatever is there, or only over what was seen.
    public func change(expecting revision: UInt64? = nil) -> RecordChange {
        RecordChange(collection: Self.collection, key: Self.key, value: json, expected: revision)
    }

    /// The record as it is saved.
    var json: JSONValue {
        var fields: JSONObject = [
            "sent": .string(sent.description), "session": .string(session),
            "next": next.map { .string($0.description) } ?? .null,
        ]
        if !remark.isEmpty { fields["remark"] = .string(remark) }
        switch outcome {
        case .caught(let seconds):
            fields["outcome"] = .string("caught")
            fields["seconds"] = .double(seconds)
        case .missed(let noticed, let reason):
            fields["outcome"] = .string("missed")
            fields["noticed"] = .string(noticed.description)
            fields["reason"] = .string(reason)
        case .off:
            fields["outcome"] = .string("off")
        }
        return .object(fields)
    }

    /// Reads a saved record.
    init(json: JSONValue) throws(IncidentError) {
        let fields = try JSONFields(json, name: "drill")
        sent = try fields.time("sent")
        session = try fields.text("session")
        if fields["next"] != nil { next = try fields.time("next") }
        remark = try fields["remark"] == nil ? "" : fields.text("remark")
        switch try fields.text("outcome") {
        case "caught":
            guard case .number(let text)? = fields["seconds"], let seconds = Double(text), seconds >= 0,
                seconds < 1e9
            else { throw fields.damage("seconds") }
            outcome = .caught(seconds: seconds)
        case "missed":
            outcome = .missed(noticed: try fields.time("noticed"), reason: try fields.text("reason"))
        case "off": outcome = .off
        default: throw fields.damage("outcome")
        }
    }

    /// What health says of it; `nil` where none are sent.
    public func check(at now: Timestamp) -> HealthCheck? {
        var detail: String
        var status = HealthCheck.Status.ok
        switch outcome {
        case .caught(let seconds): detail = "the drill of \(sent) was caught in \(Self.tenths(seconds)) s"
        case .missed(_, let reason):
            detail = "the drill of \(sent) was missed: \(reason)"
            status = .degraded
        case .off: return nil
        }
        if !remark.isEmpty { detail += "; \(remark)" }
        if let next { detail += now > next ? "; the next is due since \(next)" : "; the next at \(next)" }
        return HealthCheck(name: Self.checkName, status: status, since: sent, detail: detail)
    }

    /// Seconds with one digit, rounded up: nothing is found in no time.
    public static func tenths(_ seconds: Double) -> String {
        let tenths = max(1, Int((max(0, min(seconds, 1e9)) * 10).rounded(.up)))
        return "\(tenths / 10).\(tenths % 10)"
    }
}
