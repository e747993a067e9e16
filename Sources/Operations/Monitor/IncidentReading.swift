public import AnomalyDetection
import Decisions
public import VectorStores

/// Reads incidents as they are stored, for whoever does not detect.
public enum IncidentReading {
    /// Every incident of a store; throws when one is not readable.
    public static func incidents(of store: any RecordStore) async throws -> [Incident] {
        var incidents: [Incident] = []
        for record in try await store.records(in: Incident.collection) {
            guard let value = record.value else { continue }
            incidents.append(try Incident(json: value))
        }
        return incidents
    }
}
