import AnomalyDetection
import Decisions
import Testing
import VectorStores

@testable import Operations

@Suite struct SilenceTests {
    /// Hears a source every half minute for a quarter of an hour.
    static func learn(_ session: Session, _ source: String) {
        session.board.begin(source, following: true)
        for _ in 0..<30 {
            session.clock.advance(30)
            session.board.note(source, accepted: 1, rejected: 0, lastEvent: session.clock.now)
        }
    }

    static func keeper(
        _ session: Session, tell: @escaping @Sendable (String) -> Void = { _ in }
    ) -> SilenceKeeper {
        let clock = session.clock
        return SilenceKeeper(
            board: session.board, detection: session.detection, clock: { clock.now }, tell: tell)
    }

    @Test func `a source that falls silent is an incident, and being heard again is noted in it`()
        async throws
    {
        let session = try await Session()
        let keeper = Self.keeper(session)
        Self.learn(session, "audit.log")
        await keeper.look()
        #expect(await session.detection.snapshot().incidents.isEmpty)
        session.clock.advance(300)
        await keeper.look()
        await keeper.look()
        let incident = try #require(await session.detection.snapshot().incidents.first)
        #expect(incident.key.principal == "test:audit.log" && incident.key.kind == "verdict:source")
        #expect(incident.why[0] == "nothing came for 5 min, usually at most 30 s apart")
        #expect(incident.count == 1 && incident.isOpen && incident.signal?.ended == nil)
        session.board.note("audit.log", accepted: 3, rejected: 0, lastEvent: session.clock.now)
        session.clock.advance(2)
        await keeper.look()
        let heard = try #require(await session.detection.incident(incident.id))
        #expect(heard.signal?.ended == session.clock.now)
        #expect(heard.why[0].hasPrefix("heard again at ") && heard.isOpen)
        session.clock.advance(400)
        await keeper.look()
        #expect(await session.detection.incident(incident.id)?.count == 2)
        #expect(await session.detection.snapshot().incidents.count == 1)
    }

    @Test func `a source that can merely be read again is not heard, and one that ended is not silent`()
        async throws
    {
        let session = try await Session()
        let keeper = Self.keeper(session)
        Self.learn(session, "a.log")
        session.board.begin("once.log", following: false)
        session.board.note("once.log", accepted: 9, rejected: 0, lastEvent: nil)
        session.board.end("once.log")
        session.clock.advance(300)
        await keeper.look()
        let incident = try #require(await session.detection.snapshot().incidents.first)
        session.board.end("a.log", failure: "no permission")
        session.board.begin("a.log", following: true)
        await keeper.look()
        session.board.note("a.log", accepted: 0, duplicates: 5, rejected: 2, lastEvent: nil)
        await keeper.look()
        #expect(await session.detection.incident(incident.id)?.signal?.ended == nil)
        #expect(await session.detection.snapshot().incidents.count == 1)
    }

    @Test func `what rules leave out is heard, too`() async throws {
        let session = try await Session()
        let keeper = Self.keeper(session)
        Self.learn(session, "a.log")
        session.clock.advance(300)
        await keeper.look()
        let incident = try #require(await session.detection.snapshot().incidents.first)
        session.board.note("a.log", accepted: 0, rejected: 0, leftOut: 4, lastEvent: session.clock.now)
        await keeper.look()
        #expect(await session.detection.incident(incident.id)?.signal?.ended == session.clock.now)
        session.clock.advance(400)
        await keeper.look()
        #expect(await session.detection.incident(incident.id)?.count == 2)
    }

    @Test func `a source that nothing ever came from is silent too`() async throws {
        let session = try await Session()
        let keeper = Self.keeper(session)
        session.board.begin("empty.log", following: true)
        session.clock.advance(SourceBoard.learningSeconds + 1)
        await keeper.look()
        let incident = try #require(await session.detection.snapshot().incidents.first)
        #expect(incident.why[0] == "nothing came since it is followed")
    }

