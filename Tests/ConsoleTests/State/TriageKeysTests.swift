import AnomalyDetection
import Decisions
import Operations
import TerminalUI
import Testing
import VectorStores

@testable import Console

/// Acts by keys: the menu, marks, lines that are typed, and who it is.
@Suite struct TriageKeysTests {
    private func orders(_ console: Harness) -> [TriageOrder] {
        console.questions.compactMap { question in
            if case .triage(let order, _) = question.0 { order } else { nil }
        }
    }

    private func state(_ console: Harness, _ id: String) -> Incident? {
        console.state.incidents.first { $0.id == id }
    }

    @Test(arguments: [
        ("x t", TriageAct.resolve(.truePositive)), ("x e", .resolve(.expected)),
        ("x f", .resolve(.falsePositive)),
        ("x a", .acknowledge), ("x z", .snooze(.until(Fixture.now.advanced(bySeconds: 3_600)))),
        ("x s 1 0 x Enter", .snooze(.events(10))),
        ("x s 2 h Enter", .snooze(.until(Fixture.now.advanced(bySeconds: 7_200)))),
        ("x n s e e n Space o n c e Enter", .note("seen once")), ("x g b e n Enter", .assign("ben")),
        ("x Down Down Enter", .resolve(.expected)), ("x j j k Enter", .resolve(.truePositive)),
    ])
    func `the menu does what its letters and rows say`(_ keys: String, _ act: TriageAct) {
        var console = Harness(.anomalies)
        console.press(keys)
        #expect(orders(console) == [TriageOrder(.act(act), incidents: ["K7F2"])])
        #expect(console.state.overlay == nil)
        #expect(console.state.notice?.text.hasSuffix("u undoes") == true)
    }

    @Test func `everything that was done is taken back, the newest first`() {
        var console = Harness(.anomalies)
        console.press("Enter x g b e n Enter x n h i Enter x e")
        let done = state(console, "K7F2")
        #expect(done?.resolution == .expected && done?.assignee == "ben" && done?.notes.map(\.text) == ["hi"])
        console.press("u")
        #expect(state(console, "K7F2")?.state == .new && state(console, "K7F2")?.resolution == nil)
        #expect(console.state.notice?.text == "K7F2 is new again")
        console.press("u u")
        let back = state(console, "K7F2")
        #expect(back?.assignee == nil && back?.notes.isEmpty == true)
        #expect(orders(console).suffix(3).allSatisfy { $0 == TriageOrder(.undo, incidents: ["K7F2"]) })
    }

    @Test func `marks stay on their incidents, and acts are for all of them`() {
        var console = Harness(.anomalies, width: 80, height: 24)
        console.press("Space Space")
        #expect(console.state.anomalies.marks == ["K7F2", "J3QT"])
        #expect(console.state.selectedIncident?.id == "M8XC")
        #expect(console.picture.contains("2 marked"))
        var later = Fixture.snapshot()
        later.incidents.reverse()
        later.incidents.insert(Fixture.incident("AAAA", "new", "secrets", .critical, secondsAgo: 1), at: 0)
        console.take(.snapshot(later))
        #expect(Set(console.state.markedIncidents.map(\.id)) == ["K7F2", "J3QT"])
        console.press("x f")
        #expect(Set(orders(console).last?.incidents ?? []) == ["K7F2", "J3QT"])
        #expect(state(console, "J3QT")?.resolution == .falsePositive)
        #expect(console.state.notice?.text == "2 incidents resolved as false positive · u undoes")
        #expect(console.state.anomalies.marks.isEmpty)
        console.press("u")
        #expect(state(console, "J3QT")?.state == .new && state(console, "K7F2")?.state == .new)
        #expect(console.state.notice?.text == "2 incidents: resolved as false positive no more")
    }

    @Test func `v marks from the last mark to here, Space unmarks, Esc clears`() {
        var console = Harness(.anomalies, width: 80, height: 24)
        console.press("Space Down Down v")
        #expect(console.state.anomalies.marks == ["K7F2", "J3QT", "M8XC", "R6NB"])
        console.press("Up Up Space")
        #expect(console.state.anomalies.marks == ["K7F2", "M8XC", "R6NB"])
        console.press("Escape")
        #expect(console.state.anomalies.marks.isEmpty && console.state.view == .anomalies)
    }

    @Test func `on a page an act is for that incident, whatever is marked`() {
        var console = Harness(.anomalies, width: 80, height: 24)
        console.press("Down Space Up Up Enter a")
        #expect(orders(console).last?.incidents == ["K7F2"])
    }

    @Test func `a mark on what a filter hides is not acted on`() {
        var console = Harness(.anomalies, width: 80, height: 24)
        console.press("Space Space / o r t i z Enter x e")
        #expect(orders(console).last?.incidents == ["J3QT"])
    }

    @Test func `what cannot be done says why and does nothing`() {
        var console = Harness(.anomalies, width: 80, height: 24)
        console.press("x w")
        #expect(console.state.notice?.text == "end the snooze: not put off")
        console.press("x o")
        #expect(console.state.notice?.text == "reopen: open already")
        console.press("x s s o o n Enter")
        #expect(console.picture.contains("that is no time"))
        console.press("Escape")
        #expect(console.state.notice?.text == "nothing was done")
        var held = Fixture.snapshot()
        held.readOnlyReason = "held by pid 812 (verdict ingest)"
        console.take(.snapshot(held))
        console.press("x e")
        #expect(console.state.notice?.text.contains("held by pid 812") == true)
        #expect(orders(console).isEmpty)
    }

