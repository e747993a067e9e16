public import Decisions
public import VectorStores

/// How many of each tenant's decisions the engines of a store record, as the store keeps it.
///
/// What was set by hand counts before what a process is told by its environment or its own file, and that
/// before what the last configuration that was read here says.
public struct RecordingSetting: Sendable, Hashable {
    /// The collection of the record.
    public static let collection = "settings"
    /// The key of the record.
    public static let key = "recording"

    /// What a console set.
    public var chosen = RecordingPolicy()
    /// What the configuration says that was read last by a process that writes.
    public var configured = RecordingPolicy()
    /// Who set something last, and when.
    public var changed: Change?

    /// Who set something, and when.
    public struct Change: Sendable, Hashable {
        /// The person.
        public var user: String
        /// The time.
        public var time: Timestamp
    }

    /// A setting that says nothing.
    public init() {}

    /// What holds for a process that is told this much itself.
    public func policy(own: RecordingPolicy = RecordingPolicy()) -> RecordingPolicy {
        chosen.over(own).over(configured)
    }

    /// The setting of a store; one that says nothing where there is none that can be read.
    public static func setting(of store: any RecordStore) async throws -> RecordingSetting {
        try await store.record(in: collection, key: key)?.value.flatMap { RecordingSetting(json: $0) }
            ?? RecordingSetting()
    }

    /// The setting as it is kept.
    public var json: JSONValue {
        var object: JSONObject = ["chosen": chosen.json, "configured": configured.json]
        if let changed {
            object["by"] = .string(changed.user)
            object["time"] = .string(changed.time.description)
        }
        return .object(object)
    }

    /// Reads a kept setting; `nil` when it is not one.
    public init?(json: JSONValue) {
        guard let object = json.object, let chosen = object["chosen"].flatMap({ RecordingPolicy(json: $0) }),
            let configured = object["configured"].flatMap({ RecordingPolicy(json: $0) })
        else { return nil }
        self.chosen = chosen
        self.configured = configured
        if let user = object["by"]?.text, let time = object["time"]?.text.flatMap({ Timestamp($0) }) {
            changed = Change(user: user, time: time)
        }
    }
}
