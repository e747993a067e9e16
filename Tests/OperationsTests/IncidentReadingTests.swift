import AnomalyDetection
import Decisions
import Testing
import VectorStores

@testable import Operations

@Suite struct IncidentReadingTests {
    @Test func `an incident that cannot be read is left out and said`() async throws {
        let session = try await Session()
        let decision = Session.decision(1)
        let incident = Incident(
            id: "K7F2",
            key: Incident.Key(tenant: "acme", principal: "user-1", kind: "invoice", effect: .allow),
            severity: .low, time: decision.time, score: 0.9, why: [], member: "d-1",
            evidence: Evidence(
                decision: decision,
                channels: ScoredDecision.Channels(distance: 1, rarity: 1, firstSeen: 1)))
        try await session.store.write([
            RecordChange(collection: Incident.collection, key: "K7F2", value: incident.json)
        ])
        var warnings: [String] = []
        var read = try await IncidentReading.incidents(of: session.store) { warnings.append($0) }
        #expect(read == [incident] && warnings.isEmpty)
        for key in ["AAAA", "BBBB"] {
            try await session.store.write([
                RecordChange(collection: Incident.collection, key: key, value: .object(["id": .string(key)]))
            ])
        }
        read = try await IncidentReading.incidents(of: session.store) { warnings.append($0) }
        #expect(read == [incident])
        #expect(warnings.count == 1)
        #expect(warnings.first?.hasPrefix("2 incidents are left out because damaged: AAAA: ") == true)
    }
}
