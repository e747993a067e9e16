import Decisions
import Locks
import Testing
import VectorStores

@testable import Operations

@Suite struct RecallTunerTests {
    private static let time = Timestamp(seconds: 1_700_000_000)

    private static func chosen(_ target: Double, _ curve: [(Int, Double)]) -> RecallSetting {
        RecallSetting(
            target: target,
            curve: curve.map { RecallPoint(breadth: $0.0, recall: $0.1, p50Microseconds: Double($0.0)) },
            distinct: 100, time: time)
    }

    @Test(
        arguments: [
            ([(10, 0.9), (32, 0.97), (64, 0.99)], 64, true), ([(10, 0.9), (32, 0.98), (64, 0.99)], 32, true),
            ([(10, 0.98), (32, 0.98), (64, 0.99)], 10, true),
            // One that falls and rises again, since the narrow ones have the easier questions.
            ([(10, 0.993), (16, 0.976), (24, 0.992), (32, 0.99)], 24, true),
            ([(10, 0.99), (32, 0.99), (64, 0.97)], 64, false),
            ([(64, 0.99), (16, 0.985), (10, 0.5)], 16, true),
            // None is enough: the largest, also where a smaller one found more.
            ([(10, 0.9), (32, 0.97), (64, 0.96)], 64, false), ([(10, 0.97), (64, 0.97)], 64, false),
        ] as [([(Int, Double)], Int, Bool)])
    func `the smallest breadth that reaches the target is chosen`(
        _ curve: [(Int, Double)], _ breadth: Int, _ isReached: Bool
    ) throws {
        let setting = Self.chosen(0.98, curve)
        let measurement = try #require(setting.measurement)
        #expect(measurement.breadth == breadth)
        #expect(measurement.recall == curve.first { $0.0 == breadth }?.1)
        #expect(measurement.p50Microseconds == Double(breadth))
        #expect(setting.isReached == isReached)
        let sentence = RecallTuning(setting: setting, curve: []).sentence
        #expect(sentence.contains("not reached: the largest breadth measured, \(breadth),") == !isReached)
    }

    @Test func `nothing measured chooses nothing`() {
        let setting = Self.chosen(0.98, [])
        #expect(setting.measurement == nil && setting.isReached == nil)
        #expect(!setting.isDue(distinct: 0, rebuilt: nil))
        #expect(setting.isDue(distinct: 1, rebuilt: nil))
        #expect(RecallTuning(setting: setting, curve: []).sentence.contains("as soon as"))
        #expect(RecallTuning(setting: nil, curve: []).sentence.contains("no recall is asked for"))
    }

    @Test func `a measurement holds until the graph is twice as large or another`() {
        let setting = Self.chosen(0.98, [(10, 0.99)])
        #expect(!setting.isDue(distinct: 199, rebuilt: nil))
        #expect(setting.isDue(distinct: 200, rebuilt: nil))
        #expect(!setting.isDue(distinct: 10, rebuilt: Self.time.advanced(bySeconds: -1)))
        #expect(setting.isDue(distinct: 10, rebuilt: Self.time.advanced(bySeconds: 1)))
        // As a record may say that came from elsewhere.
        var impossible = setting
        impossible.measurement?.distinct = .max
        #expect(!impossible.isDue(distinct: 200, rebuilt: nil))
    }

    @Test func `searches that name no breadth have the one that was chosen`() async throws {
        let session = try await Session()
        try await session.fill(200)
        let tuner = session.tuner
        let own = try await session.store.statistics().index.ef
        let tuning = try await tuner.set(0.5, by: "ada")
        let measurement = try #require(tuning.setting?.measurement)
        #expect(measurement.breadth == RecallTuner.breadths[0])
        #expect(measurement.time == session.clock.now)
        #expect(tuning.curve.map(\.breadth) == RecallTuner.breadths)
        #expect(try await session.store.statistics().index.ef == measurement.breadth)
        #expect(try await RecallTuner.setting(of: session.store) == tuning.setting)
        #expect(try await tuner.set(nil, by: "ada").setting == nil)
        #expect(try await session.store.statistics().index.ef == own)
        await #expect(throws: StoreError.self) { try await tuner.set(0.3, by: "ada") }
    }

