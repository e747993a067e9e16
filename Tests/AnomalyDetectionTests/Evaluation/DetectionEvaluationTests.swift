import DecisionLogs
import Decisions
import Testing
import VectorStores

@testable import AnomalyDetection

@Suite struct DetectionEvaluationTests {
    /// Embeds each different decision once.
    final class Embedder {
        private let embedder = DecisionEmbedder()
        private var known: [String: Embedding] = [:]

        func embed(_ decision: Decision, isOwn: Bool) -> Embedding {
            if !isOwn, let embedding = known[decision.id] { return embedding }
            let embedding = embedder.embed(decision)
            if !isOwn { known[decision.id] = embedding }
            return embedding
        }
    }

    @Test func `seeded attacks in a real log stand out and few benign events are flagged`() throws {
        let log = try KubernetesLog.decisions()
        #expect(log.count == 16_474)
        let embedder = Embedder()
        var sumOfAreas = 0.0
        for seed: UInt64 in [1, 2, 3] {
            let events = AttackInjection(seed: seed).events(in: log)
            let past = try #require(ExactPast())
            let evaluation = DetectionEvaluation(events) { decision in
                past.novelty(embedder.embed(decision, isOwn: decision.id.hasPrefix("attack")))
            }
            #expect(evaluation.attacks > 100 && evaluation.benign > 13_000)
            #expect(evaluation.ranking.areaUnderCurve >= 0.97)
            #expect(evaluation.ranking.averagePrecision >= 0.37)
            #expect(evaluation.falsePositiveRate < 0.03)
            #expect(evaluation.incidentsOpened >= 0.8)
            sumOfAreas += evaluation.ranking.areaUnderCurve
        }
        #expect(sumOfAreas / 3 >= 0.98)
    }

    @Test func `real decisions under another name stand out`() throws {
        let log = try KubernetesLog.decisions()
        let originals = Dictionary(uniqueKeysWithValues: log.map { ($0.id, $0.principal.id) })
        let events = Masquerade(seed: 1).events(in: log)
        #expect(events.count { $0.incident != nil } == 260)
        let embedder = Embedder()
        let past = try #require(ExactPast())
        let evaluation = DetectionEvaluation(events) { decision in
            past.novelty(
                embedder.embed(decision, isOwn: originals[decision.id] != decision.principal.id))
        }
        #expect(evaluation.ranking.areaUnderCurve >= 0.985)
        #expect(evaluation.ranking.averagePrecision >= 0.44)
        #expect(evaluation.falsePositiveRate < 0.03)
    }

    @Test func `a real campaign stands out from a clean past`() throws {
        let log = LabelledLog(
            try SampleLog.decisions("aws-cloudtrail/events.jsonl.gz", format: .cloudtrail),
            labels: try SampleLog.labels("aws-cloudtrail/labels.csv"))
        #expect(log.events.count == 2_900 && log.attacks == 216)
        #expect(log.unlabelled == 0 && log.unused == 0 && log.repeated == 0)
        #expect(Set(log.events.map(\.decision.principal.id)).count == 19)
        let embeddings = log.events.map { DecisionEmbedder().embed($0.decision) }
        let places = Dictionary(
            uniqueKeysWithValues: log.events.enumerated().map { ($1.decision.id, $0) })
        func embedding(_ event: EvaluationEvent) throws -> Embedding {
            embeddings[try #require(places[event.decision.id])]
        }
        var judgements: [DetectionEvaluation.Judgement] = []
        for part in CrossFit(log.events).parts {
            let past = try #require(ExactPast())
            var detector = Detector()
            for event in part.past {
                _ = detector.ingest(event.decision, novelty: past.novelty(try embedding(event)))
            }
            for event in part.judged {
                let novelty = past.measure(try embedding(event))
                judgements.append(
                    DetectionEvaluation.Judgement(
                        detector.preview(event.decision, novelty: novelty).scored, of: event))
            }
        }
        let evaluation = DetectionEvaluation(judgements)
        #expect(evaluation.attacks == 216 && evaluation.incidents == 81)
        #expect(evaluation.ranking.areaUnderCurve >= 0.83)
    }

    @Test func `nothing comes of an empty log`() {
        #expect(AttackInjection(seed: 1).events(in: []).isEmpty)
        #expect(Masquerade(seed: 1).events(in: []).isEmpty)
        let evaluation = DetectionEvaluation([]) { _ in nil }
        #expect(evaluation.incidentsOpened == 0 && evaluation.falsePositiveRate == 0)
        #expect(evaluation.recall == 0)
    }
}

@Suite struct AttackInjectionTests {
    static func log() -> [Decision] {
        var traffic = Traffic(seed: 1)
        var log = traffic.next(400)
        for number in 0..<30 {
            log.append(traffic.make("vault-agent", "get", "secrets", id: "db-\(number)"))
            log.append(traffic.make("vault-agent", "delete", "tokens", id: "t-\(number)"))
        }
        return log
    }

