import Decisions
import Operations
import VectorStores

/// Tells the activity log of a store what a command did to it.
enum Activity {
    /// Adds an entry; what fails of that is told on standard error and undoes nothing.
    static func tell(
        _ act: String, _ subject: String, before: JSONObject? = nil, after: JSONObject? = nil,
        to store: any DecisionStore, by who: String
    ) async {
        do {
            try await record(act, subject, before: before, after: after, to: store, by: who)
        } catch {
            StandardError.write("verdict: the activity log could not be told: \(printable("\(error)"))\n")
        }
    }

    /// Adds an entry, or throws: for what must not be done untold.
    static func record(
        _ act: String, _ subject: String, before: JSONObject? = nil, after: JSONObject? = nil,
        to store: any DecisionStore, by who: String
    ) async throws {
        let event = ActivityEvent(
            time: WallClock.now(), who: who, act: act, subject: subject,
            before: before.map { .object($0) } ?? .null, after: after.map { .object($0) } ?? .null)
        try await ActivityLog.append([event], to: store)
    }
}
