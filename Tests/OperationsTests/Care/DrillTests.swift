import AnomalyDetection
import Decisions
import Locks
import Testing
import VectorStores

@testable import Operations

/// A detector that is drilled, on clocks moved by hand.
final class DrillScene: Sendable {
    let clock = HandClock(1_700_000_000)
    let awake = Mutex(0.0)
    let told = Mutex<[String]>([])
    let memory: MemoryStore
    let store: FlakyStore

    init() throws {
        let clock = clock
        memory = try MemoryStore(options: StoreOptions(clock: { clock.now }))
        store = FlakyStore(memory)
    }

    func detection(_ number: Int = 1, _ rules: DetectionConfiguration = DetectionConfiguration())
        -> DetectionService
    {
        let clock = clock
        return DetectionService(
            store: store, configuration: rules,
            holder: LeaseHolder(host: "test", processID: number, session: "s\(number)"), clock: { clock.now })
    }

    func keeper(_ detection: DetectionService, every interval: Int64? = 600) -> DrillKeeper {
        let clock = clock
        return DrillKeeper(
            store: store, detection: detection, every: interval, clock: { clock.now },
            instant: { self.awake.withLock { $0 } }, tell: { text in self.told.withLock { $0.append(text) } })
    }

    func pass(_ seconds: Int64) {
        clock.advance(seconds)
        awake.withLock { $0 += Double(seconds) }
    }

    var last: DrillRecord? {
        get async throws { try await DrillRecord.last(of: memory) }
    }

    /// What a third process does that takes the lease, and keeps something.
    func takeOver(keeping change: RecordChange) async throws {
        let lease = Lease(
            holder: LeaseHolder(host: "test", processID: 3, session: "s3"), heartbeat: clock.now)
        try await memory.write([
            RecordChange(collection: Detector.collection, key: Lease.key, value: lease.json), change,
        ])
    }

    /// The record of a drill that another process sent now.
    var others: DrillRecord {
        DrillRecord(
            sent: clock.now, outcome: .caught(seconds: 1), next: clock.now.advanced(bySeconds: 600),
            session: "s3")
    }
}

