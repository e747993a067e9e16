internal import Decisions

/// A request of the invented world and what answering it costs.
struct Arrival: Sendable {
    var request: AccessRequest
    var durationNanoseconds: Int64
    var cacheHit: Bool

    /// The decision that policies make of it.
    func decision(by policies: PolicySet) -> Decision {
        var decision = policies.evaluate(request).decision(on: request)
        decision.durationNanoseconds = durationNanoseconds
        decision.cacheHit = cacheHit
        return decision
    }
}

extension World {
    /// Ordinary requests out of a thousand that a program repeats exactly.
    private static let pollsPerMille = 110

    /// What someone asks at a time, when `activity` is how busy the regions are.
    func arrival(id: String, at time: Timestamp, activity: WeightedChoice, random: inout SeededRandom)
        -> Arrival
    {
        let place = activity.draw(&random)
        let region = byRegion[place / 2]
        let company = companies[region.companies[region.choice.draw(&random)]]
        if random.chance(perMille: Self.pollsPerMille) {
            return poll(company.polls[company.pollChoice.draw(&random)], of: company, id: id, at: time)
        }
        let actor =
            place.isMultiple(of: 2)
            ? company.people[company.peopleChoice.draw(&random)]
            : company.services[company.serviceChoice.draw(&random)]
        return ordinary(actor, of: company, id: id, at: time, random: &random)
    }

    /// How people and services of each region share the requests at a time.
    func shares(at time: Timestamp) -> WeightedChoice {
        WeightedChoice(weights: activity(at: time).flatMap { [$0.people, $0.services] })
    }

    private func ordinary(
        _ actor: Actor, of company: Company, id: String, at time: Timestamp, random: inout SeededRandom
    ) -> Arrival {
        let habit = actor.habits[actor.choice.draw(&random)]
        let resourceID = habit.kind.anyID(&random)
        var request = AccessRequest(
            id: id, time: time, tenant: company.name, principal: actor.principal,
            resource: Resource(kind: habit.kind.name, id: resourceID, scope: habit.scope),
            actions: habit.actions)
        request.principalAttributes = actor.attributes
        request.resourceAttributes = attributes(
            of: resourceID, in: company, owner: habit.own ? actor.principal.id : nil)
        request.source = Source(
            ip: actor.addresses[
                !actor.roams && random.chance(perMille: 850) ? 0 : random.below(actor.addresses.count)],
            agent: random.pick(actor.agents), format: "verdict")
        let hit = random.chance(perMille: 420)
        return Arrival(
            request: request, durationNanoseconds: duration(hit: hit, random: &random), cacheHit: hit)
    }

    private func poll(_ poll: Poll, of company: Company, id: String, at time: Timestamp) -> Arrival {
        let actor = company.services[poll.actor]
        var request = AccessRequest(
            id: id, time: time, tenant: company.name, principal: actor.principal,
            resource: Resource(kind: poll.kind.name, id: poll.id, scope: poll.scope), actions: [poll.action])
        request.principalAttributes = actor.attributes
        request.resourceAttributes = attributes(of: poll.id, in: company, owner: nil)
        request.source = Source(ip: poll.address, agent: actor.agents[0], format: "verdict")
        return Arrival(request: request, durationNanoseconds: 24_000, cacheHit: true)
    }

    /// The attributes of a resource; they follow from its name, so it has the same ones every time.
    func attributes(of id: String, in company: Company, owner: String?) -> Attributes {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in id.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        hash = SeededRandom.mix(hash)
        let person = company.people[Int(hash % UInt64(company.people.count))]
        return [
            "owner": .text(owner ?? person.principal.id),
            "amount": .number(Double((hash >> 32) % 900 * ((hash >> 48) % 12 + 1))),
        ]
    }

    /// How long an answer takes, in whole microseconds: tens from the cache, hundreds without.
    private func duration(hit: Bool, random: inout SeededRandom) -> Int64 {
        let base = hit ? 26_000 : 310_000 + 40_000 * random.below(8)
        return Int64(base * random.longTail() / 1_024 / 1_000 * 1_000)
    }
}
