import AnomalyDetection
import Decisions
import Locks
import Testing
import VectorStores

@testable import Delivery

@Suite struct AlertDispatcherTests {
    private let clock = StillClock()
    private let transport = FakeTransport()

    private func store() throws -> MemoryStore {
        try MemoryStore(options: StoreOptions(clock: { Samples.now }))
    }

    private func dispatcher(
        _ store: any RecordStore, _ kinds: [Receiver.Kind] = [.pagerduty, .slack],
        note: @escaping @Sendable (String) -> Void = { _ in }
    ) throws -> AlertDispatcher {
        AlertDispatcher(
            store: store, receivers: try kinds.map { try Samples.receiver($0) }, context: Samples.context,
            transport: transport, clock: { [clock] in clock.now }, generator: SeededChance(3), note: note)
    }

    private func look(_ incidents: [Incident], generation: UInt64 = 1, isHolder: Bool = true)
        -> AlertDispatcher.Look
    {
        AlertDispatcher.Look(isHolder: isHolder, generation: generation, incidents: incidents)
    }

    /// A dispatcher of a new store, which has seen that there is nothing yet.
    private func started(
        _ store: any RecordStore, _ kinds: [Receiver.Kind] = [.pagerduty, .slack],
        note: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws -> AlertDispatcher {
        let dispatcher = try dispatcher(store, kinds, note: note)
        await dispatcher.round(look([], generation: 0))
        return dispatcher
    }

    /// Looks once at incidents and waits until what is due is sent.
    private func tell(_ dispatcher: AlertDispatcher, _ incidents: [Incident], generation: UInt64 = 1) async {
        await dispatcher.round(look(incidents, generation: generation))
        await dispatcher.waitForSending()
    }

    private var told: Int { transport.requests.count }

    @Test func `each receiver is told once, however often somebody looks`() async throws {
        let dispatcher = try await started(try store())
        await tell(dispatcher, [Samples.incident()])
        #expect(told == 2)
        for generation in 2...5 {
            await tell(dispatcher, [Samples.incident()], generation: UInt64(generation))
        }
        #expect(told == 2)
    }

    @Test func `who does not score tells nobody`() async throws {
        let dispatcher = try dispatcher(try store())
        await dispatcher.round(look([Samples.incident()], isHolder: false))
        await dispatcher.waitForSending()
        #expect(told == 0)
    }

    @Test func `another process that takes over tells nobody twice, and tells what is left`() async throws {
        let store = try store()
        let first = try await started(store)
        transport.answer(.failure(DeliveryFailure(.unreachable, "refused")), to: "slack")
        await tell(first, [Samples.incident()])
        #expect(told == 2)
        transport.answer(.status(200), to: "slack")
        clock.advance(3_600)
        let second = try dispatcher(store)
        await tell(second, [Samples.incident()])
        #expect(told == 3 && transport.requests.last?.url.contains("slack") == true)
        await tell(second, [Samples.incident(state: .resolved)], generation: 2)
        #expect(told == 5)
    }

    @Test func `two processes that both believe to score tell each thing once`() async throws {
        let store = try store()
        let dispatchers = [try dispatcher(store, [.slack]), try dispatcher(store, [.slack])]
        for dispatcher in dispatchers { await dispatcher.round(look([], generation: 0)) }
        let incidents = (0..<20).map { Samples.incident("AA\($0)", kind: "kind-\($0)") }
        for generation in 1...30 {
            await withTaskGroup { group in
                for dispatcher in dispatchers {
                    group.addTask {
                        await dispatcher.round(self.look(incidents, generation: UInt64(generation)))
                        await dispatcher.waitForSending()
                    }
                }
            }
        }
        let bodies = transport.requests.map { String(decoding: $0.body, as: UTF8.self) }
        #expect(bodies.count == 20 && Set(bodies).count == 20)
    }

    @Test func `a process that ends while it sends leaves it to the next, who waits a minute`() async throws {
        let store = try store()
        transport.answer(.stall)
        let first = try await started(store, [.webhook])
        await first.round(look([Samples.incident()]))
        while told < 1 { await Task.yield() }
        transport.answer(.status(200))
        // The claim stands in the store; nobody knows whether the receiver heard.
        let second = try dispatcher(store, [.webhook])
        await tell(second, [Samples.incident()])
        let before = told
        clock.advance(61)
        await tell(second, [Samples.incident()], generation: 2)
        #expect(told == before + 1)
        let names = transport.requests.map { request in
            request.headers.first { $0.name == WebhookPayload.deliveryHeader }?.value
        }
        #expect(Set(names).count == 1)
        await first.settle(within: .zero)
    }

    @Test func `a receiver that never answers keeps nobody else waiting`() async throws {
        let dispatcher = try await started(try store())
        transport.answer(.stall, to: "slack")
        for number in 1...3 {
            let incidents = (0..<number).map { Samples.incident("AA\($0)", kind: "kind-\($0)") }
            await dispatcher.round(look(incidents, generation: UInt64(number)))
            while transport.requests.count(where: { $0.url.contains("pagerduty") }) < number {
                await Task.yield()
            }
        }
        while told < 4 { await Task.yield() }
        #expect(transport.requests.count { $0.url.contains("pagerduty") } == 3)
        #expect(transport.requests.count { $0.url.contains("slack") } == 1)
        await dispatcher.settle(within: .zero)
        let check = await dispatcher.checks().first { $0.name == "alerts slack" }
        #expect(check?.status == .degraded)
    }

    @Test func `a process that ends tells what is due first`() async throws {
        let dispatcher = try await started(try store(), [.pagerduty])
        let incidents = (0..<10).map { Samples.incident("AA\($0)", kind: "kind-\($0)") }
        let last = look(incidents)
        await dispatcher.flush({ last }, within: .seconds(60))
        #expect(told == 10)
    }

    @Test func `a failure is told once, and Health knows since when, in other processes too`() async throws {
        let store = try store()
        let notes = Mutex<[String]>([])
        let dispatcher = try await started(store, [.slack]) { note in notes.withLock { $0.append(note) } }
        transport.answer(.status(503, body: "<b>\u{1B}[31moverloaded</b>"))
        await tell(dispatcher, [Samples.incident()])
        clock.advance(600)
        await tell(dispatcher, [Samples.incident()], generation: 2)
        #expect(told == 2)
        #expect(notes.withLock { $0.count } == 1)
        for checks in [
            await dispatcher.checks(),
            try await AlertHealth.checks(
                of: store, receivers: [try Samples.receiver(.slack)], at: clock.now),
        ] {
            let check = try #require(checks.first)
            #expect(check.name == "alerts slack" && check.status == .degraded && check.since == Samples.now)
            #expect(check.detail.contains("answered 503") && check.detail.contains("overloaded"))
            #expect(!check.detail.contains("\u{1B}"))
        }
        transport.answer(.status(200))
        clock.advance(900)
        await tell(dispatcher, [Samples.incident()], generation: 3)
        #expect(await dispatcher.checks().map(\.status) == [.ok])
        #expect(notes.withLock { $0.last } == "slack is told of incidents again")
    }

    @Test func `a store that refuses is told, and nothing is sent that it does not know of`() async throws {
        let store = RefusingStore(try store())
        let notes = Mutex<[String]>([])
        let dispatcher = try await started(store, [.slack]) { note in notes.withLock { $0.append(note) } }
        store.refuses.withLock { $0 = true }
        await tell(dispatcher, [Samples.incident()])
        #expect(told == 0)
        #expect(notes.withLock { $0.count } == 1)
        #expect(await dispatcher.checks().contains { $0.name == "alerts" && $0.status == .degraded })
        store.refuses.withLock { $0 = false }
        await tell(dispatcher, [Samples.incident()], generation: 2)
        #expect(told == 1)
    }
}

/// Records of another store, whose writes fail on request.
private final class RefusingStore: RecordStore {
    let refuses = Mutex(false)
    private let store: MemoryStore

    init(_ store: MemoryStore) { self.store = store }

    func record(in collection: String, key: String) async throws -> Record? {
        try await store.record(in: collection, key: key)
    }

    func records(in collection: String) async throws -> [Record] { try await store.records(in: collection) }

    func write(_ changes: [RecordChange]) async throws {
        if refuses.withLock({ $0 }) { throw StoreError(.inputOutput, "the disk is full") }
        try await store.write(changes)
    }

    func recordChanges(in collection: String) -> AsyncStream<Record> { store.recordChanges(in: collection) }
}
