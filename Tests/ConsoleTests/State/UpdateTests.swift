import AnomalyDetection
import Decisions
import Operations
import TerminalUI
import Testing
import VectorStores

@testable import Console

@Suite struct UpdateTests {
    @Test func `number keys show the views and push nothing`() {
        var console = Harness()
        for view in ConsoleView.allCases {
            console.press(String(view.number))
            #expect(console.state.view == view)
        }
        #expect(console.press("q") == [.quit])
    }

    @Test func `Esc never quits and says what does`() {
        var console = Harness()
        #expect(console.press("Escape Escape").isEmpty)
        #expect(console.state.notice?.text == "q quits")
    }

    @Test func `q asks before it leaves a running job`() {
        var snapshot = Fixture.snapshot()
        snapshot.jobs = [
            JobSummary(id: 1, title: "rebuild", state: .running, phase: "building", fraction: 0.4)
        ]
        var console = Harness(snapshot: snapshot)
        #expect(console.press("q").isEmpty)
        #expect(console.picture.contains("Leave?"))
        console.press("n")
        #expect(console.state.overlay == nil)
        #expect(console.press("q y") == [.quit])
    }

    @Test func `q on a drilled-in page goes one level back`() {
        var console = Harness(.anomalies, width: 80, height: 24)
        console.press("Enter Enter")
        #expect(console.state.anomalies.page == .members)
        console.press("q")
        #expect(console.state.anomalies.page == .evidence)
        console.press("q")
        #expect(console.state.anomalies.page == .list)
        #expect(console.press("q") == [.quit])
    }

    @Test func `Ctrl-c quits when it is pressed twice within a second`() {
        var console = Harness()
        #expect(console.press("C-c").isEmpty)
        #expect(console.press("C-c", apart: 1_500).isEmpty)
        #expect(console.press("C-c") == [.quit])
    }

    @Test func `Ctrl-c stops a running search first`() {
        var console = Harness(.overview)
        console.press("5")
        #expect(console.press("C-c") == [.cancel(.search)])
        #expect(console.state.ledger.isWaiting(.search) == false)
    }

    @Test func `Ctrl-l redraws and Ctrl-z suspends`() {
        var console = Harness()
        #expect(console.press("C-l C-z") == [.redraw, .suspend])
    }

    @Test func `a stale answer is dropped`() throws {
        var console = Harness(.overview)
        console.press("5")
        let old = try #require(console.ticket(.search))
        console.press("x")
        let new = try #require(console.ticket(.search))
        #expect(new.generation == old.generation + 1)
        let stale = SearchOutcome(FixtureClient.answer(isLike: false, limit: 2))
        console.take(.answer(.search(stale), old))
        #expect(console.state.search.outcome == nil)
        let fresh = SearchOutcome(FixtureClient.answer(isLike: false, limit: 5))
        console.take(.answer(.search(fresh), new))
        #expect(console.state.search.outcome?.results.count == 5)
        console.take(.answer(.search(stale), new))
        #expect(console.state.search.outcome?.results.count == 5)
    }

