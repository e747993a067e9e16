import AnomalyDetection
import Decisions
import Locks
import Testing
import VectorStores

@testable import Operations

@Suite struct LiveConsoleTests {
    @Test func `a snapshot tells what the store holds`() async throws {
        let session = try await Session()
        try await session.fill(200)
        try await session.fill(30, tenant: "globex")
        session.board.begin("audit.log", following: false)
        session.board.end("audit.log", failure: "no permission")
        session.board.begin("late.log", following: true)
        session.board.wait(for: "late.log")
        let monitor = session.monitor()
        for _ in 0..<2 { _ = await monitor.tick(measuring: true) }
        let snapshot = await monitor.snapshot
        #expect(snapshot.statistics.vectors == 230)
        #expect(snapshot.tenants.map(\.id).sorted() == ["acme", "globex"])
        #expect(snapshot.learning["acme"]?.seen == 200)
        #expect(snapshot.connection == .live)
        #expect(snapshot.metric(.decisions)?.isEventTime == true)
        #expect(snapshot.metric(.vectors)?.latest == 230)
        #expect(snapshot.recall?.recall ?? 0 >= 0.9)
        #expect(snapshot.health.contains { $0.name == "detector" && $0.status == .ok })
        #expect(snapshot.health.first?.name == "source audit.log")
        #expect(snapshot.health.first?.status == .failed)
        #expect(snapshot.health.first { $0.name == "source late.log" }?.status == .degraded)
    }

    @Test func `a look that a person waits for measures nothing`() async throws {
        let session = try await Session()
        let monitor = session.monitor()
        session.board.begin("a.log", following: true)
        _ = await monitor.tick(measuring: true)
        try await session.fill(40)
        session.board.note("a.log", accepted: 40, rejected: 0, lastEvent: nil)
        for _ in 0..<3 { await monitor.refresh() }
        let snapshot = await monitor.snapshot
        #expect(snapshot.statistics.vectors == 40)
        #expect(snapshot.metric(.vectors)?.values == [0])
        #expect(snapshot.sources.first?.accepted == 40 && snapshot.sources.first?.ratePerSecond == 0)
        #expect(snapshot.recall == nil)
    }

    @Test func `an incident waits until somebody took it`() async throws {
        let session = try await Session()
        try await session.fill(20)
        let decision = Session.decision(1)
        var detection = DetectionSnapshot()
        for (number, state) in Incident.State.allCases.enumerated() {
            var incident = Incident(
                id: "I\(number)",
                key: Incident.Key(tenant: "acme", principal: "p", kind: "k", effect: .allow), severity: .low,
                time: decision.time, score: 1, why: [], member: "m",
                evidence: Evidence(
                    decision: decision,
                    channels: ScoredDecision.Channels(distance: 0, rarity: 0, firstSeen: 0)))
            incident.state = state
            detection.incidents.append(incident)
        }
        let clock = session.clock
        let snapshot = try await SnapshotBuilder(
            storeName: "test", access: .operate, clock: { clock.now }
        ).build(store: session.store, detection: detection, measurements: SnapshotBuilder.Measurements())
        #expect(snapshot.openIncidents.map(\.state) == [.reopened, .new])
        #expect(snapshot.tenants.first?.openIncidents == 2)
    }

    @Test func `a look that began before a change never replaces a later one`() async throws {
        let session = try await Session()
        let store = FlakyStore(session.store)
        let clock = session.clock
        let monitor = StoreMonitor(
            builder: SnapshotBuilder(storeName: "test", access: .operate, clock: { clock.now }),
            sources: StoreMonitor.Sources(
                store: store, detection: session.detection, jobs: session.jobs, meter: session.meter,
                log: session.log, board: session.board))
        await monitor.refresh()
        let gate = Gate()
        store.refusal.withLock { $0.gate = gate }
        let early = Task { await monitor.refresh() }
        await gate.waitUntilReached()
        try await session.fill(7)
        let late = Task { await monitor.refresh() }
        for _ in 0..<1_000 { await Task.yield() }
        gate.open()
        await early.value
        await late.value
        #expect(await monitor.snapshot.statistics.vectors == 7)
    }

    @Test func `checks tell since when they are as they are`() async throws {
        let session = try await Session()
        let monitor = session.monitor()
        session.board.begin("audit.log", following: true)
        let start = session.clock.now
        await monitor.refresh()
        session.clock.advance(50)
        session.board.end("audit.log", failure: "no permission")
        let failed = session.clock.now
        await monitor.refresh()
        session.clock.advance(50)
        await monitor.refresh()
        let health = await monitor.snapshot.health
        #expect(health.first { $0.name == "source audit.log" }?.since == failed)
        #expect(health.first { $0.name == "detector" }?.since == start)
        #expect(health.first { $0.name == "index" }?.since == start)
    }

