import AnomalyDetection
import Decisions
import Operations
import TerminalUI
import Testing
import VectorStores

@testable import Console

@Suite struct InboxTests {
    @Test func `what waits for a person comes first, the worst on top`() {
        let console = Harness(.anomalies)
        #expect(console.state.inbox.map(\.id) == ["K7F2", "J3QT", "M8XC", "R6NB", "P4WZ"])
    }

    @Test func `the selection stays on its incident when rows move`() {
        var console = Harness(.anomalies)
        console.press("Down")
        #expect(console.state.selectedIncident?.id == "J3QT")
        var later = Fixture.snapshot()
        later.incidents.insert(Fixture.incident("AAAA", "new", "secrets", .critical, secondsAgo: 1), at: 0)
        console.take(.snapshot(later))
        #expect(console.state.selectedIncident?.id == "J3QT")
        #expect(console.state.anomalies.cursor.index == 2)
        later.incidents.removeAll { $0.id == "J3QT" }
        console.take(.snapshot(later))
        #expect(console.state.selectedIncident?.id == "M8XC")
    }

    @Test func `selection follows identity under any refresh`() {
        var random = SystemlessRandom(seed: 11)
        var console = Harness(.anomalies)
        for round in 0..<200 {
            console.press(random.next() % 2 == 0 ? "Down" : "Up")
            let chosen = console.state.selectedIncident?.id
            var later = Fixture.snapshot()
            later.incidents.shuffle(using: &random)
            for index in later.incidents.indices {
                later.incidents[index].last = Fixture.now.advanced(bySeconds: -Int64(random.next() % 5_000))
            }
            later.incidents.append(
                Fixture.incident(
                    "N\(round)", "new", "secrets", .critical, secondsAgo: Int64(random.next() % 90)))
            console.take(.snapshot(later))
            if chosen?.hasPrefix("N") == false { #expect(console.state.selectedIncident?.id == chosen) }
        }
    }

    @Test func `acknowledging shows at once and u takes it back`() {
        var console = Harness(.anomalies)
        #expect(
            console.press("a")
                == [
                    .ask(
                        .triage(TriageOrder(.act(.acknowledge), incidents: ["K7F2"]), by: nil),
                        RequestTicket(kind: .triage, generation: 1))
                ])
        #expect(console.state.incidents.first { $0.id == "K7F2" }?.state == .acknowledged)
        #expect(console.state.notice?.text == "K7F2 acknowledged · u undoes")
        console.press("Up")
        #expect(console.press("a").isEmpty)
        #expect(
            console.press("u")
                == [
                    .ask(
                        .triage(TriageOrder(.undo, incidents: ["K7F2"]), by: nil),
                        RequestTicket(kind: .triage, generation: 2))
                ])
        #expect(console.state.selectedIncident?.state == .new)
        #expect(console.press("u").isEmpty)
        #expect(console.state.notice?.text.contains("nothing to take back") == true)
    }

    @Test func `an older picture does not undo what triage answered`() {
        var console = Harness(.anomalies)
        console.press("a")
        var answered = Fixture.incidents[0]
        answered.state = .acknowledged
        answered.revision = 5
        console.answer(.triaged(TriageOutcome(incidents: [answered])), .triage)
        console.take(.snapshot(Fixture.snapshot()))
        #expect(console.state.incidents.first { $0.id == "K7F2" }?.state == .acknowledged)
        var caughtUp = Fixture.snapshot()
        caughtUp.incidents[0].revision = 6
        console.take(.snapshot(caughtUp))
        #expect(console.state.incidents.first { $0.id == "K7F2" }?.state == .new)
        #expect(console.state.triaged.isEmpty)
    }

    @Test func `a refused acknowledgement is taken back on the screen`() {
        var console = Harness(.anomalies)
        console.press("a")
        console.answer(.failed("somebody else changed it"), .triage)
        #expect(console.state.incidents.first { $0.id == "K7F2" }?.state == .new)
        #expect(console.state.undo.isEmpty)
    }

    @Test(arguments: [
        ("ortiz", ["J3QT"]), ("severity:critical", ["K7F2"]), ("state:resolved", ["P4WZ"]),
        ("score>0.9 tenant:globex", ["J3QT"]), ("principal:m.chen or kind:role", ["M8XC", "R6NB"]),
        ("not tenant:acme", ["J3QT"]), ("count>=14", ["K7F2", "J3QT"]), ("ip:203.0.113.7", ["K7F2"]),
        ("effect:deny", ["J3QT"]), ("resource~secrets", ["K7F2"]), ("action:get id:K7F2", ["K7F2"]),
        ("time<2026-03-02T00:00:00Z", ["P4WZ"]), ("tenant:", ["K7F2", "J3QT", "M8XC", "R6NB", "P4WZ"]),
        ("zebra:1", []),
    ])
    func `the filter takes words and queries`(_ text: String, _ ids: [String]) {
        let filter = IncidentFilter(text, now: Fixture.now)
        #expect(Fixture.incidents.filter { filter.matches($0) }.map(\.id) == ids)
    }

    @Test func `filtering is typed in place; Enter keeps, Esc clears`() {
        var console = Harness(.anomalies)
        console.press("/ o r t i z")
        #expect(console.state.inbox.count == 1)
        console.press("Enter")
        #expect(console.state.anomalies.isFiltering == false)
        #expect(console.state.inbox.count == 1)
        console.press("Escape")
        #expect(console.state.inbox.count == 5)
        console.press("/ z z z")
        #expect(console.picture.contains("no incident matches"))
        console.press("Escape")
        #expect(console.state.anomalies.filter.text.isEmpty)
    }

    @Test func `s goes through the orders`() {
        var console = Harness(.anomalies)
        var orders: [AnomaliesState.Order] = []
        for _ in 0..<4 {
            console.press("s")
            orders.append(console.state.anomalies.order)
        }
        #expect(orders == [.newest, .count, .tenant, .severity])
        console.press("s s s")
        #expect(console.state.inbox.last?.key.tenant == "globex")
    }

    @Test func `Enter leads to evidence and members`() {
        var console = Harness(.anomalies, width: 80, height: 24)
        console.press("Enter")
        #expect(console.picture.contains("CRITICAL"))
        #expect(console.picture.contains("NEAREST"))
        console.press("Down Down G Home")
        console.press("Enter")
        #expect(console.questions.last?.0 == .members(ids: ["d-K7F2"], tenant: "acme"))
        #expect(console.picture.contains("asking for the members"))
        console.answer(
            .members([Fixture.stored(Fixture.decision("d-K7F2", "svc-deploy", "get", "secrets", "db"))]),
            .members)
        #expect(console.state.selectedMember?.storedID == "d-K7F2")
        console.press("Down y Escape Enter")
        #expect(console.state.anomalies.members != nil)
    }

    @Test func `an incident named at the start is opened`() {
        let console = Harness(width: 80, height: 24, incident: "J3QT")
        #expect(console.picture.contains("j.ortiz"))
        #expect(console.state.anomalies.page == .evidence)
    }

    @Test func `an incident named at the start is waited for until the store is read`() {
        var console = Harness(width: 80, height: 24, snapshot: ConsoleSnapshot(), incident: "J3QT")
        #expect(console.state.notice == nil)
        console.take(.snapshot(Fixture.snapshot()))
        #expect(console.state.notice?.text.contains("J3QT") != true)
        #expect(console.state.anomalies.cursor.selected == "J3QT")
        #expect(console.state.anomalies.page == .evidence)
    }

    @Test func `an incident named at the start that is none is told once`() {
        var console = Harness(width: 80, height: 24, snapshot: ConsoleSnapshot(), incident: "NOPE")
        console.take(.snapshot(Fixture.snapshot()))
        #expect(console.state.notice?.text == "no incident NOPE")
        #expect(console.state.view == .anomalies)
        console.take(.tick(now: Fixture.now, milliseconds: 60_000))
        console.take(.snapshot(Fixture.snapshot()))
        #expect(console.state.notice == nil)
    }

    @Test func `copying gives text and JSON, and a file of each`() throws {
        var console = Harness(.anomalies)
        guard case .copy(let text) = try #require(console.press("y").first) else {
            Issue.record("nothing was copied")
            return
        }
        #expect(text.hasPrefix("▲ CRITICAL  K7F2"))
        guard case .copy(let json) = try #require(console.press("Y").first) else {
            Issue.record("nothing was copied")
            return
        }
        let object = try #require(try JSONParser().parse(json).object)
        #expect(object["id"] == .string("K7F2"))
        #expect(object["nearest"]?.object?["similarity"]?.number == 0.46)
        #expect(console.questions.map(\.1.kind) == [.export, .export])
        console.press("Down Down Y")
        #expect(
            console.requests.contains {
                if case .copy(let text) = $0 { text.contains("\"nearest\":null") } else { false }
            })
    }

    @Test func `quiet is not called well while a source is silent`() {
        var snapshot = Fixture.snapshot()
        snapshot.incidents = []
        var lost = snapshot
        lost.connection = .lost(since: Fixture.now, retry: Fixture.now, reason: "no such directory")
        #expect(Harness(.anomalies, snapshot: lost).picture.contains("the store does not answer: no such"))
        #expect(!Harness(.anomalies, snapshot: lost).picture.contains("all is well"))
        snapshot.sources[0].state = .silent
        #expect(Harness(.anomalies, snapshot: snapshot).picture.contains("not heard: live traffic"))
        snapshot.sources[0].state = .following
        for tenant in snapshot.tenants {
            snapshot.learning[tenant.id] = LearningProgress(seen: 812, needed: 1_000)
        }
        #expect(Harness(.anomalies, snapshot: snapshot).picture.contains("812 of 1,000"))
        snapshot.learning = ["acme": LearningProgress(seen: 812, needed: 1_000)]
        #expect(Harness(.anomalies, snapshot: snapshot).picture.contains("1 tenant still learning"))
    }

    @Test func `quiet is well only where something was read and is followed`() {
        var empty = ConsoleSnapshot()
        empty.wallTime = Fixture.now
        let picture = Harness(.anomalies, width: 80, height: 24, snapshot: empty).picture
        #expect(picture.contains("nothing was read yet"))
        #expect(picture.contains("1 offers how to begin"))
        var still = Fixture.snapshot()
        still.incidents = []
        still.sources = [SourceSummary(id: "audit.jsonl", state: .done, accepted: 16_474)]
        let old = Harness(.anomalies, width: 80, height: 24, snapshot: still).picture
        #expect(old.contains("nothing is followed: this is as of 14:02:31"))
        for claim in ["all is well", "✓ all", "every source is heard"] {
            #expect(!picture.contains(claim) && !old.contains(claim))
        }
        var narrowed = Harness(.anomalies, width: 80, height: 24)
        narrowed.press("t u m b Enter")
        #expect(narrowed.picture.contains("all is well"))
        still.incidents = Fixture.incidents
        narrowed = Harness(.anomalies, width: 80, height: 24, snapshot: still)
        narrowed.press("t u m b Enter")
        #expect(narrowed.picture.contains("nothing is followed: this is as of"))
    }

    @Test func `forty columns hold the reason and the age too`() {
        let picture = Harness(.anomalies, width: 40, height: 10).picture
        #expect(picture.contains("first time o"))
        #expect(picture.contains("33 s"))
    }

    @Test func `an age of three digits is whole and stands off the frame`() {
        var snapshot = Fixture.snapshot()
        for index in snapshot.incidents.indices {
            snapshot.incidents[index].last = Fixture.now.advanced(bySeconds: -300 * 86_400)
        }
        for width in [80, 110, 140] {
            #expect(
                Harness(.anomalies, width: width, height: 30, snapshot: snapshot).picture.contains(" 300 d │")
            )
        }
    }
}

/// A small seeded generator (splitmix64), so that tests repeat.
struct SystemlessRandom: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
