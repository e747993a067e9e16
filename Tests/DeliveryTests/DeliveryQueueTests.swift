import AnomalyDetection
import Decisions
import Testing
import VectorStores

@testable import Delivery

/// What one queue does while time and incidents move by hand.
struct QueueScene {
    var queue: DeliveryQueue
    var now = Samples.now
    var chance = SeededChance(7)

    init(_ receivers: [Receiver], before: [Incident] = []) {
        queue = DeliveryQueue(receivers: receivers, context: Samples.context)
        _ = queue.introduction(before)
    }

    /// What is sent of some incidents until nothing is due, taken by every receiver.
    mutating func told(_ incidents: [Incident], silence: String? = "5e-1") -> [Shipment] {
        queue.reconcile(incidents)
        _ = queue.forgetting(at: now)
        var sent: [Shipment] = []
        while let shipment = queue.next(at: now).first {
            _ = queue.claim(shipment, at: now)
            queue.succeeded(
                shipment, ShipmentReceipt(silence: shipment.makesSilence ? silence : nil), at: now)
            sent.append(shipment)
        }
        queue.checkInvariants()
        return sent
    }

    mutating func fail(_ failure: DeliveryFailure) -> Shipment? {
        guard let shipment = queue.next(at: now).first else { return nil }
        _ = queue.claim(shipment, at: now)
        queue.failed(shipment, failure, at: now, using: &chance)
        return shipment
    }

    mutating func wait(_ seconds: Int64) { now = now.advanced(bySeconds: seconds) }
}

@Suite struct DeliveryQueueTests {
    private static let down = DeliveryFailure(.unreachable, "connection refused")

    @Test func `one that is put off is taken, and fires again when it comes back`() throws {
        var scene = QueueScene([try Samples.receiver(.alertmanager)])
        #expect(scene.told([Samples.incident()]).map(\.alert.status) == [.firing])
        scene.wait(60)
        var putOff = Samples.incident()
        putOff.snooze = .members(100)
        #expect(scene.told([putOff]).map(\.alert.status) == [.acknowledged])
        #expect(scene.told([putOff]).isEmpty)
        scene.wait(60)
        #expect(!scene.told([Samples.incident()]).isEmpty)
    }

    @Test(arguments: Receiver.Kind.allCases)
    func `an incident is told once, taken once and ended once`(kind: Receiver.Kind) throws {
        var scene = QueueScene([try Samples.receiver(kind)])
        #expect(scene.told([Samples.incident()]).map(\.alert.status) == [.firing])
        #expect(scene.told([Samples.incident()]).isEmpty)
        scene.wait(60)
        let taken = scene.told([Samples.incident(state: .acknowledged)])
        #expect(taken.map(\.alert.status) == (kind == .webhook ? [] : [.acknowledged]))
        scene.wait(60)
        #expect(scene.told([Samples.incident(state: .acknowledged)]).isEmpty)
        #expect(scene.told([Samples.incident(state: .resolved)]).map(\.alert.status) == [.resolved])
        #expect(scene.told([Samples.incident(state: .resolved)]).isEmpty)
        scene.wait(600)
        _ = scene.told([Samples.incident(state: .resolved)])
        #expect(scene.queue.deliveries.isEmpty)
    }

    @Test(arguments: Receiver.Kind.allCases)
    func `a source that is silent again after somebody took it is told again, once`(
        kind: Receiver.Kind
    ) throws {
        func silence(_ state: Incident.State, raised: Int64) -> Incident {
            var incident = Samples.incident(state: state)
            incident.signal = Signal.Standing(
                kind: .silentSource, raised: Samples.now.advanced(bySeconds: raised))
            return incident
        }
        var scene = QueueScene([try Samples.receiver(kind)])
        #expect(scene.told([silence(.new, raised: 0)]).map(\.alert.status) == [.firing])
        scene.wait(60)
        _ = scene.told([silence(.acknowledged, raised: 0)])
        scene.wait(60)
        #expect(scene.told([silence(.reopened, raised: 100)]).map(\.alert.status) == [.firing])
        // Whoever goes on with it knows that it was told.
        let records = scene.queue.deliveries.values.map {
            Record(
                collection: DeliveryQueue.collection, key: $0.key.recordKey, value: $0.json, revision: 3)
        }
        scene.queue.restore(records)
        #expect(scene.told([silence(.reopened, raised: 100)]).isEmpty)
    }

