import AnomalyDetection
import Decisions
import PostgresStore
import PostgresTesting
import Testing
import VectorStores

@testable import Operations

/// Drills and passes over a store that a server keeps, and what another process reads of them.
@Suite struct CareOnServerTests {
    /// Who only ever read reports, and reads invoices for the last hour.
    private static func changing() -> [Decision] {
        (0..<900).map { number in
            let isLate = number >= 600
            // The last hour begins with what is late.
            let secondsAgo = isLate ? Int64(900 - number) * 10 : 10_000 + Int64(600 - number) * 10
            return Decision(
                id: "d-\(number)", time: Timestamp(seconds: 1_700_000_000 - secondsAgo), tenant: "acme",
                principal: Principal(id: "reporter"),
                resource: Resource(kind: isLate ? "invoice" : "report", id: "r-\(number % 4)"),
                actions: ["read"], effect: .allow)
        }
    }

    private static func check(_ open: () throws -> any DecisionStore) async throws {
        let clock = HandClock(1_700_000_000)
        let store = try open()
        var rules = DetectionConfiguration()
        // Streaming flags nothing, so that what is found is the pass's.
        rules.detector.minimumScore = 1
        let detection = DetectionService(
            store: store, configuration: rules,
            holder: LeaseHolder(host: "test", processID: 1, session: "s"), clock: { clock.now })
        try await detection.start()
        _ = try await DecisionPipeline(store: store, detection: detection).accept(changing())
        let vectors = try await store.statistics().vectors
        let report = try #require(try await detection.pass())
        #expect(report.drifts == 1 && report.looked == 300 && report.principals == 1)
        let record = DrillRecord(
            sent: clock.now, outcome: .caught(seconds: 0.2), next: nil, session: "s")
        #expect(try await detection.writeDetecting([record.change()]))
        try await detection.close()
        try await store.finish()

        let reader = try open()
        let service = DetectionService(
            store: reader, configuration: rules,
            holder: LeaseHolder(host: "test", processID: 2, session: "t"), clock: { clock.now })
        try await service.start()
        let incidents = await service.snapshot().incidents
        #expect(incidents.count == 1 && incidents[0].isFoundByPass && incidents[0].key.kind == "invoice")
        #expect(try await service.pass()?.findings == 0)
        #expect(try await DetectionCare(of: reader).drill == record)
        #expect(try await reader.statistics().vectors == vectors)
        try await service.close()
        try await reader.finish()
    }

    @Test(arguments: PostgresVersion.allCases)
    func `on a server a pass finds a drift once, and another process reads the last drill`(
        version: PostgresVersion
    ) async throws {
        let database = try StoreDatabase(version)
        defer { database.drop() }
        try await Self.check({
            try PostgresStore.open(
                .postgres(database.address),
                options: StoreOptions(clock: { Timestamp(seconds: 1_700_000_000) }))
        })
    }
}