    @Test(arguments: [(300, [400]), (700, [400, 800]), (.max, [400, 800, 1_600])])
    func `where no usual breadth is enough wider ones are tried until one is`(
        _ wellFrom: Int, _ wider: [Int]
    ) async throws {
        let session = try await Session()
        try await session.fill(200)
        let store = FlakyStore(session.store)
        store.refusal.withLock { $0.walk = .init(keeps: 4, isWellFrom: wellFrom) }
        let clock = session.clock
        let patient = RecallTuner(store: store, clock: { clock.now }, patience: .seconds(3_600))
        let tuning = try await patient.set(0.95, by: "ada")
        #expect(tuning.curve.map(\.breadth) == RecallTuner.breadths + wider)
        let setting = try #require(tuning.setting)
        #expect(setting.measurement?.breadth == wider.last)
        #expect(setting.isReached == (wellFrom < .max))
        let missed = "the largest breadth measured, 1600, has 0."
        #expect(tuning.sentence.contains(missed) == (wellFrom == .max))
    }

    @Test func `wider breadths are left where there is no time for them`() async throws {
        let session = try await Session()
        try await session.fill(200)
        let store = FlakyStore(session.store)
        store.refusal.withLock { $0.walk = .init(keeps: 4) }
        let clock = session.clock
        let tuning = try await RecallTuner(store: store, clock: { clock.now }, patience: .zero).set(
            0.95, by: "ada")
        #expect(tuning.curve.map(\.breadth) == RecallTuner.breadths)
        #expect(tuning.sentence.contains("the largest breadth measured, 256, has 0."))
    }

    @Test func `the recall is measured again when the graph has doubled and after a rebuild`() async throws {
        let session = try await Session()
        let tuner = session.tuner
        #expect(try await tuner.keepUp() == nil)
        _ = try await tuner.set(0.9, by: "ada")
        #expect(try await RecallTuner.setting(of: session.store)?.measurement == nil)
        try await session.fill(60)
        let first = try #require(try await tuner.keepUp()?.setting?.measurement)
        #expect(try await first.distinct == session.store.statistics().distinct)
        #expect(try await tuner.keepUp() == nil)
        session.clock.advance(5)
        _ = try await session.jobs.rebuild(RebuildRequest())
        #expect(try await tuner.keepUp()?.setting?.measurement?.time == session.clock.now)
        #expect(try await tuner.keepUp() == nil)
        for tenant in ["b", "c", "d"] { try await session.fill(60, tenant: tenant) }
        #expect(try await session.store.statistics().distinct >= 2 * first.distinct)
        #expect(try await tuner.keepUp() != nil)
    }

    @Test func `a configured recall takes the place of another`() async throws {
        let session = try await Session()
        try await session.fill(30)
        _ = try await session.tuner.set(0.9, by: "ada")
        #expect(try await session.tuner.keepUp(with: 0.9) == nil)
        #expect(try await session.tuner.keepUp(with: 0.95)?.setting?.target == 0.95)
        #expect(try await RecallTuner.setting(of: session.store)?.target == 0.95)
    }

    @Test func `who may not write measures nothing, and what somebody else set meanwhile counts`()
        async throws
    {
        let session = try await Session()
        try await session.fill(30)
        let store = FlakyStore(session.store)
        let clock = session.clock
        let tuner = RecallTuner(store: store, clock: { clock.now })
        store.refusal.withLock { $0.records = StoreError(.revisionConflict, "changed") }
        #expect(try await tuner.keepUp(with: 0.9) == nil)
        store.refusal.withLock { $0.records = StoreError(.inputOutput, "the disk is full") }
        await #expect(throws: StoreError.self) { try await tuner.keepUp(with: 0.9) }
        store.refusal.withLock { $0.readOnlyReason = "held by pid 812 (verdict ingest)" }
        #expect(try await tuner.keepUp(with: 0.9) == nil)
        await #expect(throws: StoreError.self) { try await tuner.set(0.9, by: "ada") }
    }

    @Test func `the console's client sets it, logs it and shows it`() async throws {
        let session = try await Session()
        try await session.fill(50)
        let monitor = session.monitor()
        let opening = OpeningConsole(showing: ConsoleSnapshot()) {
            session.client(monitor, showsTimes: false)
        }
        let tuning = try await opening.setRecall(0.9, by: "lea")
        #expect(tuning.curve.allSatisfy { $0.p50Microseconds.isNaN })
        #expect(await monitor.snapshot.recallSetting == tuning.setting)
        #expect(session.log.snapshot().lines.map(\.message).contains(tuning.sentence))
        _ = try await opening.setRecall(nil, by: nil)
        let entries = try await ActivityLog.newest(10, of: session.store)
        #expect(entries.map(\.event.act) == ["recall", "recall"] && entries.first?.event.who == "lea")
        #expect(
            entries.map(\.sentence) == [
                "set the recall of searches: 0.9", "set the recall of searches: 0.9 → none",
            ])
    }
}
