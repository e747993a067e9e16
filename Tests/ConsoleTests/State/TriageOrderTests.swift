import AnomalyDetection
import Decisions
import Operations
import TerminalUI
import Testing
import VectorStores

@testable import Console

/// What stands still while a person works, and what moves.
@Suite struct TriageOrderTests {
    private func later(_ id: String, _ severity: Incident.Severity, secondsAgo: Int64 = 1) -> ConsoleSnapshot
    {
        var snapshot = Fixture.snapshot()
        snapshot.incidents.insert(
            Fixture.incident(id, "new", "secrets", severity, secondsAgo: secondsAgo), at: 0)
        return snapshot
    }

    @Test func `the worst incident is at hand until a person chooses another`() {
        var console = Harness()
        console.take(.snapshot(later("AAAA", .critical)))
        console.press("3")
        #expect(console.state.selectedIncident?.id == "AAAA")
        console.press("Down Up")
        var newer = later("BBBB", .critical)
        newer.incidents += later("AAAA", .critical).incidents.filter { $0.id == "AAAA" }
        console.take(.snapshot(newer))
        #expect(console.state.selectedIncident?.id == "AAAA")
    }

    @Test func `health and tenants begin at their first row too`() {
        var console = Harness(.health)
        var snapshot = Fixture.snapshot()
        snapshot.health.insert(
            HealthCheck(name: "journal", status: .failed, since: Fixture.now, detail: "cannot write"), at: 0)
        snapshot.tenants[4].statistics.vectors = 1_000_000
        console.take(.snapshot(snapshot))
        #expect(console.state.selectedHealthRow?.id == "check journal")
        #expect(console.state.selectedTenant?.id == "")
    }

    @Test func `an acknowledgement leads to the next incident and leaves the rows where they are`() {
        var console = Harness(.anomalies)
        console.press("Down a")
        #expect(console.state.inbox.map(\.id) == ["K7F2", "J3QT", "M8XC", "R6NB", "P4WZ"])
        #expect(console.state.selectedIncident?.id == "M8XC")
        console.press("a")
        #expect(console.state.selectedIncident?.id == "K7F2")
        console.press("a")
        #expect(console.state.openIncidentCount == 0)
        #expect(console.state.selectedIncident?.id == "K7F2")
        console.press("u")
        #expect(console.state.selectedIncident?.id == "K7F2")
    }

    @Test func `new incidents come on top while a person works; s and leaving sort all`() {
        var console = Harness(.anomalies)
        console.press("Down a")
        console.take(.snapshot(later("AAAA", .low)))
        #expect(console.state.inbox.map(\.id) == ["AAAA", "K7F2", "J3QT", "M8XC", "R6NB", "P4WZ"])
        var sorted = console
        sorted.press("s s s s")
        #expect(sorted.state.inbox.map(\.id) == ["K7F2", "AAAA", "M8XC", "J3QT", "R6NB", "P4WZ"])
        console.press("4 3")
        #expect(console.state.inbox.map(\.id) == ["K7F2", "AAAA", "M8XC", "J3QT", "R6NB", "P4WZ"])
    }

    @Test func `on the page of evidence the incident stays at hand`() {
        var console = Harness(.anomalies, width: 80, height: 24)
        console.press("Enter a")
        #expect(console.state.selectedIncident?.id == "K7F2")
        #expect(console.state.anomalies.page == .evidence)
    }

    @Test func `two incidents that go on do not change places`() {
        var console = Harness()
        #expect(console.state.newestIncidents.map(\.id) == ["K7F2", "J3QT", "M8XC", "R6NB"])
        var snapshot = Fixture.snapshot()
        snapshot.incidents[1].severity = .critical
        snapshot.incidents[1].last = Fixture.now
        console.take(.snapshot(snapshot))
        let first = console.state.newestIncidents.map(\.id)
        snapshot.incidents[0].last = Fixture.now.advanced(bySeconds: 1)
        console.take(.snapshot(snapshot))
        #expect(console.state.newestIncidents.map(\.id) == first)
    }

