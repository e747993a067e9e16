import AnomalyDetection
import Decisions
import PostgresStore
import PostgresTesting
import VectorStores

/// A store in memory and one on a server, each with the same decisions.
enum EvidenceStore: String, CaseIterable {
    case memory
    case server

    private static let start: Int64 = 1_700_000_000

    /// Opens it, fills it, and closes it when the test is done.
    func with(_ decisions: [Decision], _ body: (any DecisionStore) async throws -> Void) async throws {
        let options = StoreOptions(clock: { Timestamp(seconds: Self.start + 86_400) })
        let database = self == .server ? try StoreDatabase(.eighteenWithVectors) : nil
        defer { database?.drop() }
        let store: any DecisionStore =
            if let database {
                try PostgresStore.open(.postgres(database.address), options: options)
            } else {
                try MemoryStore(options: options)
            }
        do {
            _ = try await store.insert(
                decisions.map { Entry(decision: $0, embedding: DecisionEmbedder().embed($0)) })
            try await body(store)
        } catch {
            await store.close()
            throw error
        }
        await store.close()
    }

    /// A decision some seconds after the start.
    static func decision(
        _ id: String, _ principal: String, _ action: String, _ kind: String, _ resource: String,
        effect: Effect = .allow, ip: String? = nil, at seconds: Int64, tenant: String = "acme"
    ) -> Decision {
        var decision = Decision(
            id: id, time: Timestamp(seconds: start + seconds), tenant: tenant,
            principal: Principal(id: principal, roles: ["staff"]),
            resource: Resource(kind: kind, id: resource, scope: "eu"), actions: [action], effect: effect)
        decision.source.ip = ip
        return decision
    }

    /// An incident of a decision and what came with it.
    static func incident(of decision: Decision, members: [Decision] = [], principal: String? = nil)
        -> Incident
    {
        var incident = Incident(
            id: "K7F2",
            key: Incident.Key(
                tenant: decision.tenant, principal: principal ?? decision.principal.id,
                kind: decision.resource.kind, effect: decision.effect),
            severity: .high, time: decision.time, score: 0.99, why: [], member: decision.id,
            evidence: Evidence(
                decision: decision,
                channels: ScoredDecision.Channels(distance: 1, rarity: 1, firstSeen: 1)))
        incident.members = ([decision] + members).map(\.id)
        return incident
    }
}
