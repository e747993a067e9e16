import Decisions
import VectorStores

/// Decisions for the tests of the store, each of its own number.
enum Sample {
    static let tenants = ["acme", "globex", ""]
    static let start = Timestamp(seconds: 1_767_603_600, nanoseconds: 120_000_000, fractionDigits: 3)

    /// A decision with every field that a log may have.
    static func decision(_ number: Int, tenant: String? = nil) -> Decision {
        var decision = Decision(
            id: "d-\(number)", time: start.advanced(bySeconds: Int64(number)),
            tenant: tenant ?? tenants[number % tenants.count],
            principal: Principal(id: "user-\(number % 7)", roles: number % 2 == 0 ? ["clerk"] : []),
            resource: Resource(kind: "invoice", id: "inv-\(number % 11)", scope: "eu.finance"),
            actions: ["read"], effect: number % 5 == 0 ? .deny : .allow)
        decision.outcome = "ok"
        decision.policies = ["baseline"]
        decision.durationNanoseconds = 310_500
        decision.cacheHit = number % 3 == 0
        decision.source = Source(ip: "10.1.2.\(number % 250)", agent: "web/4.2", format: "verdict")
        decision.extras = ["attrs": .object(["z": .number("1e2"), "a": .string("Ümläut 'quoted' \\ \"x\"")])]
        return decision
    }

    static func entry(_ number: Int, tenant: String? = nil) -> Entry {
        entry(decision(number, tenant: tenant))
    }

    static func entry(_ decision: Decision) -> Entry {
        Entry(decision: decision, embedding: DecisionEmbedder().embed(decision))
    }

    static func entries(_ numbers: Range<Int>, tenant: String? = nil) -> [Entry] {
        numbers.map { entry($0, tenant: tenant) }
    }

    /// A vector that is no recipe's.
    static func floats(_ seed: Int) -> [Float] {
        (0..<Embedding.dimension).map { Float(($0 * 37 + seed * 101) % 199) / 199 - 0.5 }
    }

    /// The wall clock of tests: it stands still.
    static let clock: @Sendable () -> Timestamp = { Timestamp(seconds: 1_768_500_000) }
}
