import Decisions
import Testing
import VectorStores

@testable import AnomalyDetection

@Suite struct DriftTests {
    @Test
    func `of benign principals of the Kubernetes log fewer than three in a hundred are taken for drifting`()
        throws
    {
        let log = try KubernetesLog.decisions().sorted { $0.time < $1.time }
        let embedding = DecisionEmbedder().embed(try #require(log.first))
        let pass = PassConfiguration()
        var detector = Detector()
        var (compared, drifted, furthest) = (0, 0, 0.0)
        var told: [String] = []
        for (number, decision) in log.enumerated() {
            _ = detector.ingest(decision, novelty: nil)
            // A window of two thousand decisions is half a minute of this log, and a pass comes every 500.
            guard (number + 1) % 500 == 0 else { continue }
            let recent = log[max(0, number - 1_999)...number].reversed().map {
                StoredDecision(decision: $0, embedding: embedding, storedID: $0.id)
            }
            for mix in RecentMix.mixes(of: recent, minimum: pass.minimumRecent, places: 1) {
                var anything = pass
                anything.driftThreshold = 0
                guard let finding = detector.drift(of: mix, anything) else { continue }
                compared += 1
                furthest = max(furthest, finding.divergence)
                if let found = detector.drift(of: mix, pass) {
                    drifted += 1
                    told.append("after \(number + 1): \(found.words(pass, at: decision.time)[0])")
                }
            }
        }
        #expect(compared > 40)
        #expect(
            Double(drifted) < 0.03 * Double(compared),
            "\(drifted) of \(compared), up to \(furthest): \(told)")
    }

    @Test func `principals of two tenants that are called alike are two`() throws {
        let embedding = DecisionEmbedder().embed(try #require(Traffic(seed: 1).firstDecision))
        let decisions = ["acme", "globex", "acme"].enumerated().map { number, tenant in
            var traffic = Traffic(seed: 1, tenant: tenant)
            var decision = traffic.make("alice", "read", "report")
            decision.id = "d-\(number)"
            return StoredDecision(decision: decision, embedding: embedding, storedID: decision.id)
        }
        let mixes = RecentMix.mixes(of: decisions, minimum: 1, places: 1)
        #expect(mixes.map(\.tenant) == ["acme", "globex"] && mixes.map(\.decisions) == [2, 1])
        #expect(mixes[0].cells.values.first?.places == [0])
        #expect(RecentMix.mixes(of: decisions, minimum: 2, places: 1).map(\.tenant) == ["acme"])
    }

    @Test func `spans of what was not judged are read back as they were saved, and end when it was`() throws {
        var traffic = Traffic(seed: 2)
        var spans = UnjudgedSpans()
        let decisions = traffic.next(5)
        for decision in [decisions[2], decisions[0], decisions[4], decisions[3]] { spans.note(decision) }
        #expect(spans["acme"] == UnjudgedSpans.Span(from: decisions[0].time, to: decisions[4].time))
        let read = try UnjudgedSpans(json: spans.json)
        #expect(read.spans == spans.spans && !read.isChanged && spans.isChanged)
        spans.judged("acme", from: decisions[3].time)
        #expect(spans["acme"]?.to == decisions[3].time)
        spans.judged("acme", from: nil)
        #expect(spans.spans.isEmpty)
        #expect(throws: IncidentError.self) { try UnjudgedSpans(json: .object(["spans": .texts(["x"])])) }
    }

    @Test func `a flood of one moment hides nothing that is older`() throws {
        var traffic = Traffic(seed: 3)
        let decisions = traffic.next(500)
        let (first, last) = (try #require(decisions.first), try #require(decisions.last))
        var spans = UnjudgedSpans()
        for decision in decisions { spans.note(decision) }
        spans.judged("acme", from: last.time)
        #expect(spans["acme"]?.to == last.time.advanced(bySeconds: -1))
        spans.judged("acme", from: first.time)
        #expect(spans["acme"] == nil)
    }

    @Test func `of a flood of tenants only so many are remembered`() {
        var spans = UnjudgedSpans()
        for number in 0..<(UnjudgedSpans.maximumTenants + 50) {
            var traffic = Traffic(seed: 1, tenant: "t-\(number)")
            spans.note(traffic.next())
        }
        #expect(spans.spans.count == UnjudgedSpans.maximumTenants)
        // All of them are one record, which names of ten kilobytes would make too large.
        spans.forget()
        var long = Traffic(seed: 1, tenant: String(repeating: "t", count: 10_000))
        spans.note(long.next())
        #expect(spans.spans.isEmpty)
    }
}

extension Traffic {
    fileprivate var firstDecision: Decision? {
        var traffic = self
        return traffic.next()
    }
}
