internal import Decisions

/// Hires the people and services of one company.
struct Staff {
    private let place: Int
    private let region: Company.Region
    private var taken: Set<String> = []

    init(place: Int, region: Company.Region) {
        self.place = place
        self.region = region
    }

    private static let initials = Array("abcdefghijklmnopqrstvwyz")
    private static let surnames = [
        "novak", "silva", "kowalski", "haddad", "tanaka", "berg", "rossi", "dubois", "fischer", "okafor",
        "patel", "nguyen", "larsen", "moreau", "costa", "weber", "ivanov", "kaya", "murphy", "jansen", "sato",
        "lopez", "schmidt", "ali", "brown", "keller", "marin", "olsen", "popov", "quinn", "reyes", "suzuki",
        "torres", "urban", "vega", "walsh", "yilmaz", "zhou", "adams", "bauer", "cohen", "diaz", "evans",
        "ferrari", "gomez", "hansen", "ito", "jones", "khan", "lund",
    ]

    /// The people of the company, the storied ones among them.
    mutating func people(headcount: Int, of tenants: Int, random: inout SeededRandom) -> [Actor] {
        var people: [Actor] = []
        for storied in Company.storied where storied.tenant % tenants == place {
            guard let duty = Duty.people.first(where: { $0.duty.role == storied.role }) else { continue }
            taken.insert(storied.name)
            people.append(person(storied.name, duty: duty.duty, random: &random))
        }
        let duties = WeightedChoice(weights: Duty.people.map(\.share))
        while people.count < headcount {
            let duty = Duty.people[duties.draw(&random)].duty
            people.append(person(newName(&random), duty: duty, random: &random))
        }
        return people
    }

    private mutating func newName(_ random: inout SeededRandom) -> String {
        while true {
            let name = "\(random.pick(Self.initials)).\(random.pick(Self.surnames))"
            if taken.insert(name).inserted { return name }
        }
    }

    private func person(_ name: String, duty: Duty, random: inout SeededRandom) -> Actor {
        var habits = duty.tasks.map { habit($0, region: region) }
        // Every third has something that is refused every time and tried again: a stale bookmark, a
        // wrong folder. It keeps denials ordinary.
        if random.below(3) == 0 {
            let (kind, action) = random.pick([
                ("report", "run"), ("dataset", "query"), ("deployment", "create"), ("quote", "read"),
                ("invoice", "approve"),
            ])
            if !duty.tasks.contains(where: { $0.kind == kind }) {
                habits.append(habit(Duty.Task(action, kind, 30), region: region))
            }
        }
        let subnet = random.below(200)
        return Actor(
            principal: Principal(id: name, roles: ["employee", duty.role]),
            attributes: [
                "department": .text(duty.department), "region": .text(region.rawValue),
                "limit": .number(Double(5_000 * (1 + random.below(4)))),
            ],
            agents: duty.agents,
            addresses: (0..<3).map { _ in "10.\(20 + place % 200).\(subnet).\(1 + random.below(250))" },
            roams: false,
            habits: habits)
    }

    /// The services every company runs.
    func services(random: inout SeededRandom) -> [Actor] {
        Duty.services.map { name, duty in
            let node = random.below(200)
            return Actor(
                principal: Principal(id: name, roles: ["service", duty.role]),
                attributes: ["department": .text(duty.department), "region": .text(region.rawValue)],
                agents: duty.agents,
                addresses: (0..<8).map { _ in "10.\(20 + place % 200).\(node).\(1 + random.below(250))" },
                roams: true,
                habits: duty.tasks.map { habit($0, region: region) })
        }
    }

    private func habit(_ task: Duty.Task, region: Company.Region) -> Actor.Habit {
        guard let kind = ResourceKind.catalogue[task.kind] else {
            preconditionFailure("no kind is called \(task.kind)")
        }
        return Actor.Habit(
            kind: kind, actions: [task.action], scope: "\(region.rawValue).\(kind.area)", own: task.own,
            weight: task.weight)
    }
}
