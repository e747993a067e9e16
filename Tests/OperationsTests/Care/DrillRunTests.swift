import AnomalyDetection
import Decisions
import Locks
import Testing
import VectorStores

@testable import Operations

/// Drills in a tenant that has learnt enough, and what their alerts add.
@Suite struct DrillRunTests {
    /// What the way of alerts was given, and what it says.
    private final class Alerts: Sendable {
        let given = Mutex<[Incident]>([])
        let answer = Mutex(DrillAlerts())

        init(built: Int = 2, sent: Int = 0) {
            answer.withLock { ($0.built, $0.sent) = (built, sent) }
        }
    }

    private static let rules: DetectionConfiguration = {
        var rules = DetectionConfiguration()
        rules.detector.warmUpDecisions = 100
        return rules
    }()

    private static let first = "a drill was caught, and its alert did not go out within 30 s"

    /// The first reason of the incident of missed drills, as soon as it is filed.
    private func firstReason(of detection: DetectionService) async throws -> String? {
        let limit = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < limit {
            let incidents = await detection.snapshot().incidents
            if let incident = incidents.first(where: { $0.key.kind == "verdict:drill" }) {
                return incident.why.first
            }
            await Task.yield()
        }
        Issue.record("no incident of missed drills was filed within a minute")
        return nil
    }

    /// A detector over so many decisions of one tenant.
    private func detection(_ scene: DrillScene, _ decisions: [Decision]) async throws -> DetectionService {
        let detection = scene.detection(1, Self.rules)
        try await detection.start()
        _ = try await DecisionPipeline(store: scene.memory, detection: detection).accept(decisions)
        return detection
    }

    private func ordinary(_ count: Int = 300) -> [Decision] { (0..<count).map { Session.decision($0) } }

    /// A keeper whose alerts take so many seconds.
    private func keeper(
        _ scene: DrillScene, _ detection: DetectionService, _ alerts: Alerts, taking seconds: Double = 0
    ) -> DrillKeeper {
        let clock = scene.clock
        return DrillKeeper(
            store: scene.store, detection: detection, every: 600, clock: { clock.now },
            instant: { scene.awake.withLock { $0 } },
            alerting: { incident in
                alerts.given.withLock { $0.append(incident) }
                scene.awake.withLock { $0 += seconds }
                return alerts.answer.withLock { $0 }
            }, tell: { text in scene.told.withLock { $0.append(text) } })
    }

    private func drill(_ keeper: DrillKeeper) async {
        await keeper.look()
        await keeper.waitForDrill()
        // What was missed is told by the next look.
        await keeper.look()
    }

    @Test func `a drill is tried in a real tenant, and nothing is there afterwards but its record`()
        async throws
    {
        let scene = try DrillScene()
        let detection = try await detection(scene, ordinary())
        try await detection.checkpoint()
        let before = await detection.snapshot()
        let alerts = Alerts()
        await drill(keeper(scene, detection, alerts))
        let record = try #require(try await scene.last)
        #expect(record.outcome == .caught(seconds: 0))
        #expect(record.remark == "tried in acme; alerts: 2 built, none sent")
        let check = try #require(record.check(at: scene.clock.now))
        #expect(check.status == .ok && check.detail.contains("tried in acme; alerts: 2 built, none sent"))
        let told = alerts.given.withLock { $0 }
        #expect(told.map(\.id) == ["DRILL"] && told.map(\.key.tenant) == ["acme"])
        #expect(await detection.snapshot() == before)
        #expect(try await scene.memory.statistics().vectors == 300)
        #expect(try await scene.memory.records(in: Incident.collection).isEmpty)
    }

    @Test func `what the detector saves after a drill is what it saves without one`() async throws {
        /// What is saved once a decision more was scored, so that all of its tenant is written.
        func saved(afterDrill isDrilled: Bool) async throws -> (
            before: [String: JSONValue], after: [String: JSONValue]
        ) {
            let scene = try DrillScene()
            let detection = try await detection(scene, ordinary())
            try await detection.checkpoint()
            func records() async throws -> [String: JSONValue] {
                let records = try await scene.memory.records(in: Detector.collection)
                return Dictionary(
                    uniqueKeysWithValues: records.compactMap { record in
                        record.key == Lease.key ? nil : record.value.map { (record.key, $0) }
                    })
            }
            let before = try await records()
            if isDrilled {
                await drill(keeper(scene, detection, Alerts()))
                #expect(try await scene.last?.remark.hasPrefix("tried in acme") == true)
            }
            _ = try await DecisionPipeline(store: scene.memory, detection: detection)
                .accept([Session.decision(300)])
            try await detection.checkpoint()
            return (before: before, after: try await records())
        }
        let plain = try await saved(afterDrill: false)
        let drilled = try await saved(afterDrill: true)
        // The tenant's state, its marks and what else goes with them were all written anew.
        #expect(plain.before != plain.after && drilled.before == plain.before)
        #expect(drilled.after == plain.after)
    }

