internal import Decisions

/// A tenant with its people, services and the polls of its programs.
struct Company: Sendable {
    let name: String
    let region: Region
    let people: [Actor]
    let services: [Actor]
    let polls: [Poll]
    let peopleChoice: WeightedChoice
    let serviceChoice: WeightedChoice
    let pollChoice: WeightedChoice

    /// Where a company is at home, which sets its office hours.
    enum Region: String, Sendable, CaseIterable {
        case europe = "eu"
        case america = "us"
        case asia = "ap"

        /// Hours ahead of UTC.
        var hoursAhead: Int {
            switch self {
            case .europe: 1
            case .america: -6
            case .asia: 8
            }
        }
    }

    /// The names of the first tenants; later ones are numbered.
    static let names = [
        "acme", "globex", "initech", "umbrella", "hooli", "stark", "wayne", "wonka", "tyrell", "cyberdyne",
        "soylent", "aperture",
    ]

    /// The people whose stories are told: tenant, name, role.
    static let storied: [(tenant: Int, name: String, role: String)] = [
        (0, "m.chen", "analyst"), (1, "j.ortiz", "finance-clerk"), (3, "r.vogel", "sre"),
    ]

    /// Invents the company at a place in the list of tenants; `count` is how many there are.
    init(at place: Int, of count: Int, random: inout SeededRandom) {
        name = place < Self.names.count ? Self.names[place] : "tenant-\(place + 1)"
        let region = Region.allCases[place % Region.allCases.count]
        self.region = region
        var staff = Staff(place: place, region: region)
        people = staff.people(headcount: max(5, 16 - place * 2), of: count, random: &random)
        services = staff.services(random: &random)
        polls = Self.polls(of: services, count: max(6, 300 / count), region: region, random: &random)
        peopleChoice = WeightedChoice(weights: people.indices.map { 1_000 / ($0 + 6) })
        serviceChoice = WeightedChoice(weights: services.indices.map { 1_000 / ($0 + 2) })
        pollChoice = .zipf(polls.count)
    }

    private static func polls(
        of services: [Actor], count: Int, region: Region, random: inout SeededRandom
    ) -> [Poll] {
        (0..<count).map { _ in
            let actor = random.below(services.count)
            let habit = random.pick(services[actor].habits)
            return Poll(
                actor: actor, kind: habit.kind, id: habit.kind.busyID(&random),
                action: habit.actions[0], scope: habit.scope,
                address: random.pick(services[actor].addresses))
        }
    }
}

extension ResourceKind {
    /// One of the resources that are asked about most.
    func busyID(_ random: inout SeededRandom) -> String {
        switch naming {
        case .named(let names, let choice): names[choice.draw(&random)]
        case .numbered(let prefix, let busy, _): prefix + String(10_000 + busy.draw(&random))
        }
    }

    /// Any resource: mostly one of the many, sometimes a busy one.
    func anyID(_ random: inout SeededRandom) -> String {
        guard case .numbered(let prefix, _, let count) = naming, !random.chance(perMille: 400) else {
            return busyID(&random)
        }
        return prefix + String(10_000 + random.below(count))
    }
}
