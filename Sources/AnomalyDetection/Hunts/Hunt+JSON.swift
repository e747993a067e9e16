public import Decisions
public import VectorStores

extension Hunt {
    /// The hunt as it is saved.
    public var json: JSONValue {
        var object: JSONObject = [
            "id": .string(id), "name": .string(name), "author": .string(author),
            "created": .string(created.description), "decision": .decision(decision),
        ]
        if let incident { object["incident"] = .string(incident) }
        if let removed {
            object["removed"] = .object([
                "who": .string(removed.who), "time": .string(removed.time.description),
            ])
        }
        return .object(object)
    }

    /// Reads a saved hunt.
    public init(json: JSONValue) throws(IncidentError) {
        let fields = try JSONFields(json, name: "hunt")
        self.init(
            id: try fields.text("id"), decision: try fields.decision("decision"),
            author: try fields.text("author"), created: try fields.time("created"),
            incident: fields["incident"] == nil ? nil : try fields.text("incident"))
        name = try fields.text("name")
        if let value = fields["removed"] {
            let removal = try JSONFields(value, name: "hunt")
            removed = Removal(who: try removal.text("who"), time: try removal.time("time"))
        }
    }

    /// The live hunts of a store with what they found, the oldest first; what cannot be read is left out.
    public static func live(of store: any RecordStore) async throws -> [HuntStatus] {
        var watch = HuntWatch()
        for record in try await store.records(in: collection) { _ = try? watch.adopt(hunt: record) }
        for record in try await store.records(in: HuntTally.collection) { watch.adopt(tally: record) }
        return watch.status
    }
}

extension HuntTally {
    /// The tally as it is saved.
    public var json: JSONValue {
        .object([
            "hits": .integer(hits),
            "recent": .array(
                recent.map { hit in
                    .object([
                        "time": .string(hit.time.description), "tenant": .string(hit.tenant),
                        "principal": .string(hit.principal), "id": .string(hit.id),
                        "similarity": .double(hit.similarity),
                    ])
                }),
        ])
    }

    /// Reads a saved tally.
    public init(json: JSONValue) throws(IncidentError) {
        let fields = try JSONFields(json, name: "hunt's tally")
        hits = try fields.integer("hits")
        recent = try fields.elements("recent") { value in
            guard let hit = try? JSONFields(value, name: "hit"), let time = try? hit.time("time"),
                let tenant = try? hit.text("tenant"), let principal = try? hit.text("principal"),
                let id = try? hit.text("id"), let similarity = try? hit.share("similarity")
            else { return nil }
            return Hit(time: time, tenant: tenant, principal: principal, id: id, similarity: similarity)
        }
    }
}