@Suite struct DrillTests {
    @Test func `a drill is caught where every tenant still learns, and leaves nothing but its record`()
        async throws
    {
        let scene = try DrillScene()
        let detection = scene.detection()
        try await detection.start()
        let pipeline = DecisionPipeline(store: scene.memory, detection: detection)
        _ = try await pipeline.accept((0..<20).map { Session.decision($0) })
        let before = await detection.snapshot()
        let keeper = scene.keeper(detection)
        await keeper.look()
        await keeper.waitForDrill()
        let record = try #require(try await scene.last)
        #expect(record.outcome == .caught(seconds: 0) && record.sent == scene.clock.now)
        #expect(record.next == scene.clock.now.advanced(bySeconds: 600) && record.session == "s1")
        #expect(scene.told.withLock { $0 }.isEmpty)
        // Nothing counts it, finds it or tells of it.
        #expect(await detection.snapshot() == before)
        #expect(try await scene.memory.statistics().vectors == 20)
        #expect(try await scene.memory.tenants().map(\.tenant) == ["acme"])
        #expect(try await scene.memory.records(in: Incident.collection).isEmpty)
        let near = try await scene.memory.search(
            SearchRequest(
                target: .embedding(DecisionEmbedder().embed(DrillScript(now: scene.clock.now).anomaly)),
                limit: 100))
        #expect(near.results.allSatisfy { $0.stored.decision.tenant == "acme" })
        try await detection.checkpoint()
        #expect(
            try await scene.memory.records(in: Detector.collection)
                .allSatisfy { !$0.key.contains(DrillScript.tenant) })
    }

    @Test(arguments: [0.0001, 0.02, 0.5], [100, 1_000, 1_000_000])
    func `a drill is caught by any rules that can be asked for`(alpha: Double, warmUp: Int) async throws {
        let scene = try DrillScene()
        var rules = DetectionConfiguration()
        (rules.detector.alpha, rules.detector.warmUpDecisions) = (alpha, warmUp)
        let detection = scene.detection(1, rules)
        try await detection.start()
        let keeper = scene.keeper(detection)
        await keeper.look()
        await keeper.waitForDrill()
        #expect(try await scene.last?.outcome == .caught(seconds: 0))
    }

    @Test func `the next is sent when it is due, also by the process that takes over`() async throws {
        let scene = try DrillScene()
        let detection = scene.detection()
        try await detection.start()
        let keeper = scene.keeper(detection)
        await keeper.look()
        await keeper.waitForDrill()
        let first = try #require(try await scene.last)
        scene.pass(599)
        await keeper.look()
        await keeper.waitForDrill()
        #expect(try await scene.last == first)
        try await detection.close()
        let next = scene.detection(2)
        try await next.start()
        let other = scene.keeper(next)
        await other.look()
        await other.waitForDrill()
        #expect(try await scene.last == first)
        scene.pass(1)
        await other.look()
        await other.waitForDrill()
        #expect(try await scene.last?.sent == first.sent.advanced(bySeconds: 600))
        #expect(try await scene.last?.session == "s2")
    }

    @Test func `a drill that is not caught in time is a critical incident, and its end is noted in it`()
        async throws
    {
        let scene = try DrillScene()
        let detection = scene.detection()
        try await detection.start()
        let gate = Gate()
        scene.store.refusal.withLock { $0.searchGate = gate }
        let keeper = scene.keeper(detection)
        await keeper.look()
        await gate.waitUntilReached()
        scene.pass(30)
        await keeper.look()
        #expect(try await scene.last == nil)
        scene.pass(1)
        await keeper.look()
        let record = try #require(try await scene.last)
        #expect(record.isMissed)
        #expect(
            scene.told.withLock { $0 } == ["a drill of the detector was missed: what is scored stood still"])
        // What is scored goes on, and whoever detects files what was left for it.
        gate.open()
        let incident = try await Self.incident(of: detection)
        #expect(incident.key.principal == "detector" && incident.key.kind == "verdict:drill")
        #expect(incident.severity == .critical && incident.signal?.ended == nil && incident.isOpen)
        #expect(incident.why[0] == "a drill was not caught within 30 s: an attack might not be either")
        #expect(incident.why[1] == "what is scored stood still")
        #expect(record.check(at: scene.clock.now)?.status == .degraded)
        scene.pass(600)
        await keeper.look()
        await keeper.waitForDrill()
        #expect(try await scene.last?.isMissed == false)
        let ended = try #require(await detection.incident(incident.id))
        #expect(ended.signal?.ended == scene.clock.now && ended.count == 1)
        #expect(ended.why[0].hasPrefix("caught again at "))
    }

    /// The incident that the detector files as soon as it hears of the signal.
    private static func incident(of detection: DetectionService) async throws -> Incident {
        let limit = ContinuousClock.now + .seconds(60)
        while await detection.snapshot().incidents.isEmpty, ContinuousClock.now < limit {
            await Task.yield()
        }
        return try #require(
            await detection.snapshot().incidents.first, "no incident was filed within a minute")
    }

    @Test func `a drill that is scored and not flagged is missed at once`() async throws {
        let scene = try DrillScene()
        var rules = DetectionConfiguration()
        rules.detector.minimumScore = 1.1
        let detection = scene.detection(1, rules)
        try await detection.start()
        let keeper = scene.keeper(detection)
        await keeper.look()
        await keeper.waitForDrill()
        await keeper.look()
        let record = try #require(try await scene.last)
        #expect(record.outcome == .missed(noticed: scene.clock.now, reason: "it was scored, and not flagged"))
        #expect(try await Self.incident(of: detection).why[1] == "it was scored, and not flagged")
    }

    @Test func `where nobody scores that is raised once, and filed by whoever does next`() async throws {
        let scene = try DrillScene()
        // Another process has the lease, says nothing any more, and this one cannot take over.
        let gone = LeaseHolder(host: "test", processID: 1, session: "s1")
        try await scene.memory.write([
            RecordChange(
                collection: Detector.collection, key: Lease.key,
                value: Lease(holder: gone, heartbeat: scene.clock.now).json)
        ])
        let waiting = scene.detection(2)
        try await waiting.start()
        let keeper = scene.keeper(waiting)
        await keeper.look()
        #expect(try await scene.last == nil)
        scene.pass(20)
        await keeper.look()
        scene.pass(20)
        await keeper.look()
        #expect(try await scene.last == nil)
        scene.pass(20)
        await keeper.look()
        await keeper.look()
        let record = try #require(try await scene.last)
        #expect(record.isMissed)
        scene.pass(40)
        await keeper.look()
        #expect(try await scene.last == record)
        #expect(try await waiting.heartbeat() == .detecting)
        let incident = try await Self.incident(of: waiting)
        #expect(incident.why[1] == "nobody scores what is stored" && incident.count == 1)
        await keeper.look()
        await keeper.waitForDrill()
        scene.pass(600)
        await keeper.look()
        await keeper.waitForDrill()
        #expect(try await scene.last?.isMissed == false)
        #expect(await waiting.incident(incident.id)?.signal?.ended != nil)
    }

    @Test func `a process that detects and sends no drills is noticed by another`() async throws {
        let scene = try DrillScene()
        let detecting = scene.detection(1)
        try await detecting.start()
        let keeper = scene.keeper(detecting)
        await keeper.look()
        await keeper.waitForDrill()
        let other = scene.detection(2)
        try await other.start()
        let watching = scene.keeper(other)
        for _ in 0..<75 {
            scene.pass(10)
            try await detecting.heartbeat()
            await watching.look()
        }
        let record = try #require(try await scene.last)
        guard case .missed(_, let reason) = record.outcome else {
            Issue.record("it was not noticed: \(record)")
            return
        }
        #expect(reason == "the process 1 on test sent none")
        #expect(scene.told.withLock { $0.count } == 1)
    }

    @Test func `where drills are off none is sent, and others are told so`() async throws {
        let scene = try DrillScene()
        let detection = scene.detection()
        try await detection.start()
        await scene.keeper(detection, every: nil).look()
        #expect(try await scene.last == nil)
        let on = scene.keeper(detection)
        await on.look()
        await on.waitForDrill()
        let off = scene.keeper(detection, every: nil)
        scene.store.refusal.withLock { $0.records = StoreError(.inputOutput, "the server is away") }
        await off.look()
        #expect(try await scene.last?.outcome != .off)
        // What could not be kept then is by a later look.
        scene.store.refusal.withLock { $0.records = nil }
        await off.look()
        let record = try #require(try await scene.last)
        #expect(record.outcome == .off && record.next == nil && record.check(at: scene.clock.now) == nil)
    }

    @Test func `a store that may not be written is neither drilled nor told of`() async throws {
        let scene = try DrillScene()
        scene.store.refusal.withLock { $0.readOnlyReason = "held by pid 812" }
        let detection = scene.detection()
        try await detection.start()
        let keeper = scene.keeper(detection)
        for _ in 0..<20 {
            scene.pass(10)
            await keeper.look()
        }
        #expect(try await scene.last == nil)
        #expect(try await scene.memory.records(in: Signal.collection).isEmpty)
    }

    @Test func `a caught drill that cannot be kept is missed, and told when the store takes it again`()
        async throws
    {
        let scene = try DrillScene()
        let detection = scene.detection()
        try await detection.start()
        let keeper = scene.keeper(detection)
        scene.store.refusal.withLock { $0.records = StoreError(.inputOutput, "the server is away") }
        await keeper.look()
        await keeper.waitForDrill()
        scene.pass(31)
        await keeper.look()
        await keeper.look()
        #expect(try await scene.last == nil)
        scene.store.refusal.withLock { $0.records = nil }
        await keeper.look()
        let record = try #require(try await scene.last)
        #expect(record.isMissed)
        let incident = try await Self.incident(of: detection)
        #expect(incident.why[0].hasPrefix("a drill was caught, and that could not be kept within 30 s: "))
        #expect(incident.why[1].contains("could not be kept"))
    }

    @Test(arguments: [1, 31])
    func `a drill of a detector that was held up is told over nothing that the next one kept`(
        after seconds: Int64
    ) async throws {
        let scene = try DrillScene()
        let detection = scene.detection()
        try await detection.start()
        let gate = Gate()
        scene.store.refusal.withLock { $0.searchGate = gate }
        let keeper = scene.keeper(detection)
        await keeper.look()
        await gate.waitUntilReached()
        let kept = scene.others
        try await scene.takeOver(keeping: kept.change())
        scene.pass(seconds)
        if seconds > 30 { await keeper.look() }
        gate.open()
        await keeper.waitForDrill()
        await keeper.look()
        #expect(try await scene.last == kept)
        // Whoever detects by now sends the next, and would not know that this one is to end.
        #expect(try await scene.memory.records(in: Signal.collection).isEmpty)
        #expect(scene.told.withLock { $0.count } == (seconds > 30 ? 1 : 0))
    }

    @Test func `that nobody scores is told over nothing that came since`() async throws {
        let scene = try DrillScene()
        try await scene.takeOver(keeping: RecordChange(collection: "c", key: "k", value: .null))
        let waiting = scene.detection(2)
        try await waiting.start()
        let keeper = scene.keeper(waiting)
        for _ in 0..<3 {
            await keeper.look()
            scene.pass(20)
        }
        scene.store.refusal.withLock { $0.records = StoreError(.inputOutput, "the server is away") }
        await keeper.look()
        let missed = "a drill of the detector was missed: nobody scores what is stored"
        #expect(scene.told.withLock { $0.first } == missed)
        let kept = scene.others
        try await scene.memory.write([kept.change()])
        scene.store.refusal.withLock { $0.records = nil }
        await keeper.look()
        #expect(try await scene.last == kept)
        #expect(try await scene.memory.records(in: Signal.collection).isEmpty)
    }

    @Test func `records of each outcome are read back, and a damaged one is none`() async throws {
        let scene = try DrillScene()
        let now = Timestamp(seconds: 1_700_000_000, fractionDigits: 0)
        for outcome in [
            DrillRecord.Outcome.caught(seconds: 0.21), .missed(noticed: now, reason: "why"), .off,
        ] {
            let record = DrillRecord(sent: now, outcome: outcome, next: now, session: "s")
            try await scene.memory.write([record.change()])
            #expect(try await scene.last == record)
        }
        try await scene.memory.write([
            RecordChange(
                collection: DrillRecord.collection, key: DrillRecord.key,
                value: .object(["sent": .string("x")]))
        ])
        #expect(try await scene.last == nil)
        #expect(DrillRecord.tenths(0.21) == "0.3" && DrillRecord.tenths(0) == "0.1")
    }
}
