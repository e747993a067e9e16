import Decisions
import Operations
import TerminalUI
import Testing
import VectorStores

@testable import Console

/// What the last line offers and says.
@Suite struct HintTests {
    private func lastLine(_ console: Harness) -> String {
        console.picture.split(separator: "\n").last.map(String.init) ?? ""
    }

    @Test(arguments: ConsoleView.allCases)
    func `the way out always has room`(_ view: ConsoleView) {
        var console = Harness(view, width: 80, height: 24)
        #expect(lastLine(console).contains("q quit"))
        console.press(".")
        #expect(lastLine(console).contains(". resumes"))
        #expect(lastLine(console).contains("FROZEN"))
    }

    @Test func `Esc says where it leads`() {
        var console = Harness(.anomalies, width: 80, height: 24)
        console.press("Enter")
        #expect(lastLine(console).contains("Esc inbox"))
        console.press("Enter")
        #expect(lastLine(console).contains("Esc evidence"))
        console.press("q q 4 Enter")
        console.take(.tick(now: Fixture.now, milliseconds: 60_000))
        #expect(lastLine(console).contains("Esc all tenants"))
        console.press("@ 3 m")
        console.take(.tick(now: Fixture.now, milliseconds: 120_000))
        #expect(lastLine(console).contains("Esc anomalies"))
        console.press("/")
        #expect(lastLine(console).contains("Esc gives up"))
    }

    @Test func `what would be refused is not offered`() {
        var snapshot = Fixture.snapshot()
        snapshot.jobs = [JobSummary(id: 1, title: "rebuild", state: .running, phase: "building")]
        var console = Harness(.index, width: 80, height: 24, snapshot: snapshot)
        #expect(!console.picture.contains("R rebuild"))
        #expect(!console.picture.contains("R starts one"))
        snapshot.jobs = []
        snapshot.readOnlyReason = "held by pid 812 (verdict ingest)"
        console.take(.snapshot(snapshot))
        #expect(!console.picture.contains("R starts one"))
        #expect(!Harness(.anomalies, snapshot: snapshot).picture.contains("a ack"))
    }

    @Test func `a reader beside a writer is told to be one`() {
        var snapshot = Fixture.snapshot()
        snapshot.readOnlyReason = "held by pid 812 (verdict ingest)"
        let picture = Harness(snapshot: snapshot).picture
        #expect(picture.contains("VIEW  held by pid 812 (verdict ingest)"))
        #expect(!picture.contains("OPERATE"))
    }

    @Test func `while something is typed or asked only its own keys are offered`() {
        var console = Harness(width: 80, height: 24)
        for (keys, offered) in [
            ("5 /", "Enter takes it   Esc gives up"), ("Escape 3 /", "Enter takes it   Esc gives up"),
            ("Escape ?", "Enter runs it   Esc closes"),
            ("Escape :", "Enter runs it   Tab completes   Esc closes"),
            ("Escape t", "Enter narrows   Esc closes"),
            ("Escape 7 R", "y yes   n no"),
        ] {
            console.press(keys)
            console.take(.tick(now: Fixture.now, milliseconds: console.milliseconds + 60_000))
            console.milliseconds += 60_000
            #expect(lastLine(console).trimmed == offered)
        }
    }

    @Test func `a message makes room for whole hints and leaves the way out`() {
        var console = Harness(.anomalies, width: 80, height: 24)
        console.press("y")
        console.state.home = "/people/ada"
        console.take(.clipboard(.sent(bytes: 812)))
        console.answer(
            .exported(path: "/people/ada/.local/state/verdict/1772460151-incident-K7F2.txt"), .export)
        #expect(lastLine(console).contains("✓ copied · ~/.local/state/verdict/1772460151-incident-K7F2.txt "))
        #expect(lastLine(console).contains(" q quit "))
        let hints = Harness(.anomalies, width: 80, height: 24)
        for piece in lastLine(console).components(before: "✓").split(separator: "   ") {
            #expect(lastLine(hints).contains(piece.trimmed))
        }
        console.take(.resize(Size(width: 40, height: 10)))
        #expect(lastLine(console).contains("q quit"))
    }

