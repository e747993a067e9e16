public import AnomalyDetection
import Decisions
public import VectorStores

/// Reads incidents as they are stored, for whoever does not detect.
public enum IncidentReading {
    /// Every readable incident of a store.
    ///
    /// Those that are not readable are left out; `warn` is then told how many, and why for the first.
    public static func incidents(
        of store: any RecordStore, warn: (String) -> Void = { _ in }
    ) async throws -> [Incident] {
        var incidents: [Incident] = []
        var leftOut = 0
        var reason = ""
        for record in try await store.records(in: Incident.collection) {
            guard let value = record.value else { continue }
            do {
                incidents.append(try Incident(json: value))
            } catch {
                if leftOut == 0 { reason = "\(record.key): \(error)" }
                leftOut += 1
            }
        }
        if leftOut > 0 {
            let noun = leftOut == 1 ? "1 incident is" : "\(leftOut) incidents are"
            warn("\(noun) left out because damaged: \(reason)")
        }
        return incidents
    }
}