    @Test func `the check of the detector says who scores`() async throws {
        let session = try await Session()
        func detail(_ detection: DetectionSnapshot) async throws -> String? {
            let checks = try await SnapshotBuilder.checks(
                of: session.store, detection: detection, at: session.clock.now)
            return checks.first { $0.name == "detector" }?.detail
        }
        var resting = DetectionSnapshot()
        #expect(try await detail(resting) == "nobody scores now; ingest and the console do")
        resting.holder = LeaseHolder(host: "alpha", processID: 812, session: "s")
        #expect(try await detail(resting) == "process 812 on alpha scores what comes in")
        #expect(try await detail(session.detection.snapshot()) == "this process scores what comes in")
    }

    @Test func `charts of event time end at the newest decision when it is old`() {
        let old = Timestamp(seconds: 1_000)
        let now = Timestamp(seconds: 1_000 + SnapshotBuilder.windowSeconds + 1)
        #expect(SnapshotBuilder.windowEnd(wallTime: now, newest: old) == old)
        #expect(
            SnapshotBuilder.windowEnd(wallTime: Timestamp(seconds: 1_010), newest: old)
                == Timestamp(seconds: 1_010))
        #expect(SnapshotBuilder.windowEnd(wallTime: now, newest: nil) == now)
    }

    @Test func `the client searches, counts the search and finds members`() async throws {
        let session = try await Session()
        try await session.fill(100)
        let monitor = session.monitor()
        let client = session.client(monitor)
        let answer = try await client.search(
            SearchRequest(target: .like(id: "d-5", tenant: "acme"), limit: 5))
        #expect(answer.results.count == 5)
        #expect(session.meter.take().searches == 1)
        let members = try await client.decisions(ids: ["d-1", "gone", "d-2"], tenant: "acme")
        #expect(members.map(\.decision.id) == ["d-1", "d-2"])
        let curve = try await client.recallCurve(breadths: [10, 64])
        #expect(curve.map(\.breadth) == [10, 64])
        #expect(curve.allSatisfy { $0.recall > 0.9 })
        let activity = try await client.activity(
            ActivityRequest(from: Timestamp(seconds: 1_699_997_000), bucketSeconds: 10, buckets: 20))
        #expect(activity.decisions.reduce(0, +) == 100)
        #expect(try await client.export("x", suggestedName: "a.txt") == "/private/a.txt")
        await #expect(throws: StoreError.self) { try await client.openLog(path: "/gone", follow: false) }
        try await client.startDemo()
    }

    @Test func `a store that does not answer is no store without the decisions`() async throws {
        let session = try await Session()
        try await session.fill(3)
        let store = FlakyStore(session.store)
        store.refusal.withLock { $0.entries = StoreError(.inputOutput, "the disk is gone") }
        let client = session.client(session.monitor(of: store), of: store)
        await #expect(throws: StoreError.self) { try await client.decisions(ids: ["d-1"], tenant: "acme") }
    }

    @Test func `pictures leave out how long answers took`() async throws {
        let session = try await Session()
        try await session.fill(20)
        let client = session.client(session.monitor(), showsTimes: false)
        let answer = try await client.search(SearchRequest(limit: 3))
        #expect(answer.elapsedMicroseconds.isNaN)
        #expect(try await client.recallCurve(breadths: [16]).allSatisfy { $0.p50Microseconds.isNaN })
    }

    @Test func `a rebuild is started, seen and the session closed`() async throws {
        let session = try await Session()
        try await session.fill(100)
        let monitor = session.monitor()
        let client = session.client(monitor)
        let id = try await client.startRebuild(RebuildRequest(), by: nil)
        await client.cancelJob(id)
        try await client.close()
        #expect(await !session.jobs.isBusy)
        #expect(await session.detection.snapshot().role == .idle)
        await #expect(throws: (any Error).self) {
            try await client.triage(TriageOrder(.act(.acknowledge), incidents: ["NONE"]), by: nil)
        }
    }

    @Test func `the first snapshot does not wait for the store`() async throws {
        var waiting = ConsoleSnapshot()
        waiting.loading = LoadingProgress(what: "opening", fraction: nil, done: 0)
        let opening = OpeningConsole(showing: waiting) { throw StoreError(.missing, "no such store") }
        var seen: [ConsoleSnapshot] = []
        for await snapshot in opening.snapshots() { seen.append(snapshot) }
        guard case .unopened(_, let retry, let reason)? = seen.last?.connection else {
            Issue.record("a store that could not be opened was not told as such")
            return
        }
        #expect(retry == nil)
        #expect(reason.contains("no such store"))
        #expect(opening.failure is StoreError)
        #expect(opening.openedAlready == nil)
        #expect(seen.last?.loading == nil)
        await #expect(throws: StoreError.self) { try await opening.search(SearchRequest()) }
        await opening.cancelJob(1)
    }

    @Test func `a store that is away is opened once it is back`() async throws {
        let session = try await Session()
        try await session.fill(50)
        let monitor = session.monitor()
        let client = session.client(monitor)
        let tries = Mutex(0)
        let pauses = Mutex<[Int64]>([])
        let (gate, opened) = AsyncStream.makeStream(of: Void.self)
        let persistence = OpeningConsole.Persistence(
            clock: { Timestamp(seconds: 1_000) }, pauseSeconds: { _, failures in Int64(1 << failures) },
            sleep: { seconds in
                pauses.withLock { $0.append(seconds) }
                // The second pause lasts until the test has seen what is said meanwhile.
                if seconds == 2 { for await _ in gate { return } }
            })
        let opening = OpeningConsole(showing: ConsoleSnapshot(), persistence: persistence) {
            let number = tries.withLock { tries in
                tries += 1
                return tries
            }
            guard number > 2 else { throw StoreError(.inputOutput, "try \(number): refused") }
            return client
        }
        var snapshots = opening.snapshots().makeAsyncIterator()
        var told: ConnectionState?
        while let snapshot = await snapshots.next() {
            told = snapshot.connection
            if case .unopened(_, _, "try 2: refused")? = told { break }
        }
        #expect(
            told
                == .unopened(
                    since: Timestamp(seconds: 1_000), retry: Timestamp(seconds: 1_002),
                    reason: "try 2: refused"))
        // Nobody waits for a server that is away.
        await #expect(throws: StoreError.self) { try await opening.search(SearchRequest()) }
        #expect(opening.failure is StoreError && opening.openedAlready == nil)
        opened.finish()
        _ = try await opening.opened()
        #expect(try await opening.search(SearchRequest(limit: 4)).results.count == 4)
        #expect(opening.failure == nil)
        #expect(pauses.withLock { $0 } == [1, 2])
        while let snapshot = await snapshots.next(), snapshot.connection != .live {}
        try await client.close()
    }

    @Test func `who leaves does not wait for the next try`() async throws {
        let (gate, _) = AsyncStream.makeStream(of: Void.self)
        let persistence = OpeningConsole.Persistence(
            clock: { Timestamp(seconds: 1_000) }, pauseSeconds: { _, _ in 1 },
            sleep: { _ in
                for await _ in gate {}
                try Task.checkCancellation()
            })
        let opening = OpeningConsole(showing: ConsoleSnapshot(), persistence: persistence) {
            throw StoreError(.inputOutput, "refused")
        }
        for await snapshot in opening.snapshots() where snapshot.connection != .live { break }
        opening.giveUp()
        await #expect(throws: CancellationError.self) { try await opening.opened() }
        #expect(opening.failure is StoreError)
    }

    @Test func `who leaves during the first try is not followed by another`() async throws {
        let tries = Mutex(0)
        let (gate, opened) = AsyncStream.makeStream(of: Void.self)
        let persistence = OpeningConsole.Persistence(
            clock: { Timestamp(seconds: 1_000) }, pauseSeconds: { _, _ in 1 }, sleep: { _ in })
        let opening = OpeningConsole(showing: ConsoleSnapshot(), persistence: persistence) {
            tries.withLock { $0 += 1 }
            for await _ in gate {}
            throw StoreError(.inputOutput, "refused")
        }
        opening.giveUp()
        opened.finish()
        await #expect(throws: StoreError.self) { try await opening.opened() }
        #expect(tries.withLock { $0 } == 1)
    }

    @Test func `an opened session answers through the opening one`() async throws {
        let session = try await Session()
        try await session.fill(50)
        let monitor = session.monitor()
        let client = session.client(monitor)
        let opening = OpeningConsole(showing: ConsoleSnapshot()) { client }
        #expect(try await opening.search(SearchRequest(limit: 4)).results.count == 4)
        #expect(try await opening.decisions(ids: ["d-3"], tenant: "acme").count == 1)
        #expect(try await opening.export("x", suggestedName: "n") == "/private/n")
        #expect(try await opening.recallCurve(breadths: [16]).count == 1)
        try await opening.startDemo()
        await #expect(throws: StoreError.self) { try await opening.openLog(path: "/x", follow: true) }
        let id = try await opening.startRebuild(RebuildRequest(), by: nil)
        await opening.cancelJob(id)
        _ = try await opening.opened()
        #expect(opening.failure == nil && opening.openedAlready != nil)
        try await client.close()
    }
}
