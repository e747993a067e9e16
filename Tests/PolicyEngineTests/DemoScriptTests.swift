import Decisions
import PolicyEngine
import Testing

@Suite struct DemoScriptTests {
    private static let start = Timestamp(seconds: 1_769_000_000)

    @Test func `the history ends at the start and the live traffic goes on from there`() throws {
        var script = DemoScript(seed: 3, start: Self.start, policies: try samplePolicies())
        let history = script.history()
        let live = script.decisions(until: Self.start.advanced(bySeconds: 30))
        #expect((15_000...40_000).contains(history.count))
        #expect(history.allSatisfy { $0.decision.time <= Self.start && $0.incident == nil })
        #expect(live.allSatisfy { $0.decision.time > Self.start })
        let times = (history + live).map(\.decision.time)
        #expect(zip(times, times.dropFirst()).allSatisfy { $0 <= $1 })
        #expect(Set((history + live).map(\.decision.id)).count == times.count)
    }

    @Test func `every tenant of the history is past its learning`() throws {
        var script = DemoScript(seed: 3, start: Self.start, policies: try samplePolicies())
        let counts = Dictionary(grouping: script.history(), by: \.decision.tenant).mapValues(\.count)
        #expect(counts.count == DemoScript.tenants)
        #expect(counts.values.allSatisfy { $0 >= 1_000 })
    }

    @Test func `how often it is asked does not change what happens`() throws {
        let policies = try samplePolicies()
        var often = DemoScript(seed: 5, start: Self.start, policies: policies)
        var once = often
        var pieces: [GeneratedDecision] = []
        for second in 1...120 {
            pieces += often.decisions(until: Self.start.advanced(bySeconds: Int64(second)))
        }
        #expect(once.decisions(until: Self.start.advanced(bySeconds: 120)) == pieces)
    }

    @Test func `the first incident begins within half a minute and all are told within six`() throws {
        var script = DemoScript(seed: 1, start: Self.start, policies: try samplePolicies())
        let live = script.decisions(until: Self.start.advanced(bySeconds: 360))
        let first = try #require(live.first { $0.incident != nil })
        #expect(first.incident == "leaked-deploy-key")
        #expect(first.decision.time <= Self.start.advanced(bySeconds: 30))
        #expect(
            Set(live.compactMap(\.incident)).isSuperset(of: [
                "leaked-deploy-key", "payroll-deny-burst", "insider-reach", "borrowed-account",
            ]))
    }

    @Test func `when the stories are told others stray`() throws {
        var script = DemoScript(seed: 1, start: Self.start, policies: try samplePolicies())
        let live = script.decisions(until: Self.start.advanced(bySeconds: 1_200))
        #expect(live.contains { $0.incident?.hasPrefix("stray-") == true })
    }

    @Test func `live traffic comes at fourteen to sixty decisions a second`() throws {
        var traffic = LiveTraffic(seed: 2, tenants: 4, start: Self.start, policies: try samplePolicies())
        let decisions = traffic.decisions(until: Self.start.advanced(bySeconds: 600))
        #expect((14 * 600...60 * 600).contains(decisions.count))
        #expect(traffic.decisions(until: Self.start).isEmpty)
    }

    @Test func `one call answers with a bounded batch and the next goes on`() throws {
        var traffic = LiveTraffic(seed: 2, tenants: 2, start: Self.start, policies: try samplePolicies())
        let end = Self.start.advanced(bySeconds: 3_000)
        let first = traffic.decisions(until: end)
        #expect(first.count == LiveTraffic.batchMax)
        let second = traffic.decisions(until: end)
        #expect(try #require(second.first).decision.time >= #require(first.last).decision.time)
    }
}
