public import Decisions

/// Who watches a store, and when it last said so.
public struct Lease: Sendable, Hashable {
    /// The key of the lease's record in the detector's collection.
    public static let key = "lease"

    /// Who holds it.
    public var holder: LeaseHolder
    /// When the holder last said that it is there.
    public var heartbeat: Timestamp
    /// Whether the holder gave it back.
    public var isReleased: Bool

    /// Creates a lease.
    public init(holder: LeaseHolder, heartbeat: Timestamp, isReleased: Bool = false) {
        self.holder = holder
        self.heartbeat = heartbeat
        self.isReleased = isReleased
    }

    /// Whether another process may take it: given back, silent for too long, or its holder is gone.
    ///
    /// A heartbeat far in the future counts as silence, so that a clock set back locks nobody out.
    public func isFree(at time: Timestamp, after seconds: Int64, holderIsGone: Bool) -> Bool {
        isReleased || holderIsGone || abs(time.seconds - heartbeat.seconds) >= seconds
    }

    /// The lease as it is saved.
    public var json: JSONValue {
        .object([
            "host": .string(holder.host), "pid": .integer(holder.processID),
            "session": .string(holder.session), "heartbeat": .string(heartbeat.description),
            "released": .bool(isReleased),
        ])
    }

    /// Reads a saved lease.
    public init(json: JSONValue) throws(IncidentError) {
        let fields = try JSONFields(json, name: "lease")
        let processID = try fields.integer("pid")
        guard processID <= Int(Int32.max) else { throw fields.damage("pid") }
        self.init(
            holder: LeaseHolder(
                host: try fields.text("host"), processID: processID, session: try fields.text("session")),
            heartbeat: try fields.time("heartbeat"), isReleased: fields["released"] == .bool(true))
    }
}

/// A process that may watch a store.
public struct LeaseHolder: Sendable, Hashable {
    /// The machine's name.
    public var host: String
    /// The process's number.
    public var processID: Int
    /// Tells apart processes that had the same number, and several watchers in one process.
    public var session: String

    /// Creates a holder.
    public init(host: String, processID: Int, session: String) {
        self.host = host
        self.processID = processID
        self.session = session
    }
}
