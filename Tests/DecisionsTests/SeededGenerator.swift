import Decisions

/// A small repeatable generator: splitmix64.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int.random(in: 0..<elements.count, using: &self)]
    }

    mutating func chance(_ oneIn: Int) -> Bool { Int.random(in: 0..<oneIn, using: &self) == 0 }
}

extension SeededGenerator {
    /// Text with everything that breaks careless code: controls, escapes, marks, four-byte scalars.
    mutating func text() -> String {
        let scalars: [UnicodeScalar] = [
            "a", "Z", "0", " ", "\"", "\\", "/", "\u{0}", "\u{1B}", "\n", "\r", "\t", "\u{8}", "\u{C}",
            "\u{7F}",
            "\u{85}", "\u{9B}", "\u{A0}", "é", "ß", "\u{200F}", "\u{2028}", "\u{202E}", "\u{2066}", "漢", "😀",
        ]
        var text = ""
        for _ in 0..<Int.random(in: 0...12, using: &self) { text.unicodeScalars.append(pick(scalars)) }
        return text
    }

    mutating func jsonValue(depth: Int = 0) -> JSONValue {
        switch Int.random(in: 0..<(depth < 4 ? 7 : 5), using: &self) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &self))
        case 2: return .number(pick(["0", "-0", "1.50", "1e10", "-2.5E-3", "12345678901234567890123"]))
        case 3, 4: return .string(text())
        case 5:
            return .array((0..<Int.random(in: 0...4, using: &self)).map { _ in jsonValue(depth: depth + 1) })
        default: return .object(jsonObject(depth: depth + 1))
        }
    }

    mutating func jsonObject(depth: Int = 0) -> JSONObject {
        var object = JSONObject()
        for _ in 0..<Int.random(in: 0...5, using: &self) { object[text()] = jsonValue(depth: depth) }
        return object
    }

    /// A decision as engines make them.
    mutating func decision(number: Int) -> Decision {
        let names = ["alice", "bob", "svc-deploy", "system:serviceaccount:prod:web", "m.chen", "j.ortiz"]
        let kinds = ["invoice", "payroll", "secrets", "apps/deployments", "url:/healthz", "document"]
        let kind = pick(kinds)
        var decision = Decision(
            id: "d-\(number)",
            time: Timestamp(seconds: 1_767_225_600 + Int64.random(in: 0..<2_600_000, using: &self)),
            tenant: pick(["acme", "globex", "initech", ""]),
            principal: Principal(
                id: pick(names) + (chance(3) ? "-\(Int.random(in: 0..<40, using: &self))" : ""),
                roles: (0..<Int.random(in: 0...3, using: &self)).map { _ in
                    pick(["clerk", "admin", "owner", "auditor", "dev"])
                }),
            resource: Resource(kind: kind), actions: [pick(["read", "list", "update", "delete", "approve"])],
            effect: pick(Effect.allCases))
        if !chance(5) { decision.resource.id = "\(kind)-\(Int.random(in: 0..<500, using: &self))" }
        if !chance(4) { decision.resource.scope = pick(["eu.finance", "us.finance", "prod", "staging"]) }
        if !chance(3) { decision.outcome = decision.effect == .deny ? "denied" : "ok" }
        if !chance(3) { decision.policies = [pick(["baseline", "invoice-base", "payroll-strict"])] }
        if !chance(2) { decision.durationNanoseconds = Int64.random(in: 0..<90_000_000, using: &self) }
        if !chance(2) { decision.cacheHit = Bool.random(using: &self) }
        if !chance(2) {
            decision.source = Source(
                ip: "10.1.\(Int.random(in: 0..<4, using: &self)).\(Int.random(in: 0..<250, using: &self))",
                agent: "web/4.2", format: "verdict")
        }
        return decision
    }
}
