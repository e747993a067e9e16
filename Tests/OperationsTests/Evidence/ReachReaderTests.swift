import AnomalyDetection
import Decisions
import Testing
import VectorStores

@testable import Operations

@Suite struct ReachReaderTests {
    private static func make(
        _ id: String, _ principal: String, _ action: String, _ kind: String, _ resource: String,
        effect: Effect = .allow, ip: String? = nil, at seconds: Int64, tenant: String = "acme"
    ) -> Decision {
        EvidenceStore.decision(
            id, principal, action, kind, resource, effect: effect, ip: ip, at: seconds, tenant: tenant)
    }

    /// What was before, what the intruder did, who else was there, and another tenant.
    static let story: [Decision] = [
        make("o-1", "mallory", "get", "report", "r", ip: "10.0.0.1", at: 10),
        make("o-2", "vault-agent", "get", "secrets", "db", at: 3_600),
        make("o-3", "vault-agent", "get", "secrets", "db", at: 7_300),
        make("o-4", "ana", "get", "report", "r", ip: "203.0.113.7", at: 40),
        make("o-5", "ben", "get", "report", "r", ip: "203.0.113.7", at: 60),
        make("o-6", "ben", "get", "report", "r", ip: "203.0.113.7", at: 50),
        make("x-1", "mallory", "get", "secrets", "db", ip: "203.0.113.7", at: 20_000),
        make("x-2", "mallory", "get", "secrets", "jwt", ip: "203.0.113.7", at: 20_001),
        make("x-3", "mallory", "get", "secrets", "db", ip: "198.51.100.3", at: 20_002),
        make("x-4", "mallory", "delete", "report", "r", effect: .deny, ip: "203.0.113.7", at: 20_003),
        make("x-5", "mallory", "list", "report", "r", effect: .conditional, at: 20_004),
        make("g-1", "mallory", "get", "secrets", "db", ip: "203.0.113.7", at: 20_005, tenant: "globex"),
        make("g-2", "eve", "get", "report", "r", ip: "203.0.113.7", at: 20_006, tenant: "globex"),
    ]

    @Test(arguments: EvidenceStore.allCases)
    func `what they got since the first event is told, in their own tenant`(kind: EvidenceStore) async throws
    {
        let incident = EvidenceStore.incident(of: Self.story[6])
        try await kind.with(Self.story) { store in
            let reach = try await ReachReader(store: store).reach(of: incident)
            #expect((reach.allowed, reach.denied, reach.conditional) == (3, 1, 1))
            #expect(!reach.isCut && reach.since == incident.first)
            #expect(reach.actions.map(\.name) == ["get secrets"] && reach.actions[0].count == 3)
            #expect(reach.resources.map(\.name) == ["secrets/db", "secrets/jwt"])
            #expect(reach.resources.map(\.count) == [2, 1] && reach.resourceCount == 2)
            #expect(reach.addresses.map(\.name) == ["203.0.113.7", "198.51.100.3"])
            #expect(reach.others.map(\.principal) == ["ben", "ana"] && reach.otherCount == 2)
            #expect(reach.others[0].count == 2 && reach.others[0].last == Self.story[4].time)
            #expect(reach.lastSeen == Self.story[10].time)
            let day = try #require(reach.usualDay)
            #expect(day.resource == "secrets/db" && day.decisions == 2 && day.since == Self.story[1].time)
            let hour = Self.story[1].time.hourOfDay
            #expect(day.hours[hour] == 1 && day.hours[(hour + 1) % 24] == 1 && day.hours.reduce(0, +) == 2)
            #expect(reach.scanned > 0 && reach.elapsedMicroseconds > 0)
            // Each value's query finds its decisions.
            for value in reach.actions + reach.resources + reach.addresses {
                let query = try Query(parsing: value.query, now: Self.story[0].time)
                let found = try await store.search(SearchRequest(query: query, limit: 50)).results
                #expect(
                    found.count >= value.count && found.allSatisfy { $0.stored.decision.tenant == "acme" })
            }
        }
    }

    @Test func `of more rows than are looked at the newest are, and that is said`() async throws {
        let first = Self.make("x-0", "mallory", "get", "secrets", "db", ip: "10.0.0.9", at: 0)
        let rows = (1...IncidentReach.maximumRows + 40).map { number in
            Self.make(
                "x-\(number)", "mallory", "get", "secrets", "s-\(number)", ip: "10.0.0.9", at: Int64(number))
        }
        try await EvidenceStore.memory.with([first] + rows) { store in
            let reach = try await ReachReader(store: store).reach(of: EvidenceStore.incident(of: first))
            #expect(reach.isCut && reach.allowed == IncidentReach.maximumRows)
            #expect(reach.resources.count == IncidentReach.maximumListed)
            #expect(reach.resourceCount == IncidentReach.maximumRows)
            #expect(reach.lastSeen == rows.last?.time && reach.others.isEmpty)
            #expect(reach.usualDay == nil)
            #expect(reach.lines { $0 }[0].contains("of the newest 2,000"))
        }
    }

    @Test func `an incident of many principals is of those among its members`() async throws {
        let flagged = Self.story[6]
        let other = Self.make("y-1", "eve", "get", "secrets", "db", at: 20_010)
        let stranger = Self.make("y-2", "zoe", "get", "secrets", "db", at: 20_011)
        let incident = EvidenceStore.incident(
            of: flagged, members: [other], principal: IncidentBook.burstName)
        try await EvidenceStore.memory.with(Self.story + [other, stranger]) { store in
            let reach = try await ReachReader(store: store).reach(of: incident)
            #expect(reach.allowed == 4 && reach.lastSeen == other.time)
        }
    }

    @Test func `it is told as JSON and in sentences, and nothing where nothing is stored any more`()
        async throws
    {
        let incident = EvidenceStore.incident(of: Self.story[6])
        try await EvidenceStore.memory.with(Self.story) { store in
            let reach = try await ReachReader(store: store).reach(of: incident)
            let object = try #require(reach.json.object)
            #expect(object["allowed"]?.number == 3 && object["resource_count"]?.number == 2)
            #expect(object["last_seen"]?.text == reach.lastSeen?.description)
            let lines = reach.lines { "<\($0)>" }
            #expect(lines[0] == "since \(incident.first): 3 allowed, 1 denied, 1 conditional")
            #expect(lines[1] == "allowed: <get secrets> 3×")
            #expect(lines[4].hasPrefix("others from there: <ben> (last "))
            let markdown = IncidentMarkdown(incident, store: nil, reach: reach).text
            #expect(markdown.contains("## What they got\n\n- since "))
            #expect(markdown.contains("## What is new\n\n- stranger than the past by distance 100.0 %"))
            #expect(!IncidentMarkdown(incident, store: nil).text.contains("What they got"))
        }
        try await EvidenceStore.memory.with([]) { store in
            let reach = try await ReachReader(store: store).reach(of: incident)
            #expect(reach.lines { $0 } == ["nothing is stored of what they did since \(incident.first)"])
        }
    }
}