    @Test func `where every tenant still learns its alert is of the past that is made up`() async throws {
        let scene = try DrillScene()
        let detection = try await detection(scene, ordinary(99))
        let alerts = Alerts(built: 1, sent: 1)
        await drill(keeper(scene, detection, alerts))
        let record = try #require(try await scene.last)
        #expect(
            record.remark == "no tenant has learnt enough to try it in; alerts: 1 built, 1 sent"
                && record.outcome == .caught(seconds: 0))
        let told = alerts.given.withLock { $0 }
        #expect(told.map(\.id) == ["DRILL"] && told.map(\.key.tenant) == [DrillScript.tenant])
    }

    @Test func `without receivers only the trial is told`() async throws {
        let scene = try DrillScene()
        let detection = try await detection(scene, ordinary())
        await drill(scene.keeper(detection))
        #expect(try await scene.last?.remark == "tried in acme")
    }

    @Test func `a tenant where it would not be flagged makes it missed, and nobody is alerted of it`()
        async throws
    {
        let scene = try DrillScene()
        let restless = (0..<300).map { number in
            var decision = Session.decision(number)
            decision.principal.id = "visitor-\(number)"
            decision.actions = ["act-\(number)"]
            return decision
        }
        let detection = try await detection(scene, restless)
        let alerts = Alerts()
        await drill(keeper(scene, detection, alerts))
        let record = try #require(try await scene.last)
        guard case .missed(_, let reason) = record.outcome else {
            Issue.record("it was caught: \(record)")
            return
        }
        #expect(reason.hasPrefix("it was scored in acme, and not flagged: score ."))
        #expect(alerts.given.withLock { $0.isEmpty })
        while await !detection.snapshot().incidents.contains(where: { $0.key.kind == "verdict:drill" }) {
            await Task.yield()
        }
        let incident = await detection.snapshot().incidents.first { $0.key.kind == "verdict:drill" }
        #expect(incident?.why[1] == reason && incident?.severity == .critical)
    }

    @Test func `a rule that hides it is told and misses nothing`() async throws {
        let scene = try DrillScene()
        let detection = try await detection(scene, ordinary())
        let fields = try SuppressionFields(parsing: "tenant=acme,kind=invoice")
        let rule = try await detection.suppress(SuppressionDraft(fields: fields), by: "ana")
        await drill(scene.keeper(detection))
        let record = try #require(try await scene.last)
        #expect(record.outcome == .caught(seconds: 0))
        #expect(
            record.remark
                == "no tenant was left to try it in; passed over: acme, where rule \(rule.id) hides it")
    }

    @Test func `how long its alert takes counts`() async throws {
        let scene = try DrillScene()
        let detection = try await detection(scene, ordinary())
        await drill(keeper(scene, detection, Alerts(), taking: 3))
        #expect(try await scene.last?.outcome == .caught(seconds: 3))
        let slow = keeper(scene, detection, Alerts(), taking: 31)
        scene.pass(600)
        await drill(slow)
        let record = try #require(try await scene.last)
        #expect(record.outcome == .missed(noticed: scene.clock.now, reason: "it took 31 s"))
        #expect(try await firstReason(of: detection)?.hasPrefix(Self.first) == true)
    }

    @Test func `a drill whose alert cannot go out is missed`() async throws {
        let scene = try DrillScene()
        let detection = try await detection(scene, ordinary())
        let alerts = Alerts()
        alerts.answer.withLock { $0.problem = "its alert was not sent to oncall: no answer" }
        await drill(keeper(scene, detection, alerts))
        let record = try #require(try await scene.last)
        let reason = "its alert was not sent to oncall: no answer (tried in acme)"
        #expect(record.outcome == .missed(noticed: scene.clock.now, reason: reason))
        #expect(scene.told.withLock { $0 } == ["a drill of the detector was missed: \(reason)"])
        // Scoring it went well: that is not what may fail in an attack.
        #expect(try await firstReason(of: detection)?.hasPrefix(Self.first) == true)
    }

    @Test func `what is remarked is read back, and its absence too`() async throws {
        let scene = try DrillScene()
        let now = scene.clock.now
        for remark in ["", "tried in acme"] {
            let record = DrillRecord(
                sent: now, outcome: .caught(seconds: 1), next: nil, session: "s", remark: remark)
            try await scene.memory.write([record.change()])
            #expect(try await scene.last == record)
        }
    }
}
