import AnomalyDetection
import Decisions
import Locks
import VectorStores

@testable import Delivery

/// Incidents and receivers for tests.
enum Samples {
    /// A quarter past ten.
    static let now = Timestamp(seconds: 1_767_608_100, fractionDigits: 0)
    static let context = AlertContext(store: "prod-eu", runbook: "https://wiki.example/authz")

    static func incident(
        _ id: String = "K7F2", principal: String = "svc-deploy", kind: String = "secrets",
        tenant: String = "acme",
        effect: Effect = .allow, severity: Incident.Severity = .critical, state: Incident.State = .new,
        first: Timestamp = now.advanced(bySeconds: -120)
    ) -> Incident {
        var decision = Decision(
            id: "d-1", time: first, tenant: tenant, principal: Principal(id: principal, roles: ["deployer"]),
            resource: Resource(kind: kind, id: "db-master"), actions: ["get"], effect: effect)
        decision.source = Source(ip: "203.0.113.7", agent: "curl/8.5", format: "kubernetes")
        decision.policies = ["edit"]
        decision.extras = ["attrs": .object(["level": .string("Metadata")])]
        let channels = ScoredDecision.Channels(distance: 0.99, rarity: 0.98, firstSeen: 1)
        var incident = Incident(
            id: id,
            key: Incident.Key(tenant: tenant, principal: principal, kind: kind, effect: effect),
            severity: severity, time: first, score: 0.9938,
            why: [
                "svc-deploy: 214 past decisions, none on secrets", "source 203.0.113.7: never seen",
                "secrets/db-master was read by 3 principals ever",
            ], member: "d-1", evidence: Evidence(decision: decision, channels: channels))
        incident.count = 27
        incident.last = first.advanced(bySeconds: 60)
        incident.actions = ["get", "list"]
        incident.resources = ["secrets/db-master", "secrets/jwt"]
        incident.addresses = ["203.0.113.7"]
        incident.state = state
        return incident
    }

    static func receiver(
        _ kind: Receiver.Kind, named name: String? = nil, address: String? = nil
    ) throws -> Receiver {
        guard let address = ReceiverAddress(address ?? "http://127.0.0.1:9/\(kind.rawValue)") else {
            throw DeliveryFailure(.refused, "no address")
        }
        var receiver = Receiver(name: name ?? kind.rawValue, kind: kind, address: address)
        if kind == .pagerduty { receiver.secret = Secret("R0UT1NGK3Y") }
        receiver.rate = RateLimit(count: 1_000, seconds: 1)
        return receiver
    }

    static func alert(
        _ incident: Incident = incident(), _ status: AlertStatus = .firing,
        telling attributes: Set<AlertAttribute> = []
    ) -> Alert {
        Alert(
            incident, status, redaction: Redaction(allowed: attributes), context: context,
            starts: incident.first, ends: status == .resolved ? now : nil)
    }
}

/// A clock that stands still until it is moved.
final class StillClock: Sendable {
    private let time: Mutex<Timestamp>

    init(_ start: Timestamp = Samples.now) { time = Mutex(start) }

    var now: Timestamp { time.withLock { $0 } }

    func advance(_ seconds: Int64) { time.withLock { $0 = $0.advanced(bySeconds: seconds) } }
}

/// The generator of Steele, Lea and Flood (2014).
struct SeededChance: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
        bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
        return bits ^ (bits >> 31)
    }
}
