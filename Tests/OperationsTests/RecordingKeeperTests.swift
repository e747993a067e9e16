import AnomalyDetection
import Decisions
import Foundation
import Locks
import Testing
import VectorStores

@testable import Operations

@Suite struct RecordingKeeperTests {
    private let clock = HandClock(1_700_000_000)

    private func keeper(_ store: any DecisionStore, own: String? = nil) throws -> RecordingKeeper {
        let clock = clock
        return RecordingKeeper(
            store: store, own: try own.map { try RecordingPolicy(parsing: $0) } ?? RecordingPolicy(),
            clock: { clock.now })
    }

    @Test func `what is set counts before the process's own modes, and those before the store's`()
        async throws
    {
        let session = try await Session()
        let keeper = try keeper(session.store, own: "acme=50 %, globex=off")
        try await keeper.publish(try RecordingPolicy(parsing: "acme=off, *=10 %"))
        #expect(try keeper.policy == RecordingPolicy(parsing: "acme=50 %, globex=off, *=10 %"))
        try await keeper.set(.off, tenant: "acme", by: "kim")
        #expect(keeper.policy.mode(of: "acme") == .off)
        #expect(try await keeper.set(nil, tenant: "acme", by: "kim").mode(of: "acme").description == "50 %")
        #expect(try await keeper.set(.on, tenant: nil, by: "kim").takesAll)
        let stored = try await RecordingSetting.setting(of: session.store)
        #expect(stored.changed == RecordingSetting.Change(user: "kim", time: clock.now))
        #expect(stored.chosen == RecordingPolicy(.on))
        #expect(RecordingSetting(json: stored.json) == stored)
        let told = try await ActivityLog.newest(10, of: session.store)
        #expect(told.map(\.event.subject) == ["tenant acme", "tenant acme", "all other tenants"])
        #expect(told.map(\.event.after) == [.string("off"), .null, .string("on")])
        #expect(told[1].event.before == .string("off") && told.allSatisfy { $0.event.who == "kim" })
        keeper.takeUp(own: RecordingPolicy(.off))
        #expect(keeper.policy.takesAll)
        try await keeper.set(nil, tenant: nil, by: "kim")
        #expect(keeper.policy == RecordingPolicy(.off))
    }

    @Test func `every recorder has the modes at once`() async throws {
        let session = try await Session()
        let keeper = try keeper(session.store, own: "acme=off")
        let recorders = (0..<2).map { _ in DecisionRecorder(capacity: 10) }
        for recorder in recorders { keeper.attach(recorder) }
        for recorder in recorders { #expect(recorder.record(Session.decision(1)) && recorder.leftOut == 1) }
        try await keeper.set(.on, tenant: "acme", by: "kim")
        for recorder in recorders { #expect(recorder.record(Session.decision(1)) && recorder.recorded == 1) }
    }

    @Test func `two that set modes at once keep what the other one set`() async throws {
        let session = try await Session()
        let (one, other) = (try keeper(session.store), try keeper(session.store))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<4 {
                group.addTask { try await one.set(.off, tenant: "a\(number)", by: "kim") }
                group.addTask { try await other.set(.off, tenant: "b\(number)", by: "ada") }
                try await group.waitForAll()
            }
        }
        await one.look()
        #expect(one.policy.tenants.count == 8)
    }

    @Test func `a store that does not answer keeps nobody from recording as before`() async throws {
        let session = try await Session()
        let store = FlakyStore(session.store)
        let keeper = try keeper(store)
        try await keeper.set(.off, tenant: "acme", by: "kim")
        store.refusal.withLock { $0.records = StoreError(.inputOutput, "the disk is full") }
        await #expect(throws: StoreError.self) { try await keeper.set(.on, tenant: "acme", by: "kim") }
        await keeper.look()
        #expect(keeper.policy.mode(of: "acme") == .off)
    }

    @Test func `who may not write is told, and publishes nothing`() async throws {
        let session = try await Session()
        let store = FlakyStore(session.store)
        store.refusal.withLock { $0.readOnlyReason = "held by pid 7 (verdict ingest)" }
        let keeper = try keeper(store, own: "acme=off")
        let error = await #expect(throws: StoreError.self) {
            try await keeper.set(.off, tenant: nil, by: "kim")
        }
        #expect(error?.code == .readOnly && error?.description.contains("held by pid 7") == true)
        try await keeper.publish(RecordingPolicy(.off))
        #expect(store.written.withLock { $0.isEmpty })
        #expect(keeper.policy.mode(of: "acme") == .off)
    }

