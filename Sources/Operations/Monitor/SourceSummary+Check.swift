import Decisions
import VectorStores

extension SourceSummary {
    /// What health says of the source; `nil` while there is nothing to say.
    func check(at now: Timestamp) -> HealthCheck? {
        let name = "source \(id)"
        let since = lastEvent ?? now
        switch state {
        case .silent:
            return HealthCheck(
                name: name, status: .degraded, since: since,
                detail: "nothing came for longer than usual; look whether it is still written")
        case .waiting:
            return HealthCheck(
                name: name, status: .degraded, since: since,
                detail: "it does not exist; it is read as soon as it does")
        case .failed:
            return HealthCheck(
                name: name, status: .failed, since: since, detail: lastReject ?? "it cannot be read")
        case .following, .reading, .done:
            return nil
        }
    }
}
