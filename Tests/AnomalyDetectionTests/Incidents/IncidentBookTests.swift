import Decisions
import Testing

@testable import AnomalyDetection

@Suite struct IncidentBookTests {
    /// An anomaly at an hour and second after a fixed start.
    static func anomaly(
        _ principal: String = "svc-deploy", _ kind: String = "secrets", id: String, hour: Int64 = 0,
        second: Int64 = 0, tenant: String = "acme", effect: Effect = .allow, score: Double = 0.97,
        severity: Incident.Severity = .high, resource: String? = nil
    ) -> Anomaly {
        var decision = Decision(
            id: id, time: Timestamp(seconds: 1_767_600_000 + hour * 3_600 + second), tenant: tenant,
            principal: Principal(id: principal), resource: Resource(kind: kind, id: resource ?? id),
            actions: ["get"], effect: effect)
        decision.source.ip = "203.0.113.\(second % 40)"
        let scored = ScoredDecision(
            id: id, time: decision.time, tenant: tenant, score: score, state: .scored, anomalous: true,
            why: ["why of \(id)"], channels: ReasonsTests.channels)
        return Anomaly(decision: decision, scored: scored, severity: severity)
    }

    static let now = Timestamp(seconds: 1_800_000_000)

    @Test func `one story is one incident whatever its members touch`() throws {
        var book = IncidentBook()
        for number in 0..<27 {
            let anomaly = Self.anomaly(
                id: "d-\(number)", second: Int64(number), score: number == 9 ? 0.99 : 0.95,
                severity: number == 5 ? .critical : .high, resource: "db-\(number % 19)")
            let change = try added(book.add(anomaly, evidence: nil))
            #expect(change.isNew == (number == 0))
        }
        let incident = try #require(book.all.first)
        #expect(book.count == 1)
        #expect(incident.count == 27 && incident.members.count == 27)
        #expect(incident.members.first == "d-0" && incident.members.last == "d-26")
        #expect(incident.resourceCount == 19 && incident.resources.count == 19)
        #expect(incident.resources.first == "secrets/db-0")
        #expect(incident.actions == ["get"])
        #expect(incident.addresses.count == 16)
        #expect(incident.score == 0.99 && incident.why == ["why of d-9"])
        #expect(incident.severity == .critical)
        #expect(incident.last.seconds - incident.first.seconds == 26)
        #expect(incident.revision == 27)
    }

    @Test func `resources are counted as plain sets of them count, story by story`() throws {
        var book = IncidentBook()
        var random = SplitMix64(seed: 77)
        var touched: [String: Set<String>] = [:]
        for number in 0..<12_000 {
            let principal = "p-\(random.next() % 5)"
            // Some stories soon touch more than is counted, others never.
            let resource = "r-\(random.next() % (principal == "p-0" ? 3_000 : 40))"
            var anomaly = Self.anomaly(principal, id: "d-\(number)", second: 1, resource: resource)
            var change: IncidentBook.Change?
            if number % 3 == 0 || touched[principal] == nil {
                change = book.add(anomaly, evidence: nil)
            } else {
                anomaly.scored.anomalous = false
                change = book.continueStory(of: anomaly.decision, anomaly.scored)
            }
            touched[principal, default: []].insert(resource)
            let count = min(touched[principal]?.count ?? 0, Incident.maximumMembers)
            #expect(change?.incident.resourceCount == count)
        }
        #expect(book.count == 5 && touched["p-0"]?.count ?? 0 > Incident.maximumMembers)
    }

    @Test func `tenant, principal, kind and effect keep stories apart`() {
        var book = IncidentBook()
        let anomalies = [
            Self.anomaly(id: "1"), Self.anomaly("m.chen", id: "2"),
            Self.anomaly("svc-deploy", "pods", id: "3"),
            Self.anomaly(id: "4", tenant: "globex"), Self.anomaly(id: "5", effect: .deny),
        ]
        for anomaly in anomalies { _ = book.add(anomaly, evidence: nil) }
        #expect(book.count == 5)
        for incident in book.all {
            #expect(incident.members.count == 1)
            let member = anomalies.first { $0.scored.id == incident.members.first }
            #expect(member?.decision.tenant == incident.key.tenant)
        }
    }

