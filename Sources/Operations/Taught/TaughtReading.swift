public import AnomalyDetection
public import Decisions
public import VectorStores

/// Reads rules, lessons and what tuning is rehearsed on as they are stored, for whoever does not detect.
public enum TaughtReading {
    /// Every readable rule and lesson of a store, those in effect first, the newest first.
    ///
    /// Those that are not readable are left out; `warn` is then told how many, and why for the first.
    public static func items(
        of store: any RecordStore, now: Timestamp, warn: (String) -> Void = { _ in }
    ) async throws -> [TaughtItem] {
        let read = try await TaughtItem.read(from: store, now: now)
        if let reason = read.problems.first {
            let noun = read.problems.count == 1 ? "1 record is" : "\(read.problems.count) records are"
            warn("\(noun) left out because damaged: \(reason)")
        }
        return read.items
    }

    /// What tuning is rehearsed on.
    public static func history(
        of store: any RecordStore, alpha: Double, configuration: IncidentConfiguration, now: Timestamp,
        warn: (String) -> Void = { _ in }
    ) async throws -> TuningHistory {
        try await TuningHistory.read(
            from: store, incidents: try await IncidentReading.incidents(of: store, warn: warn), alpha: alpha,
            configuration: configuration, now: now)
    }
}

/// Rehearsals in words, the same on every screen and in commands.
public enum RehearsalWords {
    /// How much history there is: `12.4 days from 2026-… to …`.
    public static func span(_ outcome: Rehearsal.Outcome) -> String {
        guard let since = outcome.since, let until = outcome.until else { return "no history yet" }
        return "\(PrintedNumber.decimal(outcome.days, digits: 1)) days, \(since) to \(until)"
    }

    /// What to write into the configuration for an alpha.
    public static func setting(alpha: Double) -> String { "detection:\n  alpha: \(alpha)" }
}
