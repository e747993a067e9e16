import Decisions
import Testing
import VectorStores

@testable import AnomalyDetection

/// Lessons at the detector: what they change of a judgement, and that they change nothing of the past.
@Suite struct LessonTests {
    private static let now = Timestamp(seconds: 1_800_000_000)

    private func lesson(
        _ resolution: Resolution, _ shapes: [Lesson.Shape], tenant: String = "acme",
        members: [String] = [], vectors: [SparseVector] = []
    ) -> Lesson {
        Lesson(
            incident: "K7F2", kind: resolution.lesson, resolution: resolution, tenant: tenant, author: "ana",
            reason: "new job", created: Self.now, shapes: shapes, members: members, vectors: vectors)
    }

    private func shape(
        _ actions: [String] = ["get"], effect: Effect = .allow, scope: String? = nil, count: Int = 1
    ) -> Lesson.Shape {
        Lesson.Shape(
            principal: "svc-deploy", kind: "secrets", effect: effect, actions: actions, scope: scope,
            count: count)
    }

    /// A detector that has seen ordinary traffic.
    private func trained(_ traffic: inout Traffic) -> Detector {
        var configuration = DetectorConfiguration()
        configuration.warmUpDecisions = 150
        var detector = Detector(configuration: configuration)
        for decision in traffic.next(400) { _ = detector.ingest(decision, novelty: Self.near) }
        return detector
    }

    private static let near = Novelty(
        meanSimilarity: 0.97, nearestSimilarity: 1, nearestID: "x", identicalRows: 3)
    private static let far = Novelty(
        meanSimilarity: 0.2, nearestSimilarity: 0.3, nearestID: "x", identicalRows: 0)

    @Test func `a taught shape is ordinary, and nothing else is`() {
        var traffic = Traffic(seed: 3)
        var detector = trained(&traffic)
        let strange = traffic.make("svc-deploy", "get", "secrets", id: "db")
        #expect(detector.preview(strange, novelty: Self.far).scored.anomalous)
        detector.lessons = LessonTable([lesson(.expected, [shape()])], at: Self.now)
        let taught = detector.preview(strange, novelty: Self.far)
        #expect(!taught.scored.anomalous && taught.hushedBy == "K7F2" && taught.tail == nil)
        #expect(taught.scored.score < detector.configuration.minimumScore && !taught.isUnfamiliar)
        for other in [
            traffic.make("svc-report", "get", "secrets"), traffic.make("svc-deploy", "delete", "secrets"),
            traffic.make("svc-deploy", "get", "secrets", effect: .deny),
            traffic.make("svc-deploy", "get", "payroll"),
        ] {
            let found = detector.preview(other, novelty: Self.far)
            #expect(found.scored.anomalous && found.hushedBy == nil, "\(other)")
        }
        var both = strange
        both.actions = ["get", "delete"]
        #expect(detector.preview(both, novelty: Self.far).scored.anomalous)
        both.actions = Array(repeating: "get", count: 40) + ["delete"]
        #expect(detector.preview(both, novelty: Self.far).hushedBy == nil)
    }

    @Test func `lessons of another tenant, or that ended, teach nothing`() {
        var traffic = Traffic(seed: 3)
        var detector = trained(&traffic)
        let strange = traffic.make("svc-deploy", "get", "secrets", id: "db")
        var over = lesson(.falsePositive, [shape()])
        over.expires = Self.now
        var undone = lesson(.expected, [shape()])
        undone.end = TaughtEnd(.undone, time: Self.now, who: "ben")
        detector.lessons = LessonTable(
            [over, undone, lesson(.expected, [shape()], tenant: "globex")], at: Self.now)
        #expect(detector.preview(strange, novelty: Self.far).scored.anomalous)
    }

    @Test(arguments: [Resolution.expected, .truePositive])
    func `the past is the same with a lesson and without, so that undoing is exact`(
        _ resolution: Resolution
    ) throws {
        var traffic = Traffic(seed: 5)
        var plain = trained(&traffic)
        var taught = plain
        taught.lessons = LessonTable([lesson(resolution, [shape(scope: "eu", count: 2)])], at: Self.now)
        var decisions = traffic.next(120)
        for place in stride(from: 3, to: 120, by: 7) {
            decisions[place] = traffic.make("svc-deploy", "get", "secrets", id: "db-\(place)")
        }
        var differ = 0
        for decision in decisions {
            let isStrange = decision.resource.kind == "secrets"
            let novelty = isStrange ? Self.far : Self.near
            let one = plain.ingest(decision, novelty: novelty)
            let other = taught.ingest(
                decision, novelty: novelty,
                withoutWithheld: isStrange && resolution == .truePositive ? Self.far : nil)
            if one.scored.score != other.scored.score { differ += 1 }
        }
        #expect(differ > 0)
        taught.lessons = LessonTable()
        for decision in traffic.next(30) + [traffic.make("svc-deploy", "get", "secrets")] {
            #expect(
                plain.preview(decision, novelty: Self.far).scored.score
                    == taught.preview(decision, novelty: Self.far).scored.score)
        }
    }

    @Test func `what is withheld counts for nothing`() throws {
        var traffic = Traffic(seed: 7)
        var detector = trained(&traffic)
        let first = detector.preview(traffic.make("svc-deploy", "get", "secrets"), novelty: Self.far)
        for number in 0..<30 {
            _ = detector.ingest(
                traffic.make("svc-deploy", "get", "secrets", id: "db-\(number)"), novelty: Self.near)
        }
        let again = traffic.make("svc-deploy", "get", "secrets")
        let learned = detector.preview(again, novelty: Self.near)
        #expect(!learned.scored.anomalous)
        detector.lessons = LessonTable(
            [lesson(.truePositive, [shape(scope: "eu", count: 30)])], at: Self.now)
        let withheld = detector.preview(again, novelty: Self.far)
        #expect(withheld.scored.anomalous)
        #expect(abs(withheld.scored.score - first.scored.score) < 0.05)
        #expect(withheld.scored.why.contains { $0.contains("none on secrets") }, "\(withheld.scored.why)")
        // Of thirty lessons together it is the same.
        detector.lessons = LessonTable(
            (0..<30).map { _ in lesson(.truePositive, [shape(["get", "get"], scope: "eu")]) }, at: Self.now)
        #expect(detector.preview(again, novelty: Self.far).scored == withheld.scored)
        // More than was counted, as after aging, is never below nothing.
        detector.lessons = LessonTable(
            [lesson(.truePositive, [shape(scope: "eu", count: 1 << 40)])], at: Self.now)
        #expect(detector.preview(again, novelty: Self.far).scored.score <= 1)
    }

    @Test func `a lesson is read as it was saved`() throws {
        let vector = SparseVector(DecisionEmbedder().embed(Traffic(seed: 1).sample))
        var kept = lesson(
            .truePositive, [shape(["get", "list"], effect: .deny, scope: "eu", count: 7)],
            members: ["a", "b~1"], vectors: [vector])
        kept.expires = Self.now
        kept.end = TaughtEnd(.undone, time: Self.now, who: "ben")
        let read = try Lesson(json: try JSONParser().parse(kept.json.json))
        #expect(read == kept)
        #expect(abs(vector.similarity(to: DecisionEmbedder().embed(Traffic(seed: 1).sample)) - 1) < 1e-5)
        #expect(SparseVector(text: "AAAA/") == nil && SparseVector(text: "gAF/") == nil)
    }
}

extension Traffic {
    /// Some decision.
    fileprivate var sample: Decision {
        var traffic = self
        return traffic.next()
    }
}
