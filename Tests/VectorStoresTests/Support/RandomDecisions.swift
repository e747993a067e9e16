import Decisions
import VectorStores

/// A seeded source of random numbers, so that a failing test fails again.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }

    mutating func choose<Element>(_ elements: [Element]) -> Element {
        elements[Int.random(in: 0..<elements.count, using: &self)]
    }

    mutating func chance(_ share: Double) -> Bool { Double.random(in: 0..<1, using: &self) < share }
}

/// Random decisions with few distinct values, so that queries match some of them.
struct DecisionSource {
    var random: SeededGenerator
    private var number = 0

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    static let start = Timestamp(seconds: 1_767_603_600, nanoseconds: 0, fractionDigits: 3)
    static let tenants = ["", "acme", "globex", "Ümläut"]
    static let principals = ["alice", "bob", "svc-deploy", "Carol", "system:serviceaccount:a:b"]

    mutating func next(tenant: String? = nil) -> Decision {
        number += 1
        let ids = [
            "d-\(number)", "0d1e2f3a-0000-4000-8000-\(String(format12(number)))",
            "a-rather-long-identifier-\(number)",
        ]
        let seconds = Self.start.seconds + Int64.random(in: 0..<864_000, using: &random)
        var decision = Decision(
            id: random.choose(ids),
            time: Timestamp(
                seconds: seconds, nanoseconds: Int32.random(in: 0..<1_000, using: &random) * 1_000_000,
                fractionDigits: 3),
            tenant: tenant ?? random.choose(Self.tenants),
            principal: Principal(
                id: random.choose(Self.principals),
                roles: random.choose([[], ["clerk"], ["admin", "clerk"], ["owner"]])),
            resource: Resource(
                kind: random.choose(["invoice", "secret", "apps/deployments"]),
                id: random.choose([nil, "inv-1", "inv-\(number % 17)"]),
                scope: random.choose([nil, "eu.finance", "us"])),
            actions: random.choose([["read"], ["read", "delete"], ["update"]]),
            effect: random.choose([.allow, .allow, .allow, .deny, .conditional]))
        decision.outcome = random.choose([nil, "ok", "denied"])
        decision.policies = random.choose([[], ["baseline"], ["invoice-base", "override"]])
        decision.durationNanoseconds = random.choose([nil, 310_000, 310_500, 900_000_000])
        decision.cacheHit = random.choose([nil, true, false])
        decision.source = Source(
            ip: random.choose([nil, "10.0.0.5", "203.0.113.7"]), agent: random.choose([nil, "web/4.2"]),
            format: random.choose([nil, "verdict"]))
        if random.chance(0.4) {
            decision.extras = [
                "attrs": .object([
                    "code": .number(random.choose(["200", "403"])), "level": .string("Metadata"),
                ]),
                "tags": .array([.string("blue"), .string("green")]),
            ]
        }
        return decision
    }

    private func format12(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: 12 - digits.count) + digits
    }

    mutating func entries(_ count: Int, tenant: String? = nil) -> [Entry] {
        (0..<count).map { _ in Entry(next(tenant: tenant)) }
    }
}

extension Entry {
    /// An entry with the embedding the product would give it.
    init(_ decision: Decision) {
        self.init(decision: decision, embedding: DecisionEmbedder().embed(decision))
    }
}

/// The wall clock of tests: it stands still.
let testClock: @Sendable () -> Timestamp = { Timestamp(seconds: 1_768_500_000) }