    @Test func `a rebuild is asked about, and only y says yes`() {
        var console = Harness(.index)
        console.press("R Enter")
        #expect(console.questions.isEmpty)
        console.press("R")
        #expect(console.state.overlay != nil)
        let asked = console.press("y")
        #expect(
            asked == [.ask(.rebuild(RebuildRequest(), by: nil), RequestTicket(kind: .job, generation: 1))])
        console.answer(.jobStarted(4), .job)
        #expect(console.state.notice?.text == "job 4 started")
    }

    @Test func `a question is deaf to keys typed before it could be read`() {
        var console = Harness(.index)
        console.press("R")
        console.press("y", apart: 100)
        console.press("R R R", apart: 30)
        #expect(console.questions.isEmpty)
        #expect(console.state.overlay != nil)
        console.press("y", apart: 400)
        #expect(console.questions.count == 1)
    }

    @Test func `pasted text never runs commands`() {
        var console = Harness()
        console.take(.paste("q\n9R y\n"))
        #expect(console.state.view == .overview)
        #expect(console.requests.isEmpty)
        console.press("5 /")
        console.take(.paste("tenant:acme\nq"))
        #expect(console.state.search.editor.text == "tenant:acme q")
        console.press("Escape :")
        console.take(.paste("quit\n"))
        console.press("Escape ?")
        console.take(.paste("reb"))
        console.press("Escape t")
        console.take(.paste("acm"))
        #expect(console.picture.contains("acme"))
        console.press("Escape 7 R")
        console.take(.paste("y"))
        #expect(console.state.overlay != nil)
    }

    @Test func `a disabled action says why`() {
        var snapshot = Fixture.snapshot()
        snapshot.access = .triage
        snapshot.readOnlyReason = "held by pid 812 (verdict ingest)"
        var console = Harness(.index, snapshot: snapshot)
        console.press("R")
        #expect(console.state.overlay == nil)
        #expect(console.state.notice?.text == "rebuild: held by pid 812 (verdict ingest)")
        console.press("?")
        #expect(console.picture.contains("(held by pid 812"))
    }

    @Test func `access decides what may be done`() {
        var snapshot = Fixture.snapshot()
        snapshot.access = .view
        var console = Harness(.anomalies, snapshot: snapshot)
        #expect(console.press("a").isEmpty)
        #expect(console.state.notice?.text.contains("--read-only") == true)
        snapshot.access = .triage
        console.take(.snapshot(snapshot))
        #expect(console.press("a").count == 1)
        console.press("7 R")
        #expect(console.state.notice?.text.contains("--write") == true)
    }

    @Test func `freezing holds the picture and counts what came meanwhile`() {
        var console = Harness()
        console.press(".")
        var later = Fixture.snapshot()
        later.statistics.vectors += 1_204
        console.take(.snapshot(later))
        #expect(console.state.snapshot.statistics.vectors == 24_381)
        #expect(console.picture.contains("FROZEN"))
        #expect(console.picture.contains("1,204 new"))
        console.press(".")
        #expect(console.state.snapshot.statistics.vectors == 25_585)
    }

    @Test func `a notice goes by itself`() {
        var console = Harness()
        console.press("Escape")
        #expect(console.state.notice != nil)
        console.take(.tick(now: Fixture.now.advanced(bySeconds: 9), milliseconds: 60_000))
        #expect(console.state.notice == nil)
    }

    @Test func `the wheel moves and a click on a tab shows its view`() {
        var console = Harness(.anomalies)
        console.take(.mouse(MouseEvent(.wheelDown, at: Point(x: 5, y: 9)), milliseconds: 1))
        #expect(console.state.anomalies.cursor.index == 3)
        console.take(.mouse(MouseEvent(.wheelUp, at: Point(x: 5, y: 9)), milliseconds: 2))
        console.take(.mouse(MouseEvent(.rightClick, at: Point(x: 5, y: 9)), milliseconds: 2))
        #expect(console.state.anomalies.cursor.index == 0)
        console.take(.mouse(MouseEvent(.click, at: Point(x: 2, y: 1)), milliseconds: 3))
        #expect(console.state.view == .overview)
        console.take(.mouse(MouseEvent(.click, at: Point(x: 117, y: 1)), milliseconds: 3))
        console.press(":")
        console.take(.mouse(MouseEvent(.click, at: Point(x: 14, y: 1)), milliseconds: 4))
        #expect(console.state.view == .overview)
    }

    @Test func `what became of the clipboard is said`() {
        var console = Harness(.anomalies)
        console.press("y")
        console.take(.clipboard(.sent(bytes: 812)))
        #expect(console.state.notice?.text == "copied 812 bytes")
        console.answer(.exported(path: "x/incident.txt"), .export)
        #expect(console.state.notice?.text == "copied · x/incident.txt")
        console.take(.clipboard(.tooLong(limit: 74_994)))
        #expect(console.state.notice?.kind == .problem)
        #expect(console.state.notice?.text.contains("only in x/incident.txt") == true)
        console.take(.clipboard(.unavailable))
        #expect(console.state.notice?.text.contains("no clipboard") == true)
    }

    @Test func `a failure is one sentence on the screen`() {
        var console = Harness(.index)
        console.press("c")
        console.answer(.failed("the index is busy; try again"), .recallCurve)
        #expect(console.picture.contains("the index is busy; try again"))
    }

    @Test func `theme and glyphs change by key`() {
        var console = Harness()
        console.press("T B")
        #expect(console.state.themeIndex == 1)
        #expect(console.state.glyphs == .block)
    }

    @Test func `the overview's boxes lead to their views`() {
        var seen: [ConsoleView] = []
        for steps in 0..<8 {
            var console = Harness(width: 200, height: 50)
            for _ in 0..<steps { console.press("Tab") }
            console.press("Enter")
            seen.append(console.state.view)
        }
        #expect(Set(seen) == [.metrics, .anomalies, .search, .tenants, .index, .health])
        var console = Harness()
        console.press("BTab Down Up G Home")
        #expect(console.state.view == .overview)
    }
}