    @Test func `members, resources and addresses are capped, the counts are not`() throws {
        var configuration = IncidentConfiguration()
        configuration.maximumResources = 3
        var book = IncidentBook(configuration: configuration)
        for number in 0..<1_100 {
            _ = book.add(Self.anomaly(id: "d-\(number)"), evidence: nil)
        }
        let incident = try #require(book.all.first)
        #expect(incident.count == 1_100)
        #expect(incident.members.count == Incident.maximumMembers)
        #expect(incident.resources.count == 3)
        #expect(incident.resourceCount >= 1_000)
    }

    @Test func `a new incident stays one story, an acknowledged one only within its window`() throws {
        var book = IncidentBook()
        let first = try added(book.add(Self.anomaly(id: "1"), evidence: nil)).incident.id
        let later = try added(book.add(Self.anomaly(id: "2", hour: 100), evidence: nil))
        #expect(later.incident.id == first && !later.isNew)
        _ = try book.setState(.acknowledged, of: first, by: "ops", at: Self.now)
        let within = try added(book.add(Self.anomaly(id: "3", hour: 123), evidence: nil))
        #expect(within.incident.id == first && within.incident.state == .acknowledged)
        let beyond = try added(book.add(Self.anomaly(id: "4", hour: 148), evidence: nil))
        #expect(beyond.incident.id != first && beyond.isNew && beyond.incident.state == .new)
        #expect(book.count == 2)
    }

    @Test func `a resolved incident that fires again within its window is reopened`() throws {
        var book = IncidentBook()
        let id = try added(book.add(Self.anomaly(id: "1"), evidence: nil)).incident.id
        _ = try book.setState(.resolved, of: id, by: "ops", at: Self.now)
        let again = try added(book.add(Self.anomaly(id: "2", hour: 23), evidence: nil))
        #expect(again.incident.id == id && again.incident.state == .reopened && again.isNew)
        _ = try book.setState(.resolved, of: id, by: "ops", at: Self.now)
        let fresh = try added(book.add(Self.anomaly(id: "3", hour: 60), evidence: nil))
        #expect(fresh.incident.id != id)
    }

    @Test func `acknowledging and taking it back are both kept in the history`() throws {
        var book = IncidentBook()
        let id = try added(book.add(Self.anomaly(id: "1"), evidence: nil)).incident.id
        let acknowledged = try book.setState(.acknowledged, of: id, by: "ana", at: Self.now)
        #expect(acknowledged.state == .acknowledged && acknowledged.revision == 2)
        let same = try book.setState(.acknowledged, of: id, by: "ana", at: Self.now)
        #expect(same == acknowledged)
        let undone = try book.undo(of: id, by: "ben", at: Self.now.advanced(bySeconds: 5))
        #expect(undone.state == .new)
        #expect(undone.history.map(\.who) == ["ana", "ben"])
        #expect(undone.history.map(\.to) == [.acknowledged, .new])
        #expect(book[id] == undone)
    }

