import AnomalyDetection
import Decisions
import Locks
import Testing
import VectorStores

@testable import Delivery

/// The alert of a drill: built for whoever would be told, sent to whoever wants drills, and kept nowhere.
@Suite struct DrillAlertTests {
    private let clock = StillClock()
    private let transport = FakeTransport()

    private func store() throws -> MemoryStore {
        try MemoryStore(options: StoreOptions(clock: { Samples.now }))
    }

    private func receiver(_ kind: Receiver.Kind, wantsDrills: Bool = false) throws -> Receiver {
        var receiver = try Samples.receiver(kind)
        receiver.wantsDrills = wantsDrills
        return receiver
    }

    /// A dispatcher that has seen that there is nothing yet.
    private func dispatcher(_ store: any RecordStore, _ receivers: [Receiver]) async -> AlertDispatcher {
        let dispatcher = AlertDispatcher(
            store: store, receivers: receivers, context: Samples.context, transport: transport,
            clock: { [clock] in clock.now }, generator: SeededChance(3))
        await dispatcher.round(AlertDispatcher.Look(isHolder: true, generation: 0, incidents: []))
        return dispatcher
    }

    private func tell(_ dispatcher: AlertDispatcher, _ incidents: [Incident], generation: UInt64) async {
        await dispatcher.round(
            AlertDispatcher.Look(isHolder: true, generation: generation, incidents: incidents))
        await dispatcher.waitForSending()
    }

    private static let incident = Samples.incident("DRILL", principal: "verdict:drill")

    private var bodies: [String] { transport.requests.map { String(decoding: $0.body, as: UTF8.self) } }

    @Test func `it is built for all who would be told, and sent to none who did not ask for drills`()
        async throws
    {
        let store = try store()
        let dispatcher = await dispatcher(store, try Receiver.Kind.allCases.map { try receiver($0) })
        let before = try await store.records(in: DeliveryQueue.collection)
        let alerts = await dispatcher.drill(Self.incident)
        #expect(alerts.built == 4 && alerts.sent == 0)
        #expect(alerts.passedOver.isEmpty && alerts.problem == nil)
        #expect(alerts.sentence == "alerts: 4 built, none sent")
        #expect(transport.requests.isEmpty)
        #expect(try await store.records(in: DeliveryQueue.collection) == before)
    }

    @Test(arguments: Receiver.Kind.allCases)
    func `who asked for drills gets one that says so, and its end`(kind: Receiver.Kind) async throws {
        let store = try store()
        let other: Receiver.Kind = kind == .slack ? .webhook : .slack
        let dispatcher = await dispatcher(
            store, [try receiver(kind, wantsDrills: true), try receiver(other)])
        let before = try await store.records(in: DeliveryQueue.collection)
        let alerts = await dispatcher.drill(Self.incident)
        #expect(alerts.built == 2 && alerts.sent == 1 && alerts.problem == nil)
        #expect(alerts.sentence == "alerts: 2 built, 1 sent")
        #expect(transport.requests.count == 2)
        #expect(transport.requests.allSatisfy { $0.url.contains(kind.rawValue) })
        #expect(bodies[0].contains("DRILL, nothing happened: svc-deploy: 214 past decisions"))
        #expect(bodies[0].contains("verdict health --store prod-eu"))
        #expect(!bodies.contains { $0.contains("--incident") || $0.contains("d-1") })
        switch kind {
        case .alertmanager, .webhook:
            #expect(bodies.allSatisfy { $0.contains(#""alertname":"AuthzAnomalyDrill""#) })
            #expect(bodies[1].contains(#""endsAt":"\#(Samples.now)""#))
        case .pagerduty:
            #expect(bodies[0].contains(#""event_action":"trigger","dedup_key":"drill-verdict-DRILL-"#))
            #expect(bodies[1].contains(#""event_action":"resolve","dedup_key":"drill-verdict-DRILL-"#))
        case .slack: #expect(bodies[1].contains("*DRILL* is resolved"))
        }
        #expect(try await store.records(in: DeliveryQueue.collection) == before)
    }

