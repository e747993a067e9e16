import AnomalyDetection
import Decisions
import Testing
import VectorStores

@testable import Operations

@Suite struct HuntReaderTests {
    static func make(
        _ id: String, _ principal: String, _ resource: String, at seconds: Int64, tenant: String = "acme",
        effect: Effect = .allow
    ) -> Decision {
        EvidenceStore.decision(
            id, principal, "get", "secrets", resource, effect: effect, ip: "10.0.0.\(seconds % 200)",
            at: seconds, tenant: tenant)
    }

    /// One who does it all day, two who did it once, one in another tenant, and many who do something else.
    static let past: [Decision] =
        (0..<300).map { make("v-\($0)", "vault-agent", "db-\($0 % 7)", at: Int64($0)) }
        + [
            make("a-1", "ana", "db-1", at: 400), make("e-1", "eve", "jwt", at: 500),
            make("e-2", "eve", "jwt", at: 900), make("z-1", "zoe", "db-1", at: 600, effect: .deny),
            make("g-1", "mallory", "db-1", at: 700, tenant: "globex"),
        ]
        + (0..<200).map {
            EvidenceStore.decision(
                "o-\($0)", "user-\($0 % 9)", "read", "invoice", "i-\($0 % 40)", at: Int64($0))
        }

    static let own = make("m-1", "mallory", "db-3", at: 1_000)

    @Test(arguments: EvidenceStore.allCases)
    func `everybody else who did it is found, however often somebody did`(kind: EvidenceStore) async throws {
        try await kind.with(Self.past + [Self.own]) { store in
            let report = try await HuntReader(store: store).hunt(HuntQuestion(decision: Self.own))
            let found = report.finds.map { "\($0.tenant)/\($0.principal)" }
            #expect(Set(found) == ["acme/vault-agent", "acme/ana", "acme/eve", "globex/mallory"])
            #expect(found.count == 4 && report.isExact && !report.isCut)
            let often = try #require(report.finds.first { $0.principal == "vault-agent" })
            #expect(
                often.count == 300 && often.last == Self.past[299].time && often.first == Self.past[0].time)
            let eve = try #require(report.finds.first { $0.principal == "eve" })
            #expect(eve.count == 2 && eve.similarity < often.similarity && eve.last == Self.past[302].time)
            #expect(report.searches >= 3 && report.scanned > 0)
        }
    }

    @Test(arguments: EvidenceStore.allCases)
    func `in one tenant nothing of another is told`(kind: EvidenceStore) async throws {
        try await kind.with(Self.past + [Self.own]) { store in
            let question = HuntQuestion(decision: Self.own, tenant: "acme")
            let report = try await HuntReader(store: store).hunt(question)
            #expect(report.finds.allSatisfy { $0.tenant == "acme" } && report.finds.count == 3)
            let other = HuntQuestion(decision: Self.own, tenant: "globex")
            #expect(try await HuntReader(store: store).hunt(other).finds.map(\.principal) == ["mallory"])
        }
    }

    @Test func `where nobody else did it everything was compared before that is said`() async throws {
        try await EvidenceStore.memory.with(Array(Self.past.suffix(200)) + [Self.own]) { store in
            let report = try await HuntReader(store: store).hunt(HuntQuestion(decision: Self.own))
            #expect(report.finds.isEmpty && report.isExact && report.searches <= 2)
        }
    }

    @Test func `more than are told are cut, in a bounded number of searches`() async throws {
        let crowd = (0..<400).map { Self.make("c-\($0)", "p-\($0)", "db", at: Int64($0)) }
        try await EvidenceStore.memory.with(crowd + [Self.own]) { store in
            let report = try await HuntReader(store: store).hunt(HuntQuestion(decision: Self.own))
            #expect(report.finds.count == HuntReport.maximumFinds && report.isCut)
            #expect(report.searches <= HuntReader.maximumSearches + 1)
        }
    }

    @Test(arguments: EvidenceStore.allCases)
    func `a live hunt survives in the store, and counts what comes`(kind: EvidenceStore) async throws {
        try await kind.with([]) { store in
            func service(_ number: Int) -> DetectionService {
                DetectionService(
                    store: store, holder: LeaseHolder(host: "h", processID: number, session: "s"),
                    clock: { Timestamp(seconds: 1_700_100_000) }, isGone: { _ in true })
            }
            let first = service(1)
            try await first.start()
            let saved = try await first.perform(.save(Self.own, incident: "K7F2"), by: "ana")
            let pipeline = DecisionPipeline(store: store, detection: first)
            _ = try await pipeline.accept([Self.own, Self.past[300], Self.past[304], Self.past[305]])
            try await first.close()
            let live = try await Hunt.live(of: store)
            #expect(live.map(\.hunt) == [saved.hunt] && live[0].tally.hits == 2)
            #expect(live[0].tally.recent.map(\.principal) == ["mallory", "ana"])
            let second = service(2)
            try await second.start()
            _ = try await DecisionPipeline(store: store, detection: second).accept([Self.past[301]])
            try await second.heartbeat()
            #expect(try await Hunt.live(of: store)[0].tally.hits == 3)
            #expect(await second.snapshot().incidents.contains { $0.signal?.kind == .huntHit })
            try await second.close()
        }
    }
}