    @Test func `a seed makes the same attacks, of principals, actions and kinds that exist`() {
        let log = Self.log()
        let events = AttackInjection(seed: 3).events(in: log)
        #expect(events == AttackInjection(seed: 3).events(in: log))
        #expect(events != AttackInjection(seed: 4).events(in: log))
        let attacks = events.filter { $0.incident != nil }
        #expect(Set(attacks.compactMap(\.incident)).count == 27)
        #expect(attacks.count > 80)
        let benign = events.filter { $0.incident == nil }.map(\.decision)
        #expect(benign.count == log.count)
        let catalog = BehaviourCatalog(log)
        for attack in attacks {
            let deed = BehaviourCatalog.Deed(
                action: attack.decision.actions[0], kind: attack.decision.resource.kind)
            #expect(catalog.deeds.contains(deed))
            #expect(catalog.principals.contains(attack.decision.principal.id))
            #expect(catalog.kindsOfPrincipal[attack.decision.principal.id]?.contains(deed.kind) == false)
            #expect(attack.decision.tenant == "acme")
        }
    }

    @Test func `events stand in order and the start is quiet`() {
        let events = AttackInjection(seed: 5).events(in: Self.log())
        let times = events.map(\.decision.time)
        #expect(times == times.sorted())
        let firstAttack = events.firstIndex { $0.incident != nil } ?? 0
        #expect(firstAttack >= events.count / 10)
    }

    @Test func `a log of one principal has no story to tell`() {
        var traffic = Traffic(seed: 1)
        let log = (0..<50).map { _ in traffic.make("alice", "read", "report") }
        #expect(AttackInjection(seed: 1).events(in: log).count == 50)
        #expect(Masquerade(seed: 1).events(in: log).allSatisfy { $0.incident == nil })
    }

    @Test func `a masquerade changes only who did it`() {
        let log = Self.log()
        var masquerade = Masquerade(seed: 2)
        masquerade.count = 40
        let events = masquerade.events(in: log)
        let changed = events.filter { $0.incident != nil }
        #expect(changed.count == 40)
        let catalog = BehaviourCatalog(log)
        let originals = Dictionary(uniqueKeysWithValues: log.map { ($0.id, $0) })
        for event in changed {
            var restored = event.decision
            restored.principal = originals[restored.id]?.principal ?? restored.principal
            #expect(restored == originals[restored.id])
            let deed = BehaviourCatalog.Deed(
                action: restored.actions[0], kind: restored.resource.kind)
            #expect(catalog.deedsOfPrincipal[event.decision.principal.id]?.contains(deed) == false)
        }
    }

    @Test func `reading is told from changing`() {
        #expect(BehaviourCatalog.isReading("get") && BehaviourCatalog.isReading("s3:ListBuckets"))
        #expect(!BehaviourCatalog.isReading("delete") && !BehaviourCatalog.isReading("iam:CreateUser"))
    }
}
