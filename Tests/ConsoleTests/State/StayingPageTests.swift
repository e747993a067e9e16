import AnomalyDetection
import Decisions
import Operations
import TerminalUI
import Testing
import VectorStores

@testable import Console

/// A page stays with what it was opened for.
@Suite struct StayingPageTests {
    private func filter(_ console: inout Harness, _ text: String) {
        console.press("/")
        console.take(.paste(text))
        console.press("Enter")
    }

    @Test func `evidence stays on its incident when the filter no longer lets it pass`() {
        var console = Harness(.anomalies, width: 80, height: 24)
        filter(&console, "state:new")
        console.press("Enter a")
        #expect(console.state.notice?.text.hasPrefix("K7F2") == true)
        #expect(console.state.selectedIncident?.id == "K7F2")
        #expect(console.picture.contains("K7F2  acknowledged"))
        #expect(console.press("a").isEmpty)
        console.take(.snapshot(Fixture.snapshot()))
        #expect(console.picture.contains("K7F2  acknowledged"))
        console.press("Escape")
        #expect(console.state.anomalies.page == .list)
        #expect(console.state.inbox.contains { $0.id == console.state.selectedIncident?.id })
    }

    @Test func `beside a hidden incident no other one is shown as chosen`() {
        var console = Harness(.anomalies, width: 140, height: 40)
        filter(&console, "state:new")
        console.press("Enter a")
        #expect(console.picture.contains("K7F2 · svc-deploy"))
        #expect(!console.picture.contains("▸ ▲"))
    }

    @Test func `the overview opens the incident it shows, whatever the inbox is filtered to`() {
        var console = Harness(.anomalies, width: 80, height: 24)
        filter(&console, "tenant:globex")
        console.press("1 Enter")
        #expect(console.state.selectedIncident?.id == "K7F2")
        #expect(console.picture.contains("svc-deploy"))
        console.press("Escape")
        #expect(console.state.selectedIncident?.id == "K7F2")
        #expect(console.state.inbox.count == 5)
    }

    @Test func `an incident that is gone leads back to the list and says so`() {
        var console = Harness(.anomalies, width: 80, height: 24)
        console.press("Down Enter")
        var later = Fixture.snapshot()
        later.incidents.removeAll { $0.id == "J3QT" }
        console.take(.snapshot(later))
        #expect(console.state.anomalies.page == .list)
        #expect(console.state.notice?.text.contains("J3QT") == true)
    }

    @Test func `an incident named at the start is waited for until the store was looked at`() {
        var console = Harness(width: 80, height: 24, snapshot: nil, incident: "J3QT")
        var waiting = ConsoleSnapshot()
        waiting.loading = LoadingProgress(what: "opening", fraction: nil, done: 0)
        console.take(.snapshot(waiting))
        console.take(.snapshot(Fixture.snapshot()))
        #expect(console.picture.contains("j.ortiz"))
        #expect(console.state.anomalies.page == .evidence)
    }

    @Test func `what was acknowledged is taken back from another tenant too`() {
        var console = Harness(.anomalies, width: 80, height: 24)
        console.press("a :")
        console.take(.paste("tenant initech"))
        console.press("Enter")
        #expect(
            console.press("u")
                == [
                    .ask(
                        .triage(TriageOrder(.undo, incidents: ["K7F2"]), by: nil),
                        RequestTicket(kind: .triage, generation: 2))
                ])
        #expect(console.state.notice?.text == "K7F2 in tenant acme is new again")
    }

    @Test func `taking back does not change the page that is read`() {
        var console = Harness(.anomalies, width: 80, height: 24)
        console.press("a Enter u")
        #expect(console.state.selectedIncident?.id == "J3QT")
        #expect(console.state.anomalies.page == .evidence)
    }

    @Test func `what is gone cannot be taken back, and that is said`() {
        var console = Harness(.anomalies, width: 80, height: 24)
        console.press("a")
        var later = Fixture.snapshot()
        later.incidents.removeFirst()
        console.take(.snapshot(later))
        #expect(console.press("u").isEmpty)
        #expect(console.state.notice?.text == "K7F2 is no longer there: nothing was taken back")
    }

    @Test func `a member opens as a decision, and Esc goes back one level at a time`() {
        var console = Harness(.anomalies, width: 80, height: 24)
        console.press("Enter")
        #expect(console.picture.contains("Enter members"))
        console.press("Enter")
        let members = ["d-1", "d-2"].map {
            Fixture.stored(Fixture.decision($0, "svc-deploy", "get", "secrets", $0))
        }
        console.answer(.members(members), .members)
        console.press("Down Enter")
        #expect(console.state.anomalies.page == .member)
        #expect(console.picture.contains("id         d-2"))
        #expect(console.picture.contains("kubectl/1.30"))
        #expect(console.state.decisionAtHand?.id == "d-2")
        console.press("G Up Escape")
        #expect(console.state.anomalies.page == .members)
        console.press("q q")
        #expect(console.state.anomalies.page == .list)
        console = Harness(.anomalies, width: 140, height: 40)
        console.press("Enter Enter")
        console.answer(.members(members), .members)
        console.press("Enter")
        #expect(console.picture.contains("id         d-1"))
    }
}
