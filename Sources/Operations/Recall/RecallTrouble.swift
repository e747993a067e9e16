import Decisions
import VectorStores

/// What is done about a scope whose recall is below the floor, since when, and what was measured.
struct RecallTrouble: Sendable, Hashable {
    /// How searches are asked; never the usual way.
    var step: RecallStep
    /// Since when.
    var since: Timestamp
    /// The recall that was measured last; `nil` where it is not known.
    var recall: Double?
    /// How many searches were sampled for it.
    var samples = 0
}

/// The scopes in trouble as a store keeps them, so that every process searches them as the one that measured.
struct RecallTroubles: Sendable, Hashable {
    /// The collection of the record.
    static let collection = "settings"
    /// The key of the record.
    static let key = "recall-guard"
    /// Longer names are not kept.
    static let maximumNameBytes = 1_024

    /// How wide the store walked by itself then.
    var breadth: Int
    /// What is done, by scope.
    var scopes: [RecallScope: RecallTrouble] = [:]

    /// What is done, without what was measured.
    var steps: [RecallScope: RecallStep] { scopes.mapValues(\.step) }

    /// Whether searches are asked as those that are kept say, so that nothing need be written.
    func asksAlike(_ kept: RecallTroubles?) -> Bool {
        steps == kept?.steps ?? [:] && (scopes.isEmpty || breadth == kept?.breadth)
    }

    /// The troubles that a record can keep: of too many those that have been there longest.
    var kept: RecallTroubles {
        let named = scopes.filter { ($0.key.tenant?.utf8.count ?? 0) <= Self.maximumNameBytes }
        let oldest = named.sorted { ($0.value.since, $0.key) < ($1.value.since, $1.key) }
        var kept = RecallTroubles(breadth: breadth)
        for (scope, trouble) in oldest.prefix(RecallGuard.scopesKept) { kept.scopes[scope] = trouble }
        return kept
    }

    /// The troubles that began after a time: an index that was built anew is judged anew.
    func begun(after rebuilt: Timestamp?) -> RecallTroubles {
        guard let rebuilt else { return self }
        var left = self
        left.scopes = scopes.filter { $0.value.since > rebuilt }
        return left
    }

    /// What a store keeps; nothing where there is no record that can be read.
    static func kept(in store: any RecordStore) async throws -> (troubles: RecallTroubles?, revision: UInt64)
    {
        let record = try await store.record(in: collection, key: key)
        return (record?.value.flatMap { RecallTroubles(json: $0) }, record?.revision ?? 0)
    }

    /// A write of the troubles; none leaves no record.
    func change(expected: UInt64) -> RecordChange {
        RecordChange(
            collection: Self.collection, key: Self.key, value: scopes.isEmpty ? nil : json, expected: expected
        )
    }
}

extension RecallTroubles {
    /// The troubles as they are kept.
    var json: JSONValue {
        let list = scopes.sorted { $0.key < $1.key }.map { scope, trouble in
            var object: JSONObject = [
                "step": .string(trouble.step.rawValue), "since": .string(trouble.since.description),
                "samples": .number("\(trouble.samples)"),
            ]
            if let tenant = scope.tenant { object["tenant"] = .string(tenant) }
            if let recall = trouble.recall { object["recall"] = .number("\(recall)") }
            return JSONValue.object(object)
        }
        return .object(["breadth": .number("\(breadth)"), "scopes": .array(list)])
    }

    /// Reads what was kept; `nil` when it is not that.
    init?(json: JSONValue) {
        guard let object = json.object, let breadth = object["breadth"]?.number.flatMap({ Int(exactly: $0) }),
            (1...SearchRequest.maximumBreadth).contains(breadth), case .array(let list)? = object["scopes"],
            list.count <= RecallGuard.scopesKept
        else { return nil }
        self.init(breadth: breadth)
        for entry in list {
            guard let entry = entry.object, let trouble = RecallTrouble(entry) else { return nil }
            let scope: RecallScope
            if let tenant = entry["tenant"] {
                guard let name = tenant.text else { return nil }
                scope = RecallScope(tenant: name)
            } else {
                scope = .everything
            }
            scopes[scope] = trouble
        }
    }
}

extension RecallTrouble {
    fileprivate init?(_ object: JSONObject) {
        guard let step = object["step"]?.text.flatMap({ RecallStep(rawValue: $0) }), step != .usual,
            let since = object["since"]?.text.flatMap({ Timestamp($0) }),
            let samples = object["samples"]?.number.flatMap({ Int(exactly: $0) }), samples >= 0
        else { return nil }
        self.init(step: step, since: since, samples: samples)
        guard let value = object["recall"] else { return }
        guard let recall = value.number, (0...1).contains(recall) else { return nil }
        self.recall = recall
    }
}