    @Test func `what makes no sense is refused with what to do`() throws {
        var book = IncidentBook()
        let id = try added(book.add(Self.anomaly(id: "1"), evidence: nil)).incident.id
        #expect(throws: IncidentError.self) { try book.undo(of: id, by: "ana", at: Self.now) }
        #expect(throws: IncidentError.self) { try book.undo(of: "ZZZZ", by: "ana", at: Self.now) }
        #expect(throws: IncidentError.self) {
            try book.setState(.reopened, of: id, by: "ana", at: Self.now)
        }
        do {
            _ = try book.setState(.acknowledged, of: "ZZZZ", by: "ana", at: Self.now)
            Issue.record("an unknown incident was acknowledged")
        } catch {
            #expect(error.code == .unknown && error.description.contains("ZZZZ"))
        }
    }

    @Test func `a reopened incident can be acknowledged and that taken back`() throws {
        var book = IncidentBook()
        let id = try added(book.add(Self.anomaly(id: "1"), evidence: nil)).incident.id
        _ = try book.setState(.resolved, of: id, by: "ops", at: Self.now)
        _ = book.add(Self.anomaly(id: "2", hour: 1), evidence: nil)
        _ = try book.setState(.acknowledged, of: id, by: "ops", at: Self.now)
        let undone = try book.undo(of: id, by: "ops", at: Self.now).state
        #expect(undone == .reopened)
    }

    @Test func `the history keeps the newest entries`() throws {
        var configuration = IncidentConfiguration()
        configuration.maximumHistory = 4
        var book = IncidentBook(configuration: configuration)
        let id = try added(book.add(Self.anomaly(id: "1"), evidence: nil)).incident.id
        for round in 0..<10 {
            _ = try book.setState(
                round % 2 == 0 ? .acknowledged : .new, of: id, by: "ana",
                at: Self.now.advanced(bySeconds: Int64(round)))
        }
        let history = try #require(book[id]).history
        #expect(history.map { $0.time.seconds - Self.now.seconds } == [6, 7, 8, 9])
    }

    @Test func `a principal that opens too many in an hour fills one burst`() throws {
        var book = IncidentBook()
        for number in 0..<30 {
            _ = book.add(Self.anomaly("svc", "kind-\(number)", id: "d-\(number)"), evidence: nil)
        }
        #expect(book.count == 11)
        let burst = try #require(book.all.first { $0.key.kind == IncidentBook.burstName })
        #expect(burst.count == 20 && burst.key.principal == "svc")
        let nextHour = book.add(Self.anomaly("svc", "other", id: "x", hour: 2), evidence: nil)
        #expect(nextHour?.incident.key.kind == "other")
    }

    @Test func `a tenant flooded by many principals fills one burst`() throws {
        var configuration = IncidentConfiguration()
        configuration.maximumOpenedPerTenant = 20
        var book = IncidentBook(configuration: configuration)
        for number in 0..<300 {
            _ = book.add(Self.anomaly("p-\(number)", id: "d-\(number)"), evidence: nil)
        }
        #expect(book.count == 21)
        let burst = try #require(book.all.first { $0.key.principal == IncidentBook.burstName })
        #expect(burst.count == 280)
        let other = book.add(Self.anomaly(id: "o", tenant: "globex"), evidence: nil)
        #expect(other?.incident.key.principal == "svc-deploy")
    }

    @Test func `of too many incidents the resolved go first, then the oldest of the least severe`() throws {
        var configuration = IncidentConfiguration()
        configuration.maximumIncidents = 3
        var book = IncidentBook(configuration: configuration)
        var ids: [String] = []
        for (number, severity) in [Incident.Severity.high, .low, .critical].enumerated() {
            let change = book.add(
                Self.anomaly("p-\(number)", id: "\(number)", second: Int64(number), severity: severity),
                evidence: nil)
            ids.append(try #require(change).incident.id)
        }
        _ = try book.setState(.resolved, of: ids[2], by: "ops", at: Self.now)
        let fourth = try added(book.add(Self.anomaly("p-4", id: "4"), evidence: nil))
        #expect(fourth.removed == [ids[2]])
        let fifth = try added(book.add(Self.anomaly("p-5", id: "5"), evidence: nil))
        #expect(fifth.removed == [ids[1]])
        #expect(book.count == 3)
    }

    @Test func `what follows an anomaly in the same story joins it, unflagged`() throws {
        var book = IncidentBook()
        let first = Self.anomaly(id: "1", severity: .high)
        let id = try added(book.add(first, evidence: nil)).incident.id
        for number in 2...27 {
            var next = Self.anomaly(id: "\(number)", second: Int64(number), score: 0.7)
            next.scored.anomalous = false
            let change = book.continueStory(of: next.decision, next.scored)
            #expect(change?.incident.id == id && change?.isNew == false)
        }
        let incident = try #require(book[id])
        #expect(incident.count == 27 && incident.members.count == 27 && incident.resourceCount == 27)
        #expect(incident.score == first.scored.score && incident.why == first.scored.why)
        #expect(incident.severity == .critical)
    }

    @Test func `later, resolved and other stories are not gone on with`() throws {
        var book = IncidentBook()
        let id = try added(book.add(Self.anomaly(id: "1"), evidence: nil)).incident.id
        let later = Self.anomaly(id: "2", second: 3_601)
        let other = Self.anomaly("m.chen", id: "3")
        let same = Self.anomaly(id: "4")
        let lateChange = book.continueStory(of: later.decision, later.scored)
        let otherChange = book.continueStory(of: other.decision, other.scored)
        _ = try book.setState(.resolved, of: id, by: "ops", at: Self.now)
        let resolvedChange = book.continueStory(of: same.decision, same.scored)
        #expect(lateChange == nil && otherChange == nil && resolvedChange == nil)
        #expect(book[id]?.count == 1)
    }

    @Test func `many members make an incident worse once, harmless ones never`() throws {
        for (severity, expected) in [(Incident.Severity.low, Incident.Severity.low), (.medium, .high)] {
            var book = IncidentBook()
            for number in 0..<40 {
                _ = book.add(Self.anomaly(id: "\(number)", severity: severity), evidence: nil)
            }
            #expect(book.all.first?.severity == expected)
        }
        var book = IncidentBook()
        for number in 0..<40 { _ = book.add(Self.anomaly(id: "\(number)", effect: .deny), evidence: nil) }
        #expect(book.all.first?.severity == .high)
        #expect(Incident.Severity.low.raised == .medium && Incident.Severity.critical.raised == .critical)
    }

    @Test func `evidence is wanted for a new incident and for its strangest member`() throws {
        var book = IncidentBook()
        let first = Self.anomaly(id: "1", score: 0.96)
        #expect(book.placement(of: first).wantsEvidence)
        var evidence = Evidence(decision: first.decision, channels: first.scored.channels)
        evidence.counters = ["first"]
        _ = book.add(first, evidence: evidence)
        #expect(!book.placement(of: Self.anomaly(id: "2", score: 0.95)).wantsEvidence)
        let strangest = Self.anomaly(id: "3", score: 0.98)
        #expect(book.placement(of: strangest).wantsEvidence)
        let change = try added(book.add(strangest, evidence: nil))
        #expect(change.incident.evidence.counters == ["first"])
    }

    @Test func `the newest activity comes first`() {
        var book = IncidentBook()
        for number in 0..<5 {
            _ = book.add(
                Self.anomaly("p-\(number)", id: "\(number)", second: Int64((number * 3) % 5)), evidence: nil)
        }
        let times = book.all.map(\.last)
        #expect(times == times.sorted(by: >))
    }
}

