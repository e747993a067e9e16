import Decisions
import VectorStores

/// What was scored beyond the position that a save tells.
///
/// A store that others write tells a position only where nothing waits. Where a search fails while some of what arrived
/// is scored and the rest is not, these are saved beside the position, so that after a crash each counts once.
struct ScoredBeyond: Sendable, Hashable {
    /// In the order they were scored.
    private(set) var entries: [EntryIdentity] = []
    private var bytes = 0
    /// How many more were scored that are not kept: these count again after a crash, which is told then.
    private(set) var left = 0
    /// Whether it was told that there are more.
    var isTold = false

    /// The most that are kept.
    ///
    /// They go with every save of incidents, so that all of a long outage of the search would make each of these slow.
    static let maximumEntries = 1_000
    /// The most bytes of their names.
    static let maximumBytes = 1 << 16
    /// The field that they are saved under.
    static let key = "beyond"
    /// The field that says how many more there were.
    static let leftKey = "beyond_left"

    /// None.
    init() {}

    mutating func append(_ entry: EntryIdentity) {
        let size = entry.tenant.utf8.count + entry.id.utf8.count
        guard entries.count < Self.maximumEntries, bytes + size <= Self.maximumBytes else {
            left += 1
            return
        }
        entries.append(entry)
        bytes += size
    }

    /// As they are saved; `nil` where there are none.
    var json: JSONValue? {
        if entries.isEmpty { return nil }
        return .array(
            entries.map { .object(["tenant": .string($0.tenant), "id": .string($0.id)]) })
    }

    /// Adds them, and how many more there were, to a record.
    func add(to fields: inout JSONObject) {
        if let json { fields[Self.key] = json }
        if left > 0 { fields[Self.leftKey] = .integer(left) }
    }

    /// How many more there were when a record was saved.
    static func left(in fields: JSONFields) -> Int {
        max(0, fields[leftKey]?.number.flatMap { Int(exactly: $0) } ?? 0)
    }

    /// Those that were saved in a record; what cannot be read is left out.
    static func saved(in fields: JSONFields) -> Set<EntryIdentity> {
        let elements = fields[key]?.elements ?? []
        return Set(
            elements.prefix(maximumEntries).compactMap { element in
                guard let tenant = element.object?["tenant"]?.text, let id = element.object?["id"]?.text
                else { return nil }
                return EntryIdentity(tenant: tenant, id: id)
            })
    }
}