    @Test func `what comes back is told anew, and so is what somebody gave back`() throws {
        var scene = QueueScene([try Samples.receiver(.pagerduty)])
        _ = scene.told([Samples.incident()])
        _ = scene.told([Samples.incident(state: .acknowledged)])
        #expect(scene.told([Samples.incident(state: .new)]).map(\.alert.status) == [.firing])
        _ = scene.told([Samples.incident(state: .resolved)])
        #expect(scene.told([Samples.incident(state: .reopened)]).map(\.alert.status) == [.firing])
    }

    @Test func `what was taken or done before anybody was told pages nobody`() throws {
        var scene = QueueScene([try Samples.receiver(.pagerduty)])
        #expect(scene.told([Samples.incident(state: .acknowledged)]).isEmpty)
        #expect(scene.told([Samples.incident(state: .resolved)]).isEmpty)
        #expect(scene.queue.deliveries.isEmpty)
    }

    @Test func `what was there before a receiver was named is told only when it comes back`() throws {
        var scene = QueueScene([try Samples.receiver(.slack)], before: [Samples.incident()])
        #expect(scene.told([Samples.incident()]).isEmpty)
        #expect(
            scene.told([Samples.incident(), Samples.incident("M3XQ", kind: "pods")]).map(\.alert.incident)
                == ["M3XQ"])
        let back = [Samples.incident(state: .reopened), Samples.incident("M3XQ", kind: "pods")]
        #expect(scene.told(back).map(\.alert.incident) == ["K7F2"])
        let taken = [Samples.incident(state: .acknowledged), Samples.incident("M3XQ", kind: "pods")]
        #expect(scene.told(taken).map(\.alert.status) == [.acknowledged])
    }

    @Test func `an incident that is gone is ended where it was told`() throws {
        var scene = QueueScene([try Samples.receiver(.pagerduty), try Samples.receiver(.alertmanager)])
        let first = scene.told([Samples.incident()])
        let last = scene.told([])
        #expect(last.map(\.alert.status) == [.resolved, .resolved])
        #expect(Set(last.map(\.alert.joinKey)) == Set(first.map(\.alert.joinKey)))
        #expect(Set(last.map(\.alert.labels)) == Set(first.map(\.alert.labels)))
    }

    @Test func `the worst goes first, and what is new before what is over`() throws {
        var scene = QueueScene([try Samples.receiver(.slack)])
        _ = scene.told([Samples.incident("AAAA", kind: "a")])
        let sent = scene.told([
            Samples.incident("AAAA", kind: "a", state: .resolved),
            Samples.incident("BBBB", kind: "b", severity: .low),
            Samples.incident("CCCC", kind: "c", severity: .critical),
            Samples.incident("DDDD", kind: "d", severity: .medium),
        ])
        #expect(sent.map(\.alert.incident) == ["CCCC", "DDDD", "BBBB", "AAAA"])
    }

    @Test func `a rate lets the worst through and the rest wait, and what is over meanwhile is never told`()
        throws
    {
        var receiver = try Samples.receiver(.slack)
        receiver.rate = RateLimit(count: 2, seconds: 60)
        var scene = QueueScene([receiver])
        var incidents = (0..<5).map { Samples.incident("AAA\($0)", kind: "k\($0)", severity: .medium) }
        incidents[4].severity = .critical
        #expect(scene.told(incidents).map(\.alert.incident).first == "AAA4")
        #expect(scene.queue.waiting(for: receiver, at: scene.now) == 3)
        #expect(
            scene.queue.checks(at: scene.now, since: scene.now).first?.detail.contains("3 alerts wait")
                == true)
        for place in 1..<4 { incidents[place].state = .resolved }
        scene.wait(600)
        #expect(scene.told(incidents).isEmpty)
    }

    @Test func `a receiver that fails rests for growing pauses and no other one waits`() throws {
        var scene = QueueScene([try Samples.receiver(.pagerduty)])
        scene.queue.reconcile([Samples.incident()])
        var pauses: [Int64] = []
        for _ in 0..<14 {
            #expect(scene.fail(Self.down) != nil)
            var pause: Int64 = 0
            while scene.queue.next(at: scene.now).isEmpty, pause < 10_000 {
                scene.wait(1)
                pause += 1
            }
            pauses.append(pause)
        }
        #expect((1...2).contains(pauses[0]) && pauses.allSatisfy { $0 <= 900 })
        #expect(pauses[5] >= 32 && pauses[13] >= 450)
        let check = scene.queue.checks(at: scene.now, since: scene.now).first
        #expect(check?.status == .degraded && check?.since == Samples.now)
        #expect(check?.detail.contains("connection refused; 1 alert waits") == true)
    }

    @Test func `who says when to come back is asked no sooner, and not later than in an hour`() throws {
        for (wish, pause) in [(Int64(120), Int64(120)), (1_000_000, 3_600)] {
            var scene = QueueScene([try Samples.receiver(.pagerduty)])
            scene.queue.reconcile([Samples.incident()])
            _ = scene.fail(DeliveryFailure(.unreachable, "429", retryAfter: wish))
            scene.wait(pause - 1)
            #expect(scene.queue.next(at: scene.now).isEmpty)
            scene.wait(1)
            #expect(scene.queue.next(at: scene.now).count == 1)
        }
    }

    @Test func `what a receiver refuses keeps nothing else from it`() throws {
        var scene = QueueScene([try Samples.receiver(.slack)])
        scene.queue.reconcile([Samples.incident(), Samples.incident("M3XQ", kind: "pods", severity: .low)])
        #expect(scene.fail(DeliveryFailure(.refused, "400"))?.alert.incident == "K7F2")
        let next = scene.queue.next(at: scene.now)
        #expect(next.map(\.alert.incident) == ["M3XQ"])
    }

    @Test func `what may have arrived is ended though nobody knows`() throws {
        var scene = QueueScene([try Samples.receiver(.pagerduty)])
        scene.queue.reconcile([Samples.incident()])
        _ = scene.fail(DeliveryFailure(.unreachable, "no answer", mayHaveArrived: true))
        scene.wait(100)
        #expect(scene.told([Samples.incident(state: .resolved)]).map(\.alert.status) == [.resolved])
        scene.queue.reconcile([Samples.incident("M3XQ", kind: "pods")])
        _ = scene.fail(Self.down)
        scene.wait(100)
        #expect(scene.told([Samples.incident("M3XQ", kind: "pods", state: .resolved)]).isEmpty)
    }

    @Test func `what is tried again has the same name, and the next thing another`() throws {
        var scene = QueueScene([try Samples.receiver(.webhook)])
        scene.queue.reconcile([Samples.incident()])
        let refused = scene.fail(Self.down)
        let failed = try #require(refused)
        scene.wait(10)
        let sent = scene.told([Samples.incident()])
        #expect(sent.map(\.id) == [failed.id])
        let ended = scene.told([Samples.incident(state: .resolved)])
        #expect(ended.count == 1 && ended.first?.id != failed.id)
    }

    @Test func `what is kept is read back, and nothing is told twice`() throws {
        let receivers = try Receiver.Kind.allCases.map { try Samples.receiver($0) }
        var scene = QueueScene(receivers)
        let incidents = [Samples.incident(), Samples.incident("M3XQ", kind: "pods", state: .new)]
        let sent = scene.told(incidents)
        #expect(sent.count == 8)
        let records = sent.flatMap { scene.queue.outcome(of: $0, at: scene.now) }.map {
            Record(collection: $0.collection, key: $0.key, value: $0.value, revision: 1)
        }
        var next = QueueScene(receivers)
        next.queue.restore(records)
        #expect(next.queue.deliveries.count == 8)
        #expect(next.told(incidents).isEmpty)
        #expect(next.told([]).count == 8)
    }

    @Test func `damaged records and those of others are left out`() throws {
        var queue = DeliveryQueue(receivers: [try Samples.receiver(.slack)], context: Samples.context)
        let values: [JSONValue?] = [
            nil, .null, .object([:]), .string("x"), .object(["receiver": .string("slack")]),
            .object(["receiver": .number("1"), "identity": .array([])]),
        ]
        queue.restore(
            values.enumerated().map {
                Record(
                    collection: DeliveryQueue.collection, key: "delivery/slack/\($0.offset)",
                    value: $0.element,
                    revision: 1)
            })
        #expect(queue.deliveries.isEmpty)
        queue.checkInvariants()
    }
}
