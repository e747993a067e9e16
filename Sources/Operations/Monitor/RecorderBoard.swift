public import Decisions
import Locks
import VectorStores

/// What recorders take, hold and drop, and what their workers could not store: a check of Health for each.
public final class RecorderBoard: Sendable {
    /// How long a check stays degraded after the last decision was dropped or lost.
    static let memorySeconds: Int64 = 60

    private struct Watched {
        var name: String
        var recorder: DecisionRecorder
        var progress: WorkerProgress
        var gone = 0
        var goneAt: Timestamp?
    }

    private let watched = Mutex<[Watched]>([])

    /// Watches nothing yet.
    public init() {}

    /// Watches a recorder and the worker that empties it; another one of the same name takes its place.
    public func watch(_ recorder: DecisionRecorder, _ progress: WorkerProgress, as name: String) {
        watched.withLock { watched in
            watched.removeAll { $0.name == name }
            watched.append(Watched(name: name, recorder: recorder, progress: progress))
        }
    }

    /// What health says of each, by name.
    func checks(at now: Timestamp) -> [HealthCheck] {
        watched.withLock { watched in
            watched.indices.map { Self.check(&watched[$0], at: now) }.sorted { $0.name < $1.name }
        }
    }

    private static func check(_ watched: inout Watched, at now: Timestamp) -> HealthCheck {
        let (recorder, worker) = (watched.recorder, watched.progress.current)
        let dropped = recorder.dropped
        if dropped + worker.lost > watched.gone {
            watched.gone = dropped + worker.lost
            watched.goneAt = now
        }
        let isLosing = watched.goneAt.map { now.seconds - $0.seconds < memorySeconds } ?? false
        var facts = [
            "\(PrintedNumber.grouped(recorder.pending + worker.held)) of "
                + "\(PrintedNumber.grouped(recorder.capacity)) wait",
            "\(PrintedNumber.grouped(recorder.recorded)) taken",
            dropped == 0 ? "none dropped" : "\(PrintedNumber.grouped(dropped)) dropped because it was full",
        ]
        let leftOut = recorder.leftOut
        if leftOut > 0 { facts.append("\(PrintedNumber.grouped(leftOut)) left out by the recording mode") }
        if worker.lost > 0 { facts.append("\(PrintedNumber.grouped(worker.lost)) refused by the store") }
        if let reason = worker.reason { facts.append("last problem: \(reason)") }
        return HealthCheck(
            name: "recorder \(watched.name)", status: isLosing || worker.held > 0 ? .degraded : .ok,
            since: now, detail: facts.joined(separator: "; "))
    }
}