    @Test func `what was done is told until a person goes on, what went wrong stays its time`() {
        var console = Harness(.anomalies)
        for key in ["Down", "1"] {
            console.press("3 y")
            console.take(.clipboard(.sent(bytes: 812)))
            #expect(console.state.notice != nil)
            console.press(key)
            #expect(console.state.notice == nil)
        }
        console.press("3 y")
        console.take(.clipboard(.unavailable))
        console.press("Down")
        #expect(console.state.notice?.kind == .problem)
    }

    @Test func `a key without a meaning here says where it has one`() {
        var console = Harness(.overview)
        console.press("a")
        #expect(console.state.notice?.text == "a works in Anomalies")
        console.press("%")
        #expect(console.state.notice?.text == "% does nothing here; ? shows what can be done")
    }

    @Test(arguments: [ConsoleView.metrics, .anomalies, .tenants, .map, .index, .health, .log])
    func `a movement that moves nothing says so`(_ view: ConsoleView) {
        var console = Harness(view)
        console.press("G")
        console.press("j")
        #expect(console.state.notice?.text == "the end is reached")
        console.press("Home")
        console.press("k")
        #expect(console.state.notice?.text == "the start is reached")
    }

    @Test func `evidence and details scroll no further than they reach`() {
        var console = Harness(.anomalies, width: 80, height: 14)
        console.press("Enter G")
        let end = console.state.anomalies.evidenceOffset
        #expect(end > 0)
        #expect(console.picture.contains("the end"))
        console.press("Up")
        #expect(console.state.anomalies.evidenceOffset == end - 1)
        #expect(console.picture.contains("1 more below"))
        console.press("5")
        console.answer(.search(SearchOutcome(FixtureClient.answer(isLike: false, limit: 20))), .search)
        console.press("Enter G")
        #expect(console.state.search.detailsOffset > 0)
        #expect(console.picture.contains("the end"))
    }

    @Test func `a message stands on the last line and hides nothing of the screen`() {
        var console = Harness(.log, width: 80, height: 24)
        let before = console.picture.split(separator: "\n").dropLast()
        console.press("Escape")
        #expect(console.picture.split(separator: "\n").dropLast() == before)
        #expect(lastLine(console).contains("q quits"))
    }

    @Test func `jobs and logs say that they ended`() {
        var snapshot = Fixture.snapshot()
        snapshot.jobs = [JobSummary(id: 4, title: "rebuild m=24", state: .running, phase: "building")]
        snapshot.sources.append(SourceSummary(id: "a.log", state: .reading))
        var console = Harness(snapshot: snapshot)
        for (state, said) in [
            (JobSummary.State.done, "rebuild m=24: done in 31 s"), (.cancelled, "the old index serves"),
            (.failed("the disk is full"), "the disk is full"),
        ] {
            console.take(.snapshot(snapshot))
            var ended = snapshot
            ended.jobs[0].state = state
            ended.jobs[0].elapsedSeconds = 31
            console.take(.snapshot(ended))
            #expect(console.state.notice?.text.contains(said) == true)
        }
        console.take(.snapshot(snapshot))
        snapshot.sources[2] = SourceSummary(id: "a.log", state: .done, accepted: 1_200, rejected: 3)
        console.take(.snapshot(snapshot))
        #expect(console.state.notice?.text == "a.log is read: 1,200 accepted, 3 rejected")
        #expect(console.state.notice?.kind == .problem)
        snapshot.sources[2] = SourceSummary(id: "a.log", state: .reading)
        console.take(.snapshot(snapshot))
        snapshot.sources[2] = SourceSummary(id: "a.log", state: .done, duplicates: 1_500)
        console.take(.snapshot(snapshot))
        #expect(console.state.notice?.text == "a.log is read: 0 accepted, 1,500 known already")
        #expect(console.state.notice?.kind == .done)
        snapshot.sources[2] = SourceSummary(id: "a.log", state: .reading)
        console.take(.snapshot(snapshot))
        snapshot.sources[2] = SourceSummary(id: "a.log", state: .done, accepted: 2)
        snapshot.sources[2].leftOut = 1_100
        console.take(.snapshot(snapshot))
        #expect(console.state.notice?.text == "a.log is read: 2 accepted, 1,100 left out by rules")
        #expect(console.state.notice?.kind == .done)
        snapshot.sources[2] = SourceSummary(id: "a.log", state: .waiting)
        console.take(.snapshot(snapshot))
        #expect(console.state.notice?.text == "a.log does not exist; it is read as soon as it does")
        snapshot.sources[2] = SourceSummary(id: "a.log", state: .failed, lastReject: "no such file")
        console.take(.snapshot(snapshot))
        #expect(console.state.notice?.text == "a.log could not be read: no such file")
    }