    @Test func `real alerts of the same story are told beside it, as if there were no drills`() async throws {
        let store = try store()
        let dispatcher = await dispatcher(store, [try receiver(.pagerduty, wantsDrills: true)])
        let real = Samples.incident(principal: "verdict:drill")
        await tell(dispatcher, [real], generation: 1)
        #expect(transport.requests.count == 1)
        _ = await dispatcher.drill(Self.incident)
        #expect(transport.requests.count == 3)
        await tell(dispatcher, [real], generation: 2)
        #expect(transport.requests.count == 3)
        var resolved = real
        resolved.state = .resolved
        await tell(dispatcher, [resolved], generation: 3)
        #expect(transport.requests.count == 4 && bodies[3].contains(#""dedup_key":"verdict-K7F2-"#))
    }

    @Test func `severity and tenants choose who is told of a drill as they do of incidents`() async throws {
        var high = try receiver(.pagerduty, wantsDrills: true)
        high.minimumSeverity = .high
        var globex = try receiver(.slack, wantsDrills: true)
        globex.tenants = ["globex"]
        let dispatcher = await dispatcher(try store(), [high, globex, try receiver(.webhook)])
        let alerts = await dispatcher.drill(
            Samples.incident("DRILL", principal: "verdict:drill", severity: .medium))
        #expect(alerts.built == 1 && alerts.sent == 0 && alerts.problem == nil)
        #expect(
            alerts.passedOver
                == ["pagerduty, by its severity or tenants", "slack, by its severity or tenants"])
        #expect(transport.requests.isEmpty)
    }

    @Test func `it takes nothing from what a receiver may get, and waits for nothing that it may not`()
        async throws
    {
        var receiver = try receiver(.pagerduty)
        receiver.rate = RateLimit(count: 1, seconds: 3_600)
        let dispatcher = await dispatcher(try store(), [receiver])
        for _ in 0..<3 { #expect(await dispatcher.drill(Self.incident).built == 1) }
        await tell(dispatcher, [Samples.incident()], generation: 1)
        #expect(transport.requests.count == 1)
        let alerts = await dispatcher.drill(Self.incident)
        #expect(alerts.built == 0 && alerts.problem == nil)
        #expect(alerts.passedOver == ["pagerduty, whose rate is used up"])
    }

    @Test func `who takes no drill that it asked for makes it missed, at once and while it rests`()
        async throws
    {
        let store = try store()
        let dispatcher = await dispatcher(store, [try receiver(.slack, wantsDrills: true)])
        transport.answer(.status(503))
        let alerts = await dispatcher.drill(Self.incident)
        #expect(alerts.built == 1 && alerts.sent == 0)
        let problem = try #require(alerts.problem)
        #expect(problem.hasPrefix("its alert was not sent to slack: http://127.0.0.1:9 answered 503"))
        // It may have arrived, and so its end was told as well.
        #expect(transport.requests.count == 2 && bodies.last?.contains("*DRILL* is resolved") == true)
        // A drill that failed makes no receiver rest.
        await tell(dispatcher, [Samples.incident()], generation: 1)
        #expect(transport.requests.count == 3)
        let resting = await dispatcher.drill(Self.incident)
        #expect(transport.requests.count == 3 && resting.built == 0)
        #expect(resting.problem?.contains("slack, which rests after a failure: ") == true)
    }

    @Test func `one that did not arrive has no end, and the next has the same name`() async throws {
        let dispatcher = await dispatcher(try store(), [try receiver(.pagerduty, wantsDrills: true)])
        transport.answer(.failure(DeliveryFailure(.unreachable, "nobody is there")))
        #expect(await dispatcher.drill(Self.incident).problem?.hasSuffix("nobody is there") == true)
        #expect(transport.requests.count == 1)
        transport.answer(.status(202))
        var next = Self.incident
        next.members = ["d-2"]
        #expect(await dispatcher.drill(next).problem == nil)
        let names = bodies.map { $0.split(separator: "dedup_key").last?.prefix(39) }
        #expect(names.count == 3 && Set(names).count == 1)
    }

    /// A dispatcher whose receiver wants drills, over another transport.
    private func dispatcher(_ transport: StoppedTransport) async throws -> AlertDispatcher {
        let dispatcher = AlertDispatcher(
            store: try store(), receivers: [try receiver(.pagerduty, wantsDrills: true)],
            context: Samples.context, transport: transport, clock: { [clock] in clock.now },
            generator: SeededChance(3))
        await dispatcher.round(AlertDispatcher.Look(isHolder: true, generation: 0, incidents: []))
        return dispatcher
    }

    @Test func `a drill that is given up while a receiver was told of it still has its end`() async throws {
        let transport = StoppedTransport()
        let dispatcher = try await dispatcher(transport)
        let drill = Task { await dispatcher.drill(Self.incident) }
        await transport.waitForFirst()
        drill.cancel()
        let alerts = await drill.value
        #expect(alerts.sent == 0)
        #expect(alerts.problem == "its alert was not sent to pagerduty: it was stopped")
        let bodies = transport.carried.withLock { $0 }
        #expect(bodies.count == 2 && bodies.first?.contains(#""event_action":"trigger""#) == true)
        #expect(bodies.last?.contains(#""event_action":"resolve""#) == true)
    }

    @Test func `of a drill that was given up before nobody is told`() async throws {
        let transport = StoppedTransport()
        let dispatcher = try await dispatcher(transport)
        let drill = Task {
            while !Task.isCancelled { await Task.yield() }
            return await dispatcher.drill(Self.incident)
        }
        drill.cancel()
        #expect(await drill.value.problem?.hasSuffix("the drill was given up before") == true)
        #expect(transport.carried.withLock { $0.isEmpty })
    }

    @Test func `a receiver that rests and wants no drills is told of, and misses none`() async throws {
        let dispatcher = await dispatcher(try store(), [try receiver(.slack)])
        transport.answer(.status(503))
        await tell(dispatcher, [Samples.incident()], generation: 1)
        let alerts = await dispatcher.drill(Self.incident)
        #expect(alerts.built == 0 && alerts.problem == nil)
        #expect(alerts.passedOver.first?.hasPrefix("slack, which rests after a failure: ") == true)
    }

    @Test func `what cannot be read stops every alert, and so a drill`() async throws {
        let store = UnreadableStore(try store())
        let dispatcher = await dispatcher(store, [try receiver(.slack)])
        store.refuses.withLock { $0 = true }
        let alerts = await dispatcher.drill(Self.incident)
        #expect(alerts.built == 0)
        #expect(
            alerts.problem?.hasPrefix("its alert came nowhere: what receivers were told cannot be read: ")
                == true)
    }
}

