public import AnomalyDetection
import Decisions
public import VectorStores

/// Reads from a store what whoever an incident is about got.
public struct ReachReader: Sendable {
    private let store: any VectorStore

    /// Creates a reader.
    public init(store: any VectorStore) {
        self.store = store
    }

    /// What the principals of an incident got since its first decision.
    ///
    /// Costs three lists of at most ``IncidentReach/maximumRows`` rows each, and for an incident of many principals
    /// a look at some of its members. Nothing of another tenant is read.
    public func reach(of incident: Incident) async throws -> IncidentReach {
        var reach = IncidentReach(incident: incident.id, since: incident.first)
        if incident.isOfNoDecision { return reach }
        let tenant = Query.tenant(incident.key.tenant)
        let principals = Self.oneOf("principal", try await principals(of: incident))
        let own = try await list(
            tenant.and(principals).and(Self.since(incident.first)), into: &reach)
        reach.isCut = own.isCut
        reach.count(own.rows, tenant: incident.key.tenant)
        var addresses: [String] = reach.addresses.map(\.name)
        for address in incident.addresses where !addresses.contains(address) { addresses.append(address) }
        if !addresses.isEmpty {
            let kept = Array(addresses.prefix(IncidentReach.maximumAddresses))
            let others = try await list(
                tenant.and(Self.oneOf("ip", kept)).and(.not(principals)), into: &reach)
            reach.othersAreCut = others.isCut
            reach.countOthers(others.rows)
        }
        reach.usualDay = try await usualDay(of: incident, into: &reach)
        return reach
    }

    private func principals(of incident: Incident) async throws -> [String] {
        guard incident.key.principal == IncidentBook.burstName else { return [incident.key.principal] }
        var names: [String] = []
        for id in incident.members.prefix(4 * IncidentReach.maximumPrincipals)
        where names.count < IncidentReach.maximumPrincipals {
            try Task.checkCancellation()
            for stored in try await store.entries(id: id, tenant: incident.key.tenant)
            where !names.contains(stored.decision.principal.id) {
                names.append(stored.decision.principal.id)
            }
        }
        return names.isEmpty ? [incident.evidence.decision.principal.id] : names
    }

    private func usualDay(
        of incident: Incident, into reach: inout IncidentReach
    ) async throws -> IncidentReach.UsualDay? {
        let resource = incident.evidence.decision.resource
        var query = Query.tenant(incident.key.tenant).and(Self.oneOf("kind", [resource.kind]))
        if let id = resource.id, !id.isEmpty { query = query.and(Self.oneOf("resource", [id])) }
        let before = Query.Comparison(
            field: "time", operation: .less, operands: [incident.first.description])
        let past = try await list(query.and(.comparison(before)), into: &reach).rows
        guard let oldest = past.last else { return nil }
        var hours = [Int](repeating: 0, count: 24)
        for decision in past { hours[decision.time.hourOfDay] += 1 }
        return IncidentReach.UsualDay(
            resource: ReachText.resource(resource), hours: hours, decisions: past.count, since: oldest.time)
    }

    /// The newest decisions that match.
    private func list(
        _ query: Query, into reach: inout IncidentReach
    ) async throws -> (rows: [Decision], isCut: Bool) {
        try Task.checkCancellation()
        let answer = try await store.search(
            SearchRequest(query: query, limit: IncidentReach.maximumRows + 1))
        reach.scanned += answer.scanned
        reach.elapsedMicroseconds += answer.elapsedMicroseconds
        let rows = answer.results.prefix(IncidentReach.maximumRows).map(\.stored.decision)
        return (rows, answer.results.count > rows.count)
    }

    private static func oneOf(_ field: String, _ values: [String]) -> Query {
        .comparison(Query.Comparison(field: field, operation: .equals, operands: values))
    }

    private static func since(_ time: Timestamp) -> Query {
        .comparison(
            Query.Comparison(field: "time", operation: .greaterOrEqual, operands: [time.description]))
    }
}

extension IncidentReach {
    /// Counts what was decided, newest first.
    mutating func count(_ decisions: [Decision], tenant: String) {
        lastSeen = decisions.first?.time
        var actions = Tally()
        var resources = Tally()
        var addresses = Tally()
        func equals(_ field: String, _ value: String) -> Query {
            .comparison(Query.Comparison(field: field, operation: .equals, operands: [value]))
        }
        let scope = Query.tenant(tenant)
        for decision in decisions {
            if let ip = decision.source.ip, !ip.isEmpty {
                addresses.add(ip) { scope.and(equals("ip", ip)) }
            }
            switch decision.effect {
            case .deny: denied += 1
            case .conditional: conditional += 1
            case .allow:
                allowed += 1
                let own = scope.and(equals("principal", decision.principal.id))
                let kind = decision.resource.kind
                for action in decision.actions.prefix(DecisionFacts.maximumElements) {
                    actions.add("\(action) \(kind)") {
                        own.and(equals("kind", kind)).and(equals("action", action))
                    }
                }
                resources.add(ReachText.resource(decision.resource)) {
                    let query = scope.and(equals("kind", kind))
                    return decision.resource.id.map { query.and(equals("resource", $0)) } ?? query
                }
            }
        }
        self.actions = actions.most
        self.resources = resources.most
        resourceCount = resources.distinct
        self.addresses = addresses.most
    }

    /// Counts who else came from the same addresses, newest first.
    mutating func countOthers(_ decisions: [Decision]) {
        var places: [ByteKey: Int] = [:]
        var found: [Other] = []
        for decision in decisions {
            let name = ByteKey(decision.principal.id)
            if let place = places[name] {
                found[place].count += 1
            } else {
                places[name] = found.count
                found.append(Other(principal: name.text, count: 1, last: decision.time))
            }
        }
        otherCount = found.count
        others = Array(found.prefix(Self.maximumListed))
    }

    /// Counts values, each with the query that finds it.
    private struct Tally {
        private var places: [ByteKey: Int] = [:]
        private var counted: [Counted] = []

        var distinct: Int { counted.count }

        /// The most frequent; of those that are as frequent the one that came last.
        var most: [Counted] {
            let order = counted.indices.sorted { (-counted[$0].count, $0) < (-counted[$1].count, $1) }
            return order.prefix(IncidentReach.maximumListed).map { counted[$0] }
        }

        mutating func add(_ name: String, _ query: () -> Query) {
            if let place = places[ByteKey(name)] {
                counted[place].count += 1
            } else {
                places[ByteKey(name)] = counted.count
                counted.append(Counted(name: name, count: 1, query: query().description))
            }
        }
    }
}

/// Names as evidence tells them.
enum ReachText {
    /// A resource as a person names it: its identifier with its kind, or its kind alone.
    static func resource(_ resource: Resource) -> String {
        guard let id = resource.id, !id.isEmpty else { return resource.kind }
        return "\(resource.kind)/\(id)"
    }
}
