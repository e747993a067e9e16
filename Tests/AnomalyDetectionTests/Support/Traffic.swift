import Decisions
import VectorStores

@testable import AnomalyDetection

/// Seeded traffic of a small company: everybody has habits.
struct Traffic {
    private var random: SplitMix64
    private var number = 0
    private var seconds: Int64 = 1_767_600_000
    let tenant: String
    let principals = ["alice", "bob", "carol", "svc-build", "svc-deploy", "svc-report"]

    init(seed: UInt64, tenant: String = "acme") {
        random = SplitMix64(seed: seed)
        self.tenant = tenant
    }

    /// The next ordinary decision.
    mutating func next() -> Decision {
        let index = Int.random(in: 0..<principals.count, using: &random)
        let kinds = [
            ["invoice", "report"], ["report"], ["customer", "invoice"], ["build"], ["deploy"], ["report"],
        ]
        let kind = kinds[index].randomElement(using: &random) ?? "report"
        let action = Int.random(in: 0..<5, using: &random) == 0 ? "update" : "read"
        var decision = make(
            principals[index], action, kind, id: "\(kind)-\(Int.random(in: 0..<5, using: &random))")
        decision.source.ip = "10.0.0.\(index)"
        return decision
    }

    /// The next `count` ordinary decisions.
    mutating func next(_ count: Int) -> [Decision] {
        (0..<count).map { _ in next() }
    }

    /// A decision of one's own making, next in time.
    mutating func make(
        _ principal: String, _ action: String, _ kind: String, id: String? = nil, effect: Effect = .allow
    ) -> Decision {
        number += 1
        seconds += 3
        var decision = Decision(
            id: "\(tenant)-\(number)", time: Timestamp(seconds: seconds), tenant: tenant,
            principal: Principal(id: principal, roles: ["staff"]),
            resource: Resource(kind: kind, id: id, scope: "eu"), actions: [action], effect: effect)
        decision.source.format = "verdict"
        return decision
    }
}

extension Entry {
    /// A decision with its embedding.
    init(_ decision: Decision) {
        self.init(decision: decision, embedding: DecisionEmbedder().embed(decision))
    }
}