    @Test func `a process that starts later notes that a source which another found silent is heard`()
        async throws
    {
        let session = try await Session()
        let before = Self.keeper(session)
        Self.learn(session, "audit.log")
        session.clock.advance(300)
        await before.look()
        let incident = try #require(await session.detection.snapshot().incidents.first)
        // The next process has a board of its own and knows of no silence.
        let clock = session.clock
        let board = SourceBoard { clock.now }
        let after = SilenceKeeper(
            board: board, detection: session.detection, clock: { clock.now }, tell: { _ in })
        board.begin("audit.log", following: true)
        await after.look()
        #expect(await session.detection.incident(incident.id)?.signal?.ended == nil)
        session.clock.advance(10)
        board.note("audit.log", accepted: 1, rejected: 0, lastEvent: clock.now)
        await after.look()
        #expect(await session.detection.incident(incident.id)?.signal?.ended == clock.now)
    }

    @Test func `what is due stays due until it was told, and its end comes with it`() {
        var watch = SilenceWatch(host: "h")
        let now = Timestamp(seconds: 1_000)
        var source = SourceSummary(id: "a", state: .silent, accepted: 5)
        watch.look(at: [source], now: now)
        watch.look(at: [source], now: now.advanced(bySeconds: 2))
        #expect(watch.due.count == 1 && watch.due[0].signal.raised == now)
        let raised = watch.due[0].signal
        source.accepted = 6
        source.state = .following
        watch.look(at: [source], now: now.advanced(bySeconds: 60))
        #expect(watch.due.count == 1 && watch.due[0].signal.ended == now.advanced(bySeconds: 60))
        // Told too late: it says more by now.
        watch.told(raised, of: "a")
        #expect(watch.due.count == 1)
        watch.told(watch.due[0].signal, of: "a")
        #expect(watch.due.isEmpty)
    }

    @Test func `an id that is used for two events is an incident while its tenant is still learning`()
        async throws
    {
        let session = try await Session()
        try await session.fill(20)
        #expect(await session.detection.snapshot().incidents.isEmpty)
        var forged = Session.decision(3)
        forged.principal.id = "mallory"
        forged.resource.kind = "secrets"
        forged.source.format = "kubernetes"
        _ = try await session.pipeline.accept([forged])
        let incidents = await session.detection.snapshot().incidents
        let incident = try #require(incidents.first)
        #expect(incidents.count == 1 && incident.key.principal == "mallory" && incident.key.kind == "secrets")
        #expect(incident.score == 1 && incident.severity >= .medium)
        #expect(incident.signal?.kind == .conflictingID && !incident.isOfNoDecision)
        #expect(incident.why[0].hasPrefix("audit id d-3 was used for two different events: they differ in "))
        #expect(incident.why[0].contains("principal") && incident.why[0].contains("kind"))
        #expect(incident.why[1].hasPrefix("before, it was user-3: read invoice/inv-3, allow"))
        #expect(incident.members.count == 1 && incident.members[0].hasPrefix("d-3~"))
        // Read again, all of it is known.
        _ = try await session.pipeline.accept([forged, Session.decision(3)])
        #expect(await session.detection.snapshot().incidents == incidents)
    }

    @Test func `a flood of conflicts is one story, and nothing stranger takes its reason away`() async throws
    {
        let session = try await Session()
        try await session.fill(1_200)
        let forged = (0..<40).map { number in
            var forged = Session.decision(number)
            forged.principal.id = "mallory"
            forged.resource = Resource(kind: "secrets", id: "s-\(number)")
            forged.effect = .allow
            return forged
        }
        _ = try await session.pipeline.accept(forged)
        let incidents = await session.detection.snapshot().incidents.filter { $0.key.principal == "mallory" }
        let incident = try #require(incidents.first)
        #expect(incidents.count == 1 && incident.count == 40)
        #expect(incident.why[0].hasPrefix("id d-0 was used for two different events"))
    }

    @Test func `a conflict that a crash left unscored is raised by whoever catches up`() async throws {
        let session = try await Session()
        try await session.fill(20)
        try await session.detection.close()
        var forged = Session.decision(3)
        forged.principal.id = "mallory"
        let entry = Entry(decision: forged, embedding: DecisionEmbedder().embed(forged))
        #expect(try await session.store.insert([entry]).outcomes[0].disposition == .conflict)
        let clock = session.clock
        let next = DetectionService(
            store: session.store, holder: LeaseHolder(host: "test", processID: 2, session: "t"),
            clock: { clock.now })
        try await next.start()
        let incidents = await next.snapshot().incidents
        #expect(incidents.count == 1 && incidents[0].key.principal == "mallory")
        #expect(incidents.first?.why[0].contains("used for two different events") == true)
    }
}
