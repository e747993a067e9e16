import Decisions
import Locks
import VectorStores

@testable import AnomalyDetection

/// A store, a clock and processes that watch the store.
struct ServiceScene {
    let store = PlainStore()
    let clock = Clock()
    let gone = Gone()
    var traffic = Traffic(seed: 1)
    var configuration: DetectionConfiguration

    /// The processes that ended.
    final class Gone: Sendable {
        private let holders = Mutex<Set<LeaseHolder>>([])

        func insert(_ holder: LeaseHolder) { holders.withLock { _ = $0.insert(holder) } }
        func contains(_ holder: LeaseHolder) -> Bool { holders.withLock { $0.contains(holder) } }
    }

    init() {
        configuration = DetectionConfiguration()
        // Comparing plainly with every row is slow: learn from less.
        configuration.detector.warmUpDecisions = 150
    }

    static func holder(_ number: Int) -> LeaseHolder {
        LeaseHolder(host: "host", processID: number, session: "s\(number)")
    }

    func service(_ number: Int = 1) -> DetectionService {
        let clock = clock
        let gone = gone
        return DetectionService(
            store: store, configuration: configuration, holder: Self.holder(number),
            clock: { clock.now }, isGone: { gone.contains($0) })
    }

    /// Inserts decisions and lets a service watch.
    @discardableResult
    func feed(
        _ decisions: [Decision], to service: DetectionService
    ) async throws -> DetectionService.Observation {
        let entries = decisions.map(Entry.init)
        return await service.observe(entries, try await store.insert(entries))
    }

    /// Feeds ordinary traffic past the warm-up.
    mutating func train(_ service: DetectionService, _ count: Int = 200) async throws {
        try await feed(traffic.next(count), to: service)
    }

    /// A process that takes over from the first one, which ended without a word.
    func restarted() async throws -> DetectionService {
        gone.insert(Self.holder(1))
        let next = service(2)
        try await next.start()
        return next
    }

    /// What nobody did before.
    mutating func attack(_ count: Int = 1) -> [Decision] {
        (0..<count).map { traffic.make("svc-deploy", "get", "secrets", id: "db-\($0)") }
    }
}
