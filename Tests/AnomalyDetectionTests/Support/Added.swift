import Testing

@testable import AnomalyDetection

/// What adding an anomaly did; fails when it did nothing.
func added(_ change: IncidentBook.Change?) throws -> IncidentBook.Change {
    try #require(change)
}
