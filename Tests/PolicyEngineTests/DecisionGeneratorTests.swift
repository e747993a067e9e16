import Decisions
import PolicyEngine
import Testing

@Suite struct DecisionGeneratorTests {
    private static func generate(
        seed: UInt64 = 7, decisions: Int = 4_000, tenants: Int = 5, days: Int = 3
    ) throws -> [GeneratedDecision] {
        Array(
            DecisionGenerator(
                seed: seed, decisions: decisions, tenants: tenants, days: days, policies: try samplePolicies()
            ))
    }

    @Test func `the same seed gives the same log and another seed another`() throws {
        let first = try Self.generate()
        #expect(try Self.generate() == first)
        #expect(try Self.generate(seed: 8) != first)
    }

    @Test(arguments: [0, 1, 100, 1_999, 2_000, 4_000])
    func `a log has as many decisions as asked, in order of time, within its days`(count: Int) throws {
        let log = try Self.generate(decisions: count)
        #expect(log.count == count)
        let times = log.map(\.decision.time)
        #expect(zip(times, times.dropFirst()).allSatisfy { $0 <= $1 })
        let end = DecisionGenerator.standardEnd
        #expect(times.allSatisfy { $0 < end && $0 >= end.advanced(bySeconds: -3 * 86_400) })
        #expect(Set(log.map(\.decision.id)).count == count)
    }

    @Test func `the standard end is the last midnight of January 2026`() {
        #expect(DecisionGenerator.standardEnd.description.hasPrefix("2026-01-31T00:00:00"))
    }

    @Test func `every tenant appears and the first is the busiest`() throws {
        let counts = Dictionary(grouping: try Self.generate(), by: \.decision.tenant).mapValues(\.count)
        #expect(Set(counts.keys) == ["acme", "globex", "initech", "umbrella", "hooli"])
        #expect(counts.max { $0.value < $1.value }?.key == "acme")
    }

    @Test func `people work in office hours and programs always`() throws {
        let log = try Self.generate(decisions: 12_000, tenants: 1, days: 5)
        func share(_ belongs: (Decision) -> Bool) -> (day: Int, night: Int) {
            let hours = log.map(\.decision).filter(belongs).map { $0.time.seconds / 3_600 % 24 }
            // acme is in Europe, an hour ahead of UTC.
            return (hours.count { (8..<16).contains($0) }, hours.count { $0 >= 19 || $0 < 3 })
        }
        let people = share { $0.principal.roles.contains("employee") }
        let programs = share { $0.principal.roles.contains("service") }
        #expect(people.day > 8 * people.night)
        #expect(programs.day < 2 * programs.night)
        #expect(programs.night > 500)
    }

    @Test func `denials are ordinary but rare`() throws {
        let log = try Self.generate().filter { $0.incident == nil }
        let denials = log.count { $0.decision.effect == .deny }
        #expect(denials * 100 > log.count)
        #expect(denials * 100 < log.count * 9)
    }

    @Test func `about a tenth of the decisions repeat a poll exactly`() throws {
        var seen: [String: Int] = [:]
        let log = try Self.generate()
        for decision in log.map(\.decision) where decision.durationNanoseconds == 24_000 {
            seen[
                "\(decision.tenant) \(decision.principal.id) \(decision.resource) \(decision.actions)",
                default: 0] += 1
        }
        let polls = seen.values.reduce(0, +)
        #expect(polls * 100 > log.count * 9)
        #expect(polls * 100 < log.count * 13)
        #expect(seen.count <= 300)
    }

    @Test func `the stories are told with the effects that make them stories`() throws {
        let log = try Self.generate()
        let stories = Dictionary(grouping: log.filter { $0.incident != nil }) { $0.incident ?? "" }
        #expect(
            Set(stories.keys) == [
                "leaked-deploy-key", "payroll-deny-burst", "insider-reach", "borrowed-account",
            ])
        let leak = try #require(stories["leaked-deploy-key"]).map(\.decision)
        #expect(leak.count == 27)
        #expect(leak.allSatisfy { $0.effect == .allow && $0.source.ip == "203.0.113.7" })
        #expect(Set(leak.compactMap(\.resource.id)).count >= 19)
        let burst = try #require(stories["payroll-deny-burst"]).map(\.decision)
        #expect(burst.count == 14)
        #expect(
            burst.allSatisfy { $0.effect == .deny && $0.principal.id == "j.ortiz" && $0.tenant == "globex" })
        let reach = try #require(stories["insider-reach"]).map(\.decision)
        let days = Set(reach.map { $0.time.seconds / 86_400 })
        #expect(days.count >= 2)
        #expect(reach.contains { $0.effect == .allow } && reach.contains { $0.effect == .deny })
    }

    @Test func `labels name the incident of a decision`() throws {
        let log = try Self.generate()
        let ordinary = try #require(log.first { $0.incident == nil })
        let told = try #require(log.first { $0.incident == "insider-reach" })
        #expect(ordinary.labelsLine == "\(ordinary.decision.id),0,")
        #expect(told.labelsLine == "\(told.decision.id),1,insider-reach")
        #expect(GeneratedDecision.labelsHeader == "id,label,incident")
    }

    @Test func `a log of one tenant tells the stories there`() throws {
        let log = try Self.generate(tenants: 1)
        #expect(Set(log.map(\.decision.tenant)) == ["acme"])
        #expect(Set(log.compactMap(\.incident)).count == 4)
    }

    @Test func `tenants past the known names are numbered`() {
        let world = World(seed: 1, tenants: 14)
        #expect(world.tenants.prefix(2) == ["acme", "globex"])
        #expect(world.tenants.suffix(2) == ["tenant-13", "tenant-14"])
    }

    @Test func `at least three in five embeddings of a log are distinct`() throws {
        let embedder = DecisionEmbedder()
        let log = try Self.generate(decisions: 3_000)
        let distinct = Set(log.map { embedder.embed($0.decision).counts })
        #expect(distinct.count * 10 > log.count * 6)
    }

    @Test func `a native line of every kind of decision is read back as it was`() throws {
        for generated in try Self.generate(decisions: 2_000) {
            let line = generated.decision.nativeLine()
            #expect(try Decision(parsing: line) == generated.decision)
        }
    }
}
