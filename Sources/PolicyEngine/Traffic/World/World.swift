internal import Decisions

/// The invented companies: who is there, and what they ask when.
public struct World: Sendable {
    /// The most tenants a world can have.
    public static let tenantsMax = 10_000

    let companies: [Company]
    /// Which companies are in each region, and how busy each is.
    let byRegion: [(companies: [Int], choice: WeightedChoice)]

    /// Invents a world; the same seed gives the same world.
    public init(seed: UInt64, tenants: Int) {
        precondition((1...Self.tenantsMax).contains(tenants), "a world has 1 to \(Self.tenantsMax) tenants")
        var random = SeededRandom(seed: SeededRandom.mix(seed ^ 0x776F_726C_64))
        let companies = (0..<tenants).map { Company(at: $0, of: tenants, random: &random) }
        self.companies = companies
        byRegion = Company.Region.allCases.compactMap { region in
            let places = companies.indices.filter { companies[$0].region == region }
            guard !places.isEmpty else { return nil }
            return (places, WeightedChoice(weights: places.map { 100_000 / ($0 + 2) }))
        }
    }

    /// The names of the tenants.
    public var tenants: [String] { companies.map(\.name) }

    /// How much people and services ask in an hour of the week, per region.
    func activity(at time: Timestamp) -> [(people: Int, services: Int)] {
        byRegion.map { region in
            let local = time.advanced(
                bySeconds: Int64(companies[region.companies[0]].region.hoursAhead) * 3_600)
            let weight = region.choice.total / 1_000
            return (
                people: weight
                    * DailyRhythm.people(
                        hour: CivilTime.hour(of: local), weekday: CivilTime.weekday(of: local)),
                services: weight * DailyRhythm.services(hour: CivilTime.hour(of: local))
            )
        }
    }
}

/// How busy the hours of a day are, in parts of a hundred.
enum DailyRhythm {
    private static let office = [
        2, 1, 1, 1, 2, 4, 9, 26, 62, 94, 100, 97, 68, 80, 97, 95, 84, 60, 31, 16, 11, 8, 5, 3,
    ]

    /// What people do at a local hour; little at the weekend, Monday is 1.
    static func people(hour: Int, weekday: Int) -> Int {
        weekday >= 6 ? (office[hour] + 7) / 8 : office[hour]
    }

    /// What programs do at a local hour: always the same, and backups at night.
    static func services(hour: Int) -> Int { (1...3).contains(hour) ? 58 : 40 }
}
