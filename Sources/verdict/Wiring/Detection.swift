import AnomalyDetection
import Configuration
import Decisions
import Operations
import VectorStores

/// Makes the detector of a store for this process.
enum Detection {
    private static let heartbeatPause = Duration.seconds(2)

    /// A service that is idle until started; `settings` and `grouping` are what the configuration says of scoring and
    /// of incidents.
    static func service(
        for store: any DecisionStore, _ settings: Settings.Detection = Settings.Detection(),
        grouping: Set<Settings.IncidentField>? = nil,
        clock: @escaping @Sendable () -> Timestamp = WallClock.now
    ) -> DetectionService {
        let configuration = configuration(settings, grouping: grouping)
        let holder = LeaseHolder(
            host: ThisProcess.host, processID: ThisProcess.id,
            session: "\(clock().seconds)-\(ThisProcess.id)")
        return DetectionService(store: store, configuration: configuration, holder: holder, clock: clock) {
            other in
            ThisProcess.knowsToHaveEnded(other.processID, on: other.host)
        }
    }

    /// How a store is watched, as the configuration says.
    static func configuration(
        _ settings: Settings.Detection, grouping: Set<Settings.IncidentField>?
    ) -> DetectionConfiguration {
        var configuration = DetectionConfiguration()
        settings.apply(to: &configuration)
        if let grouping {
            configuration.incidents.grouping = IncidentGrouping(
                byPrincipal: grouping.contains(.principal), byKind: grouping.contains(.kind))
        }
        return configuration
    }

    /// Starts a service and says on standard error how much of what came before it still has to score.
    static func start(_ service: DetectionService) async throws {
        let line = ProgressLine()
        defer { line.finish() }
        _ = try await Interruption.cancelling {
            try await service.start { line.show("scoring what came before", detail: "\(grouped($0)) to go") }
        }
    }

    /// Says every two seconds that this process is there, until the task is cancelled.
    static func keepAlive(_ service: DetectionService, log: EventLog? = nil) async {
        while !Task.isCancelled {
            do {
                try await service.heartbeat()
            } catch is CancellationError {
                return
            } catch {
                log?.write(.warning, "detector", "heartbeat: \(error)")
            }
            try? await Task.sleep(for: heartbeatPause)
        }
    }
}

extension DetectionService {
    /// Closes and says what could not be saved, so that what is stored can be told first.
    func closed() async -> (any Error)? {
        do {
            try await close()
            return nil
        } catch {
            return error
        }
    }
}
