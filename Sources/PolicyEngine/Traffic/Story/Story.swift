internal import Decisions

/// The incidents hidden in generated traffic.
enum Story {
    /// A deploy key leaked: a service that only deploys reads every secret, from an address never seen.
    static func leakedDeployKey(random: inout SeededRandom, pace: Int = 4_500) -> Scene {
        var requests = [(kind: "secrets", id: "*", action: "list")]
        if case .named(let names, _)? = ResourceKind.catalogue["secrets"]?.naming {
            requests += names.map { ("secrets", $0, "get") }
            requests += (0..<6).map { _ in ("secrets", names[random.below(5)], "get") }
        }
        var beats = Scene.beats(requests, everyMilliseconds: pace, random: &random)
        // From the second third on the other regions' secrets follow.
        let regions: [Company.Region] = [.europe, .america, .asia]
        for place in beats.indices { beats[place].region = regions[place * regions.count / beats.count] }
        return Scene(
            incident: "leaked-deploy-key", tenant: 0, principal: "svc-deploy", address: "203.0.113.7",
            agent: "curl/8.5.0", beats: beats)
    }

    /// A clerk knocks on payroll and is refused every time.
    static func payrollDenyBurst(random: inout SeededRandom, pace: Int = 4_000) -> Scene {
        let requests = (0..<14).map { place in
            (kind: "payroll", id: "pay-\(11_000 + place * 7)", action: place % 5 == 4 ? "export" : "read")
        }
        return Scene(
            incident: "payroll-deny-burst", tenant: 1, principal: "j.ortiz", address: nil, agent: nil,
            beats: Scene.beats(requests, everyMilliseconds: pace, random: &random))
    }

    /// An analyst reaches a little further each time: salaries, customers, code, at last payroll.
    static func insider(random: inout SeededRandom, pace: Int) -> Scene {
        var requests: [(kind: String, id: String, action: String)] = []
        requests += (0..<4).map { _ in ("dataset", "hr-salaries", "query") }
        requests += (0..<7).map { ("customer", "cust-\(21_000 + $0 * 13)", "export") }
        requests += ["billing", "auth", "infra"].map { ("repository", $0, "read") }
        requests += (0..<5).map { ("employee", "emp-\(10_400 + $0)", "read") }
        requests += (0..<3).map { ("payroll", "pay-\(10_100 + $0)", "read") }
        return Scene(
            incident: "insider-reach", tenant: 0, principal: "m.chen", address: nil, agent: nil,
            beats: Scene.beats(requests, everyMilliseconds: pace, random: &random))
    }

    /// An engineer on call who was quiet comes from another network and clears what would show it.
    static func borrowedAccount(random: inout SeededRandom, pace: Int = 5_000) -> Scene {
        let requests = [
            ("audit-log", "iam", "read"), ("secrets", "vpn/psk", "get"), ("audit-log", "platform", "delete"),
            ("database", "ledger", "dump"), ("database", "customers", "dump"), ("audit-log", "iam", "delete"),
            ("feature-flag", "sso", "toggle"), ("database", "orders", "dump"),
        ]
        return Scene(
            incident: "borrowed-account", tenant: 3, principal: "r.vogel", address: "198.51.100.24",
            agent: "python-requests/2.32",
            beats: Scene.beats(
                requests.map { (kind: $0.0, id: $0.1, action: $0.2) }, everyMilliseconds: pace,
                random: &random))
    }

    /// Someone, anyone, suddenly after something far from the usual work, from a network never seen.
    static func stray(in world: World, random: inout SeededRandom) -> Scene {
        let tenant = random.below(world.companies.count)
        let company = world.companies[tenant]
        let actor = random.pick(company.people + company.services)
        let usual = Set(actor.habits.map(\.kind.name))
        let targets = [
            ("secrets", "get"), ("payroll", "read"), ("database", "dump"), ("audit-log", "delete"),
            ("customer", "export"), ("dataset", "query"),
        ].filter { !usual.contains($0.0) }
        let (kind, action) = random.pick(targets)
        let requests = (0..<(5 + random.below(14))).map { _ in
            (kind: kind, id: ResourceKind.catalogue[kind]?.anyID(&random) ?? kind, action: action)
        }
        let network = random.pick(["192.0.2", "198.51.100", "203.0.113"])
        return Scene(
            incident: "stray-\(actor.principal.id)", tenant: tenant, principal: actor.principal.id,
            address: "\(network).\(1 + random.below(250))", agent: nil,
            beats: Scene.beats(
                requests, everyMilliseconds: 1_500 + random.below(4_000), random: &random))
    }
}