    @Test func `the overview shows the incident that Enter and m are about`() {
        var console = Harness(width: 80, height: 24)
        #expect(console.picture.contains("▸ ▲ critical"))
        console.press("Down")
        #expect(console.picture.contains("▸ ▲ high"))
        console.press("m")
        #expect(console.state.search.like?.id == "d-J3QT")
        console.press("Escape Enter")
        #expect(console.state.view == .anomalies && console.state.anomalies.page == .evidence)
        #expect(console.state.selectedIncident?.id == "J3QT")
        console.press("1 Tab m")
        #expect(console.state.view == .overview)
        #expect(console.state.notice?.text.contains("choose an incident first") == true)
        console.press("BTab G Down")
        #expect(console.state.overview.focus == .search)
    }

    @Test func `a burst is named for how many it is about`() {
        var snapshot = Fixture.snapshot()
        snapshot.incidents = [
            Fixture.incident("PC78", IncidentBook.burstName, IncidentBook.burstName, .critical, secondsAgo: 5)
        ]
        snapshot.incidents[0].members = ["d-0", "d-1", "d-2"]
        var console = Harness(.anomalies, width: 80, height: 24, snapshot: snapshot)
        #expect(console.picture.contains("(many)"))
        console.press("Enter")
        #expect(console.picture.contains("many principals"))
        console.answer(
            .members(
                ["ada", "ben", "ada"].enumerated().map { index, name in
                    Fixture.stored(Fixture.decision("d-\(index)", name, "get", "pods", "p"))
                }), .members)
        #expect(console.picture.contains("2 principals"))
        #expect(console.picture.contains("WHO      ada, ben"))
        let lines = console.picture.split(separator: "\n")
        let why = lines.firstIndex { $0.hasPrefix("WHY") } ?? .max
        #expect(why < lines.firstIndex { $0.hasPrefix("WHO") } ?? 0)
        #expect(!console.picture.contains("DAY"))
        #expect(console.press("Enter").isEmpty)
        #expect(console.picture.contains("principal"))
    }

    @Test func `many names take two lines of the evidence, also when it is opened from the overview`() {
        var snapshot = Fixture.snapshot()
        snapshot.incidents = [
            Fixture.incident("PC78", IncidentBook.burstName, IncidentBook.burstName, .critical, secondsAgo: 5)
        ]
        snapshot.incidents[0].members = (0..<40).map { "d-\($0)" }
        var console = Harness(width: 80, height: 24, snapshot: snapshot)
        console.press("Enter")
        #expect(console.questions.contains { $0.1.kind == .members })
        console.answer(
            .members(
                (0..<40).map {
                    Fixture.stored(Fixture.decision("d-\($0)", "a-long-principal-\($0)", "get", "pods", "p"))
                }), .members)
        let lines = console.picture.split(separator: "\n")
        #expect(console.picture.contains("40 principals"))
        #expect(lines.count { $0.contains("a-long-principal") } <= 3)
        #expect(console.picture.contains("SCORE"))
    }

    @Test func `a filter that cannot be read shows a caret and hides nothing`() {
        var console = Harness(.anomalies)
        console.press("/ t e n a n t :")
        #expect(console.picture.contains("expected"))
        #expect(console.picture.contains("^"))
        #expect(console.state.inbox.count == 5)
        console.press("a c m e")
        #expect(!console.picture.contains("expected"))
        #expect(console.picture.contains("4 of 5"))
    }

    @Test func `members tell the date and the source only where they differ or are known`() {
        func decision(_ id: String, secondsAgo: Int64, address: String?) -> StoredDecision {
            var decision = Fixture.decision(
                id, "svc-deploy", "get", "secrets", "a-rather-long", secondsAgo: secondsAgo)
            decision.source.ip = address
            return Fixture.stored(decision)
        }
        var console = Harness(.anomalies, width: 80, height: 24)
        console.press("Enter Enter")
        console.answer(.members([decision("a", secondsAgo: 5, address: nil)]), .members)
        #expect(console.picture.contains("on 2026-03-02 UTC"))
        #expect(!console.picture.contains("from"))
        #expect(console.picture.contains("secrets/a-rather-long"))
        console.press("Escape Enter")
        console.state.anomalies.members = [
            decision("a", secondsAgo: 5, address: "10.0.0.1"),
            decision("b", secondsAgo: 90_000, address: nil),
        ]
        #expect(console.picture.contains("2026-03-01 13:02Z"))
        #expect(console.picture.contains("secrets/a-rather-long"))
    }
}
