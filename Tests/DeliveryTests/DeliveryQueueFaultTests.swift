import AnomalyDetection
import Decisions
import Testing

@testable import Delivery

/// Random incidents, receivers that fail in every way, and processes that end: what receivers then know.
@Suite struct DeliveryQueueFaultTests {
    /// What a receiver heard, as one hears it that knows an identifier when it comes again.
    private struct Ear {
        var heard: [String: [AlertStatus]] = [:]
        var ids: Set<String> = []
        var episodes: Set<String> = []
        var doubles = 0

        /// Hears a shipment while the incident has changed so many times.
        mutating func hear(_ shipment: Shipment, _ changes: Int) {
            guard !shipment.isRenewal, ids.insert(shipment.id).inserted else { return }
            let key = shipment.alert.joinKey
            if !episodes.insert("\(key) \(shipment.alert.status) \(changes)").inserted { doubles += 1 }
            heard[key, default: []].append(shipment.alert.status)
        }
    }

    @Test(arguments: 1...40)
    func `nothing is heard twice, all is heard in the end, and what is kept is bounded`(seed: UInt64) throws {
        let receivers = [try Samples.receiver(.pagerduty), try Samples.receiver(.slack)]
        var chance = SeededChance(seed)
        var scene = QueueScene(receivers)
        scene.chance = SeededChance(seed &+ 1)
        var ears = ["pagerduty": Ear(), "slack": Ear()]
        var incidents = (0..<12).map { Samples.incident("AA\($0)", kind: "kind-\($0)", state: .resolved) }
        var changes: [String: Int] = [:]
        for step in 0..<400 {
            let place = Int.random(in: 0..<incidents.count, using: &chance)
            let isCalm = step >= 300
            if !isCalm {
                incidents[place].state = Incident.State.allCases.randomElement(using: &chance) ?? .new
                changes[Alert.joinKey(incidents[place]), default: 0] += 1
            }
            scene.queue.reconcile(incidents)
            _ = scene.queue.forgetting(at: scene.now)
            for shipment in scene.queue.next(at: scene.now) {
                _ = scene.queue.claim(shipment, at: scene.now)
                let name = shipment.receiver.name
                switch isCalm ? 0 : Int.random(in: 0..<5, using: &chance) {
                case 0, 1:
                    ears[name]?.hear(shipment, changes[shipment.alert.joinKey] ?? 0)
                    scene.queue.succeeded(shipment, ShipmentReceipt(), at: scene.now)
                case 2:
                    ears[name]?.hear(shipment, changes[shipment.alert.joinKey] ?? 0)
                    scene.fail(shipment, DeliveryFailure(.unreachable, "stalled", mayHaveArrived: true))
                case 3: scene.fail(shipment, DeliveryFailure(.unreachable, "refused"))
                default: scene.fail(shipment, DeliveryFailure(.refused, "400"))
                }
            }
            scene.queue.checkInvariants()
            #expect(scene.queue.deliveries.count <= incidents.count * receivers.count)
            scene.wait(Int64.random(in: 1...(isCalm ? 2_000 : 90), using: &chance))
        }
        for ear in ears.values { #expect(ear.doubles == 0) }
        for incident in incidents {
            for (name, ear) in ears {
                let last = ear.heard[Alert.joinKey(incident)]?.last
                switch AlertStatus(incident) {
                case .firing: #expect(last == .firing, "\(name) \(incident.id)")
                case .acknowledged: #expect(last != .firing, "\(name) \(incident.id)")
                case .resolved: #expect(last == .resolved || last == nil, "\(name) \(incident.id)")
                }
            }
        }
    }
}

extension QueueScene {
    /// Lets a shipment fail.
    mutating func fail(_ shipment: Shipment, _ failure: DeliveryFailure) {
        queue.failed(shipment, failure, at: now, using: &chance)
    }
}
