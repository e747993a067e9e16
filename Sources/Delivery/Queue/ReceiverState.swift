import Decisions
import VectorStores

/// How it goes with one receiver.
struct ReceiverState: Sendable, Hashable {
    /// The incidents that were there before anybody was to be told of them.
    var before: Set<String> = []
    /// How many alerts it took.
    var delivered = 0
    /// When it took the newest one.
    var lastDelivery: Timestamp?
    /// Since when it takes none; `nil` while all is well.
    var failingSince: Timestamp?
    /// What went wrong last.
    var lastError = ""
    /// How many alerts wait, as last kept.
    var waiting = 0

    // MARK: What is known here alone

    /// How often it failed one after the other.
    var failures = 0
    /// Not tried before that.
    var retry: Timestamp?
    /// What it still may get.
    var bucket: TokenBucket
    /// The revision of its record; `nil` when it was not read.
    var revision: UInt64?

    /// A receiver that nothing is known of.
    init(rate: RateLimit) {
        bucket = TokenBucket(rate)
    }

    /// The key of the record of a receiver.
    static func recordKey(_ name: String) -> String { "receiver/\(name)" }

    /// The key of the record of what was there before a receiver.
    static func beforeKey(_ name: String) -> String { "before/\(name)" }

    /// What was there before, as it is kept: written once, since it may be long.
    func beforeJSON(_ name: String) -> JSONValue {
        .object(["receiver": .string(name), "before": .array(before.sorted().map { .string($0) })])
    }

    /// The state as it is kept.
    func json(_ name: String) -> JSONValue {
        var object: JSONObject = [
            "receiver": .string(name), "delivered": .number("\(delivered)"), "waiting": .number("\(waiting)"),
        ]
        object["last_delivery"] = lastDelivery.map { .string($0.description) }
        object["failing_since"] = failingSince.map { .string($0.description) }
        if !lastError.isEmpty { object["error"] = .string(lastError) }
        return .object(object)
    }

    /// Takes what was kept.
    mutating func take(_ json: JSONValue?, revision: UInt64) {
        guard let object = json?.object else { return }
        delivered = Int(min(max(object["delivered"]?.number ?? 0, 0), 1e15))
        waiting = Int(min(max(object["waiting"]?.number ?? 0, 0), 1e15))
        lastDelivery = object["last_delivery"]?.text.flatMap { Timestamp($0) }
        failingSince = object["failing_since"]?.text.flatMap { Timestamp($0) }
        lastError = object["error"]?.text ?? ""
        self.revision = revision
    }
}

extension ReceiverState {
    /// Takes what was kept of what was there before.
    mutating func takeBefore(_ json: JSONValue?) {
        before = Set((json?.object?["before"]?.elements ?? []).compactMap(\.text))
    }
}

/// Lets so many through in a time: a full bucket at first, filled again evenly.
struct TokenBucket: Sendable, Hashable {
    private let rate: RateLimit
    private var tokens: Double
    private var filled: Timestamp?

    /// A full bucket.
    init(_ rate: RateLimit) {
        self.rate = rate
        tokens = Double(rate.count)
    }

    /// Takes one if there is one.
    ///
    /// A clock that was set back fills nothing and takes nothing away.
    mutating func take(at now: Timestamp) -> Bool {
        let elapsed = filled.map { max(0, now.secondsSince1970 - $0.secondsSince1970) } ?? 0
        filled = now
        tokens = min(Double(rate.count), tokens + elapsed * Double(rate.count) / Double(rate.seconds))
        guard tokens >= 1 else { return false }
        tokens -= 1
        return true
    }
}
