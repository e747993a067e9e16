import AnomalyDetection
import Configuration
import Delivery
import Operations
import VectorStores

/// How often a detector is drilled and looks back, by the configuration.
extension Settings.Detection {
    /// Seconds between two runs of the pass; `nil` when it is off.
    var passSeconds: Int64? { Self.seconds(pass, usually: 900) }
    /// Seconds between two drills; `nil` when they are off.
    var drillSeconds: Int64? { Self.seconds(drill, usually: 600) }

    private static func seconds(_ interval: Settings.Interval?, usually usual: Int64) -> Int64? {
        switch interval {
        case nil: usual
        case .off?: nil
        case .seconds(let seconds)?: seconds
        }
    }

    /// Puts what is said of scoring into a detector's rules.
    func apply(to configuration: inout DetectionConfiguration) {
        if let alpha { configuration.detector.alpha = alpha }
        if let warmUp { configuration.detector.warmUpDecisions = warmUp }
    }
}

extension Detection {
    /// Drills a detector and lets it look back, until the task is cancelled.
    ///
    /// In each process that may detect: what it does depends on whether it does. Drills go the way of the alerts of
    /// `dispatcher`, where there is one.
    static func care(
        for detection: DetectionService, of store: any DecisionStore, _ settings: Settings.Detection,
        alertsBy dispatcher: AlertDispatcher?, tell: @escaping @Sendable (String) -> Void
    ) async {
        var alerting: (@Sendable (Incident) async -> DrillAlerts)?
        if let dispatcher { alerting = { await dispatcher.drill($0) } }
        let drills = DrillKeeper(
            store: store, detection: detection, every: settings.drillSeconds, clock: WallClock.now,
            alerting: alerting, tell: tell)
        let passes = PassKeeper(
            store: store, detection: detection, every: settings.passSeconds, clock: WallClock.now, tell: tell)
        await withTaskGroup { group in
            group.addTask { await drills.run() }
            group.addTask { await passes.run() }
        }
    }
}
