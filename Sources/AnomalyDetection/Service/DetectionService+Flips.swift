import Decisions
import VectorStores

/// What would have made a flagged decision ordinary; nothing is counted, stored or filed.
extension DetectionService {
    /// The most decisions of an incident that are taken out of the past while its strangest one is asked about.
    static let maximumForgotten = 256
    /// Rows in which usual resources are looked for.
    private static let usualRows = 500

    /// The flagged decision of an incident, and what is taken out of the past: the incident's own decisions.
    private struct Subject {
        var decision: Decision
        var identities: Set<EntryIdentity>
        var forgotten: [Decision]
    }

    /// Which changes of an incident's strangest decision would have been ordinary, the smallest first.
    ///
    /// Costs a search for each change, at most some fifty, two lists, and a look at 65,536 names of a sort.
    public func flips(of incident: Incident) async throws -> FlipReport {
        let subject = try await subject(of: incident)
        let (own, isLive) = try await score(of: subject, after: [])
        var search = FlipSearch(subject.decision)
        for change in try await usualChanges(
            of: subject.decision, before: incident.first, hours: search.hours)
        {
            try Task.checkCancellation()
            search.note([change], try await score(of: subject, after: [change]).score)
        }
        guard own.isFlagged else { return search.report(score: own, isLive: isLive) }
        for changes in search.together {
            try Task.checkCancellation()
            search.note(changes, try await score(of: subject, after: changes).score)
        }
        return search.report(score: own, isLive: isLive)
    }

    /// How strange an incident's strangest decision would be with some fields changed; costs one search.
    public func score(of incident: Incident, after changes: [FlipChange]) async throws -> FlipScore {
        try await score(of: try await subject(of: incident), after: changes).score
    }

    private func score(
        of subject: Subject, after changes: [FlipChange]
    ) async throws -> (score: FlipScore, isLive: Bool) {
        let preview = try await preview(
            subject.decision.applying(changes), leavingOut: subject.identities, forgetting: subject.forgotten)
        return (FlipScore(preview), preview.isLive)
    }

    private func subject(of incident: Incident) async throws -> Subject {
        if incident.isOfNoDecision {
            throw IncidentError(
                .unknown, "incident \(incident.id) is of the watching itself: it has no decision to change")
        }
        var subject = Subject(decision: incident.evidence.decision, identities: [], forgotten: [])
        for id in incident.members.prefix(Self.maximumForgotten) {
            for stored in try await store.entries(id: id, tenant: incident.key.tenant) {
                subject.identities.insert(stored.identity)
                subject.forgotten.append(stored.decision)
                // Whole, where the evidence keeps it abridged.
                let isFlagged =
                    stored.decision.id == incident.evidence.decision.id
                    && stored.decision.time == incident.evidence.decision.time
                if isFlagged { subject.decision = stored.decision }
            }
        }
        return subject
    }

    /// Single changes to values that are usual.
    private func usualChanges(
        of decision: Decision, before time: Timestamp, hours: [FlipChange]
    ) async throws -> [FlipChange] {
        let limit = FlipSearch.valuesPerField
        let resources = try await usualResources(of: decision, before: time, limit: limit)
        let past = try await pastForReading().detector.tenantDetector(decision.tenant)
        let principals = past?.usualPrincipals(for: decision, limit: limit) ?? []
        let actions = past?.usualActions(for: decision, limit: limit) ?? []
        return principals.map { .principal($0) } + resources + actions.map { .action($0) } + hours
    }

    /// Resources that the principal used most before the incident, and those of the same kind that everybody did;
    /// then kinds that are usual, without an identifier.
    private func usualResources(
        of decision: Decision, before time: Timestamp, limit: Int
    ) async throws -> [FlipChange] {
        func comparison(_ field: String, _ operation: Query.Operation, _ value: String) -> Query {
            .comparison(Query.Comparison(field: field, operation: operation, operands: [value]))
        }
        let earlier = Query.tenant(decision.tenant).and(comparison("time", .less, time.description))
        func resources(_ query: Query) async throws -> [FlipChange] {
            let answer = try await store.search(
                SearchRequest(query: earlier.and(query), limit: Self.usualRows))
            var counts: [Resource: Int] = [:]
            for result in answer.results {
                let past = result.stored.decision.resource
                counts[Resource(kind: past.kind, id: past.id), default: 0] += 1
            }
            counts[Resource(kind: decision.resource.kind, id: decision.resource.id)] = nil
            return counts.sorted { left, right in
                let names = [left, right].map { ($0.key.kind, $0.key.id ?? "") }
                return left.value == right.value ? names[0] < names[1] : left.value > right.value
            }.map { .resource(kind: $0.key.kind, id: $0.key.id) }
        }
        let own = try await resources(comparison("principal", .equals, decision.principal.id))
        let others = try await resources(comparison("kind", .equals, decision.resource.kind))
        let past = try await pastForReading().detector.tenantDetector(decision.tenant)
        let kinds = past?.usualKinds(for: decision, limit: 2) ?? []
        var result: [FlipChange] = []
        let candidates =
            own.prefix(limit / 2) + others.prefix(limit / 3)
            + kinds.map { .resource(kind: $0, id: nil) } + own.dropFirst(limit / 2)
        for change in candidates where !result.contains(change) && result.count < limit {
            result.append(change)
        }
        return result
    }
}