    @Test func `a record that is none counts as nothing said`() async throws {
        let session = try await Session()
        try await session.store.write([
            RecordChange(
                collection: RecordingSetting.collection, key: RecordingSetting.key, value: .string("on"))
        ])
        let keeper = try keeper(session.store)
        await keeper.look()
        #expect(keeper.policy.takesAll)
        try await keeper.set(.off, tenant: "acme", by: "kim")
        #expect(try await RecordingSetting.setting(of: session.store).chosen.mode(of: "acme") == .off)
    }

    @Test func `more tenants than have room are refused`() async throws {
        let session = try await Session()
        var full = RecordingSetting()
        for number in 0..<RecordingPolicy.maximumTenants { full.chosen.set(.off, tenant: "t\(number)") }
        try await session.store.write([
            RecordChange(
                collection: RecordingSetting.collection, key: RecordingSetting.key, value: full.json)
        ])
        let keeper = try keeper(session.store)
        let error = await #expect(throws: StoreError.self) {
            try await keeper.set(.off, tenant: "one more", by: "kim")
        }
        #expect(error?.code == .usage)
    }

    @Test(.timeLimit(.minutes(1)))
    func `a process that follows the store records as another one sets it`() async throws {
        let folder = NSTemporaryDirectory() + "verdict-recording-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let clock = clock
        var options = StoreOptions(clock: { clock.now })
        let store = try MemoryStore(directory: folder, options: options)
        options.access = .read
        let reader = try MemoryStore(directory: folder, options: options)
        let (console, engine) = (try keeper(store), try keeper(reader))
        let recorder = DecisionRecorder()
        engine.attach(recorder)
        let following = Task { await engine.run() }
        for percent in [0.0, 25, 50, 100] {
            let mode = try #require(RecordingMode(percent: percent))
            try await console.set(mode, tenant: "acme", by: "kim")
            while recorder.policy.mode(of: "acme") != mode { await Task.yield() }
            #expect(engine.policy == console.policy)
        }
        following.cancel()
        await following.value
        await reader.close()
        await store.close()
    }

    @Test func `a console sets modes, logs who did, and shows them`() async throws {
        let session = try await Session()
        let keeper = try keeper(session.store)
        let clock = session.clock
        let monitor = StoreMonitor(
            builder: SnapshotBuilder(storeName: "test", access: .operate, clock: { clock.now }),
            sources: StoreMonitor.Sources(
                store: session.store, detection: session.detection, jobs: session.jobs, meter: session.meter,
                log: session.log, board: session.board, recording: keeper))
        let client = LiveConsole(
            store: session.store, detection: session.detection, jobs: session.jobs, tuner: session.tuner,
            meter: session.meter, monitor: monitor, log: session.log, user: "kim", recording: keeper,
            starters: LiveConsole.Starters(
                openLog: { _, _ in }, startDemo: {}, writeFile: { _, name in name },
                reload: { "the configuration was read" }))
        let policy = try await client.setRecording(.off, tenant: "acme", by: nil)
        #expect(policy.mode(of: "acme") == .off)
        #expect(await monitor.snapshot.recording == policy)
        #expect(try await client.reload(by: nil) == "the configuration was read")
        let lines = session.log.snapshot().lines.map(\.message)
        #expect(lines == ["acme: off, set by kim", "the configuration was read"])
        let without = session.client(session.monitor())
        await #expect(throws: StoreError.self) { try await without.setRecording(.off, tenant: nil, by: nil) }
    }

    @Test func `modes are told in words, the first few of many`() throws {
        #expect(RecordingPolicy().sentence == "on")
        let few = try RecordingPolicy(parsing: "=off, acme=25 %")
        #expect(few.sentence == "(none) off, acme 25 %, others on")
        let many = try RecordingPolicy(
            parsing: (1...7).map { "t\($0)=off" }.joined(separator: ",") + ",*=50 %")
        #expect(many.sentence == "t1 off, t2 off, t3 off, t4 off, t5 off, 2 more, others 50 %")
    }
}
