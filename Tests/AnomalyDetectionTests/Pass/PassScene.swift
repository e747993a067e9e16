import Decisions
import VectorStores

@testable import AnomalyDetection

/// A store in memory, processes that watch it, and traffic in which one principal changes bit by bit.
struct PassScene {
    let store: MemoryStore
    let clock = Clock()
    var configuration = DetectionConfiguration()
    private var random: SplitMix64
    private var number = 0
    private var seconds: Int64

    init(seed: UInt64) throws {
        let clock = clock
        store = try MemoryStore(options: StoreOptions(clock: { clock.now }))
        random = SplitMix64(seed: seed)
        seconds = clock.now.seconds - 20_000
    }

    func service(_ number: Int = 1) -> DetectionService {
        let clock = clock
        return DetectionService(
            store: store, configuration: configuration, holder: ServiceScene.holder(number),
            clock: { clock.now })
    }

    mutating func decision(_ principal: String, _ action: String, _ kind: String) -> Decision {
        number += 1
        seconds += 3
        return Decision(
            id: "d-\(number)", time: Timestamp(seconds: seconds), tenant: "acme",
            principal: Principal(id: principal, roles: ["staff"]),
            resource: Resource(kind: kind, id: "\(kind)-\(number % 3)", scope: "eu"), actions: [action],
            effect: .allow)
    }

    /// Ordinary decisions of three principals; `share` of the reporter's are reads of invoices, as the clerk's are.
    mutating func traffic(_ count: Int, share: (Int) -> Double) -> [Decision] {
        (0..<count).map { place in
            switch Int.random(in: 0..<3, using: &random) {
            case 0: return decision("clerk", Bool.random(using: &random) ? "read" : "update", "invoice")
            case 1: return decision("builder", "create", "build")
            default:
                let isInvoice = Double.random(in: 0..<1, using: &random) < share(place)
                return decision("reporter", "read", isInvoice ? "invoice" : "report")
            }
        }
    }

    func feed(_ decisions: [Decision], to service: DetectionService) async throws {
        for start in stride(from: 0, to: decisions.count, by: 250) {
            let entries = decisions[start..<min(decisions.count, start + 250)].map(Entry.init)
            _ = await service.observe(entries, try await store.insert(entries))
        }
    }

    /// A reporter that always read some invoices, too many to be among the strangest, and ends reading hardly anything
    /// else.
    mutating func drift(_ service: DetectionService) async throws {
        try await feed(traffic(3_000) { _ in 0.15 }, to: service)
        try await feed(traffic(900) { 0.15 + 0.82 * Double($0) / 900 }, to: service)
        try await feed(traffic(1_250) { _ in 0.97 }, to: service)
    }
}
