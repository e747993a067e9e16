import AnomalyDetection
import Decisions
import VectorStores

/// One drill, by the stations that a strange decision passes: the line, a detector, a real tenant's past, alerts.
struct DrillRun: Sendable {
    /// What became of it.
    enum End: Sendable {
        /// It was found, and its alert came as far as it may; where it was tried and how far that was, in words.
        case caught(remark: String)
        /// It was not found, or its alert did not go out; why, in a sentence.
        case missed(String, Signal.DrillFailure)
        /// This process detects no longer.
        case moot
    }

    /// How far it came.
    enum Station: Sendable {
        /// Its past is made, and it enters the line.
        case line
        /// It is scored, and its alert goes out.
        case alerts
    }

    let script: DrillScript
    let store: any DecisionStore
    let detection: DetectionService
    /// Takes the alert of an incident the way of every alert; `nil` where nobody is to be told of incidents.
    let alerting: (@Sendable (Incident) async -> DrillAlerts)?

    /// What was found in the line.
    private struct Found: Sendable {
        /// The incident that was made where the past is made up.
        var incident: Incident?
        var trial: DrillTrial
    }

    /// Sends it; `reaches` is told how far it came.
    func run(_ reaches: (Station) async -> Void) async throws -> End {
        let range = try await DrillRange(script, rules: detection.rules)
        let anomaly = script.anomaly
        await reaches(.line)
        let found = try await detection.inTurn { [store, detection] in
            // The store that counts must answer, too.
            _ = try await store.search(
                SearchRequest(target: .embedding(DecisionEmbedder().embed(anomaly)), limit: 1))
            return Found(
                incident: try await range.incident(of: anomaly), trial: try await detection.drillTrial())
        }
        await range.close()
        guard let found else { return .moot }
        guard var incident = found.incident else {
            return .missed("it was scored, and not flagged", .notCaught)
        }
        incident.id = DrillTrial.incidentID
        switch found.trial.outcome {
        case .unflagged: return .missed(found.trial.sentence, .notCaught)
        case .caught(let real): incident = real
        case .nowhere: break
        }
        guard let alerting else { return .caught(remark: found.trial.sentence) }
        await reaches(.alerts)
        // Out of the line: what is scored waits for no receiver.
        let alerts = await alerting(incident)
        if let problem = alerts.problem {
            // Where this process ends meanwhile nothing is known of the receivers.
            try Task.checkCancellation()
            return .missed("\(problem) (\(found.trial.sentence))", .notAlerted)
        }
        return .caught(remark: "\(found.trial.sentence); \(alerts.sentence)")
    }
}