    @Test func `a failed rebuild is told on the smallest screen`() {
        var snapshot = Fixture.snapshot()
        snapshot.jobs = [JobSummary(id: 4, title: "rebuild", state: .failed("the disk is full"))]
        #expect(
            Harness(.index, width: 40, height: 10, snapshot: snapshot).picture.contains("the disk is full"))
    }

    @Test func `the demo is written into a store that is kept only when that is wanted`() {
        var snapshot = ConsoleSnapshot()
        snapshot.storeName = "prod"
        snapshot.storeAddress = "memory:/srv/prod"
        snapshot.wallTime = Fixture.now
        var console = Harness(snapshot: snapshot)
        console.press("d")
        #expect(console.questions.isEmpty)
        #expect(console.picture.contains("Write the demo into prod?"))
        console.press("Enter : d e m o Enter")
        #expect(console.questions.isEmpty)
        console.press("y")
        #expect(console.questions.map(\.0) == [.startDemo])
        #expect(!console.picture.contains("more like this"))
    }

    @Test func `with one tenant chosen, numbers of all are marked`() {
        var console = Harness(.tenants)
        console.press("Enter 1")
        #expect(console.picture.contains("Store · all tenants"))
        #expect(console.picture.contains("Search · all tenants"))
        console.press("@")
        #expect(!console.picture.contains("· all tenants ─"))
    }

    @Test func `tenants tell growth and the share of strange decisions`() {
        let picture = Harness(.tenants).picture
        #expect(picture.contains("last 30 m"))
        #expect(picture.contains("+"))
        #expect(picture.contains("0.2 %"))
    }

    @Test func `Enter shows long lines of the log whole`() {
        var snapshot = Fixture.snapshot()
        snapshot.log.append(
            LogLine(
                time: Fixture.now, level: .error, label: "store",
                message: String(repeating: "long ", count: 20) + "end"))
        var console = Harness(.log, width: 80, height: 24, snapshot: snapshot)
        #expect(!console.picture.contains("long end"))
        console.press("Enter")
        #expect(console.picture.contains("long end"))
        console.press("Enter")
        #expect(!console.picture.contains("long end"))
    }

    @Test func `the theme switched to is named`() {
        var console = Harness()
        console.state.themeNames = ["dark", "nord"]
        console.press("T")
        #expect(console.state.notice?.text == "theme nord")
    }

    @Test func `a search that cannot be read leaves a screen with results behind it`() {
        var console = Harness(.anomalies)
        console.press("m : s e a r c h Space")
        console.press("Escape :")
        console.take(.paste("search effect:"))
        console.press("Enter")
        #expect(console.state.search.problem != nil)
        #expect(console.state.search.like == nil)
        console.press("Escape")
        #expect(console.state.search.problem == nil)
        #expect(console.questions.last?.1.kind == .search)
    }

    @Test func `a check that is not well says what to do`() {
        let picture = Harness(.health, width: 80, height: 24).picture
        #expect(picture.contains("full in about 12 days; keep less with --keep 30d"))
        #expect(picture.contains("→ keep less: --keep 30d or --keep 2M"))
    }
}

extension StringProtocol {
    /// The text without the spaces around it.
    fileprivate var trimmed: String {
        var text = Substring(self)
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }

    /// What stands before a sign.
    fileprivate func components(before sign: Character) -> String { String(prefix { $0 != sign }) }
}