@Suite struct IncidentIdentifierTests {
    static let key = Incident.Key(tenant: "acme", principal: "svc", kind: "secrets", effect: .allow)

    @Test func `names are four characters, the same each time, and easy to tell apart`() throws {
        var seen: Set<String> = []
        for number in 0..<500 {
            let id = try #require(
                IncidentIdentifier.identifier(for: Self.key, member: "d-\(number)", isTaken: { _ in false }))
            let again = IncidentIdentifier.identifier(
                for: Self.key, member: "d-\(number)", isTaken: { _ in false })
            #expect(id == again && id.count == 4)
            #expect(id.allSatisfy { IncidentIdentifier.alphabet.contains($0) && !"01OILUV".contains($0) })
            seen.insert(id)
        }
        #expect(seen.count > 490)
    }

    @Test func `a taken name grows, and none is given when all are taken`() throws {
        let short = try #require(
            IncidentIdentifier.identifier(for: Self.key, member: "d", isTaken: { _ in false }))
        let longer = IncidentIdentifier.identifier(for: Self.key, member: "d", isTaken: { $0 == short })
        #expect(longer?.count == 5 && longer?.hasPrefix(short) == true)
        #expect(IncidentIdentifier.identifier(for: Self.key, member: "d", isTaken: { _ in true }) == nil)
    }

    @Test func `the hash is the published one`() {
        var hash = FNV1a()
        #expect(hash.value == 0xcbf2_9ce4_8422_2325)
        hash.add("")
        let expected: UInt64 = (0xcbf2_9ce4_8422_2325 ^ 0xff) &* 0x100_0000_01b3
        #expect(hash.value == expected)
    }
}

@Suite struct OpeningCountsTests {
    @Test func `of too many counts those of the oldest hours go`() {
        var counts = OpeningCounts()
        for hour in 0..<Int64(OpeningCounts.maximumKept) {
            counts.add("acme", "p", hour)
        }
        #expect(counts.count("acme", "p", 0) == 0)
        #expect(counts.count("acme", "p", Int64(OpeningCounts.maximumKept - 1)) == 1)
        #expect(OpeningCounts.hour(of: Timestamp(seconds: -1)) == -1)
        #expect(OpeningCounts.hour(of: Timestamp(seconds: 7_200)) == 2)
    }
}