    @Test func `a snoozed incident leaves what waits, and says so`() {
        var console = Harness(.anomalies, width: 80, height: 24)
        let waiting = console.state.openIncidentCount
        console.press("x z")
        #expect(console.state.openIncidentCount == waiting - 1)
        #expect(state(console, "K7F2")?.isOpen == false)
        #expect(console.picture.contains("zzz"))
        console.press("Up Enter")
        #expect(console.picture.contains("put off until 15:02:31"))
    }

    @Test func `a refusal of some keeps the others`() {
        var console = Harness(.anomalies)
        console.press("Space Space x e")
        var done = Fixture.incidents[0]
        done.state = .resolved
        done.revision = 9
        console.answer(
            .triaged(
                TriageOutcome(incidents: [done], refusals: ["incident J3QT is gone"], changed: ["K7F2"])),
            .triage)
        #expect(state(console, "K7F2")?.state == .resolved && state(console, "J3QT")?.state == .new)
        #expect(console.state.notice?.text == "incident J3QT is gone")
        console.press("u")
        #expect(orders(console).last == TriageOrder(.undo, incidents: ["K7F2"]))
    }

    @Test func `what somebody else had done before is not taken back`() {
        var console = Harness(.anomalies)
        console.press("Enter a")
        console.answer(
            .triaged(TriageOutcome(incidents: [Fixture.incidents[0]], changed: ["K7F2"])), .triage)
        console.press("x n h i Enter")
        // The store had it so already.
        console.answer(.triaged(TriageOutcome(incidents: [Fixture.incidents[0]])), .triage)
        #expect(console.state.undo.map(\.words) == ["acknowledged"])
    }

    @Test func `what the store does not take yet stays done, and the console says that it waits`() {
        var console = Harness(.anomalies)
        console.press("a")
        var taken = Fixture.incidents[0]
        taken.state = .acknowledged
        let reason = "what was done is not saved yet: the disk is full; it is tried again by itself"
        console.answer(
            .triaged(TriageOutcome(incidents: [taken], changed: ["K7F2"], unsaved: reason)), .triage)
        #expect(state(console, "K7F2")?.state == .acknowledged)
        #expect(console.state.notice?.text == reason && console.state.notice?.kind == .problem)
        // It can still be taken back.
        #expect(console.state.undo.map(\.incidents) == [["K7F2"]])
        for (width, text) in [(80, "1 act unsaved"), (160, "1 act waiting to be saved")] {
            var snapshot = Fixture.snapshot()
            snapshot.unsavedActs = 1
            #expect(Harness(width: width, height: 40, snapshot: snapshot).picture.contains(text), "\(width)")
            snapshot.unsavedActs = 0
            #expect(!Harness(width: width, height: 40, snapshot: snapshot).picture.contains(text))
        }
    }

    @Test func `a rebuild is asked for by who was named`() {
        var shared = Fixture.snapshot()
        (shared.user, shared.isUserShared) = ("root", true)
        shared.access = .operate
        var console = Harness(.anomalies, snapshot: shared)
        console.press("a c e m Enter")
        #expect(console.state.person == "cem")
        console.press("7 R")
        console.press("y")
        #expect(console.questions.last?.0 == .rebuild(RebuildRequest(), by: "cem"))
    }

    @Test func `of a shared account one says who they are before the first act`() {
        var shared = Fixture.snapshot()
        (shared.user, shared.isUserShared) = ("root", true)
        var console = Harness(.anomalies, snapshot: shared)
        #expect(console.picture.contains("root?"))
        #expect(console.press("a").isEmpty)
        #expect(console.picture.contains("Who are you?"))
        console.press("r o o t Enter")
        #expect(console.picture.contains("several people are that"))
        #expect(orders(console).isEmpty)
        console.press("C-u a n a Enter")
        guard case .triage(let order, let person)? = console.questions.last?.0 else {
            Issue.record("nothing was asked")
            return
        }
        #expect(order == TriageOrder(.act(.acknowledge), incidents: ["K7F2"]) && person == "ana")
        #expect(!console.picture.contains("root?") && console.picture.contains("ana"))
        console.press("a")
        #expect(console.state.overlay == nil && orders(console).count == 2)
    }

    @Test func `the header says who acts where there is room`() {
        var snapshot = Fixture.snapshot()
        snapshot.user = "ana.lopez"
        for (width, height) in [(80, 24), (120, 36)] {
            let header = Harness(width: width, height: height, snapshot: snapshot).picture.prefix(width)
            #expect(header.contains("ana.lopez"))
        }
    }

    @Test func `an incident is copied as Markdown`() throws {
        var console = Harness(.anomalies)
        guard case .copy(let text) = try #require(console.press("x m").first) else {
            Issue.record("nothing was copied")
            return
        }
        #expect(text.hasPrefix("# CRITICAL K7F2"))
        #expect(text.contains("verdict console --store demo --incident K7F2"))
        #expect(console.questions.last?.0 == .export(text, suggestedName: "incident-K7F2.md"))
    }

    @Test func `keys pasted into a prompt are text, into the menu nothing`() {
        var console = Harness(.anomalies)
        console.press("x")
        console.take(.paste("ttt"))
        #expect(orders(console).isEmpty && console.state.overlay != nil)
        console.press("n")
        console.take(.paste("x e a"))
        console.press("Enter")
        #expect(orders(console) == [TriageOrder(.act(.note("x e a")), incidents: ["K7F2"])])
    }
}