/// A transport that carries nothing for who was cancelled, and hangs at its first request until then.
private final class StoppedTransport: AlertTransport {
    let carried = Mutex<[String]>([])
    private let first = AsyncStream.makeStream(of: Void.self)

    /// Waits until the first request is under way.
    func waitForFirst() async {
        for await _ in first.stream { break }
    }

    func send(
        _ request: OutgoingRequest, within limit: Duration
    ) async throws(DeliveryFailure) -> IncomingReply {
        let stopped = DeliveryFailure(.unreachable, "it was stopped", mayHaveArrived: true)
        if Task.isCancelled { throw stopped }
        let count = carried.withLock { carried in
            carried.append(String(decoding: request.body, as: UTF8.self))
            return carried.count
        }
        guard count == 1 else { return IncomingReply(status: 202, body: []) }
        first.continuation.yield()
        while !Task.isCancelled { await Task.yield() }
        throw stopped
    }
}

/// Records of another store, which cannot be read on request.
private final class UnreadableStore: RecordStore {
    let refuses = Mutex(false)
    private let store: MemoryStore

    init(_ store: MemoryStore) { self.store = store }

    func record(in collection: String, key: String) async throws -> Record? {
        try await store.record(in: collection, key: key)
    }

    func records(in collection: String) async throws -> [Record] {
        if refuses.withLock({ $0 }) { throw StoreError(.inputOutput, "the server is away") }
        return try await store.records(in: collection)
    }

    func write(_ changes: [RecordChange]) async throws { try await store.write(changes) }

    func recordChanges(in collection: String) -> AsyncStream<Record> { store.recordChanges(in: collection) }
}
