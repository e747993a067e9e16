import AnomalyDetection
import Decisions
import Operations
import TerminalUI
import Testing
import VectorStores

@testable import Console

@Suite struct ScreensTests {
    @Test func `Enter on a tenant narrows the whole console`() {
        var console = Harness(.tenants)
        console.press("Down Enter")
        #expect(console.state.scope == "globex")
        #expect(console.picture.contains("tenant globex"))
        #expect(console.state.incidents.map(\.key.tenant) == ["globex"])
        guard case .activity(let request)? = console.questions.last?.0 else {
            Issue.record("the tenant's past was not asked for")
            return
        }
        #expect(request.tenant == "globex")
        console.answer(
            .activity(
                ActivityHistory(
                    decisions: Fixture.wave(request.buckets, height: 9),
                    denies: Fixture.wave(request.buckets, height: 0))), .activity)
        #expect(console.state.series(.decisions)?.values.count == request.buckets)
        #expect(console.state.series(.denyRate)?.latest != nil)
        console.press("1")
        #expect(console.picture.contains("Decisions/s"))
        console.press("Escape")
        #expect(console.state.scope == nil)
    }

    @Test func `the tenant picker finds by part of a name`() {
        var console = Harness()
        console.press("t u m b Enter")
        #expect(console.state.scope == "umbrella")
        console.press("t Down Up Enter")
        #expect(console.state.scope == nil)
        console.press("t z z z Enter")
        #expect(console.state.scope == nil)
        console.press("t Escape")
        #expect(console.state.overlay == nil)
    }

    @Test func `tenants sort by each column, both ways`() {
        var console = Harness(.tenants)
        #expect(console.state.tenantRows.first?.id == "acme")
        console.press("I")
        #expect(console.state.tenantRows.first?.id == "")
        console.press("I s")
        #expect(console.state.tenants.order == .denies)
        console.press("s")
        #expect(console.state.tenantRows.first?.id == "acme")
        console.press("s s")
        #expect(console.state.tenants.order == .name)
        #expect(console.state.tenantRows.last?.id == "umbrella")
        console.press("s / o b e Down")
        #expect(console.state.tenantRows.map(\.id) == ["globex"])
        #expect(console.picture.contains("globex"))
        console.press("Enter Escape")
        #expect(console.state.tenantRows.count == 5)
    }

    @Test func `metrics zoom, pan and compare`() {
        var console = Harness(.metrics)
        #expect(console.state.metrics.window(count: 120) == 0..<120)
        console.press("+ + ,")
        #expect(console.state.metrics.window(count: 120) == 83..<113)
        console.press("; ;")
        #expect(console.state.metrics.pan == 0)
        console.press("- =")
        #expect(console.state.metrics.zoom == 0)
        console.press("c Down")
        #expect(console.state.metrics.compared == .decisions)
        #expect(console.state.metrics.selected == .denyRate)
        #expect(console.picture.contains("peak"))
        console.press("Escape G")
        #expect(console.state.metrics.compared == nil)
        console.press("c c")
        #expect(console.state.metrics.compared == nil)
        var empty = Fixture.snapshot()
        empty.metrics = []
        console.take(.snapshot(empty))
        console.press("Down +")
        #expect(console.picture.contains("nothing measured yet"))
        console.press("1")
        #expect(console.picture.contains("nothing measured yet"))
    }

    @Test(arguments: [
        (JobSummary.State.running, "1 m 20 s left"), (.cancelling, "stopping"),
        (.done, "before"), (.cancelled, "cancelled"), (.failed("the disk is full"), "the disk is full"),
    ])
    func `a rebuild is shown in each state`(_ state: JobSummary.State, _ text: String) {
        var snapshot = Fixture.snapshot()
        let quality = IndexQuality(recall: 0.91, p50Microseconds: 61, memoryBytes: 8_100_000)
        let better = IndexQuality(recall: 0.99, p50Microseconds: 44, memoryBytes: 8_090_000)
        snapshot.jobs = [
            JobSummary(
                id: 4, title: "rebuild m=24", state: state, phase: "building", fraction: 0.4,
                elapsedSeconds: 31,
                remainingSeconds: 80,
                report: state == .done ? RebuildReport(before: quality, after: better) : nil)
        ]
        for (width, height) in [(80, 24), (120, 36), (200, 50)] {
            #expect(Harness(.index, width: width, height: height, snapshot: snapshot).picture.contains(text))
        }
        #expect(Harness(.index, width: 40, height: 10, snapshot: snapshot).picture.contains("rebuild m=24"))
        #expect(Harness(width: 200, height: 50, snapshot: snapshot).picture.contains("rebuild m=24"))
    }

    @Test func `the index tells all it knows of itself`() {
        var snapshot = Fixture.snapshot()
        snapshot.statistics = Fixture.quantized()
        let picture = Harness(.index, width: 200, height: 50, snapshot: snapshot).picture
        for fact in [
            "avx512vnni", "layers 15k · 940 · 58 · 3", "median 18 of 32", "duplicates   9,359  38.4 %",
            "tombstones   12", "unreachable  0", "self-recall  99.6 %  of 256 of its own",
            "a search     812 distances  71.3 hops", "23.6 MB", "+ 961 kB in the file", "links", "columns",
        ] {
            #expect(picture.contains(fact), "\(fact)\n\(picture)")
        }
    }

    @Test func `a second rebuild joins the one that runs, and is told its end`() {
        var snapshot = Fixture.snapshot()
        snapshot.jobs = [Fixture.othersJob]
        var console = Harness(.log, snapshot: snapshot)
        console.press(": r e b u i l d Enter")
        #expect(console.state.view == .index)
        #expect(console.state.notice?.text == "joined rebuild by ada@host (pid 812): building 41.0 %")
        console.press(": r e b u i l d Space m = 2 4 Enter")
        #expect(
            console.state.notice?.text == "rebuild: a rebuild by ada@host (pid 812) runs, wait for it")
        #expect(console.state.overlay == nil && console.questions.isEmpty)
        console.press("1")
        snapshot.jobs[0].state = .done
        snapshot.jobs[0].report = Fixture.endedJobs[0].report
        console.take(.snapshot(snapshot))
        #expect(
            console.state.notice?.text
                == "rebuild by ada@host (pid 812): done in 52 s, recall 96.1 % → 98.5 %")
        // One's own is joined alike.
        snapshot.jobs[0].state = .running
        snapshot.jobs[0].owner = nil
        console.take(.snapshot(snapshot))
        console.press(": r e b u i l d Enter")
        #expect(console.state.notice?.text == "joined rebuild: building 41.0 %")
    }

    @Test func `another's rebuild is told and looked at only`() {
        var snapshot = Fixture.snapshot()
        snapshot.jobs = [Fixture.othersJob]
        var console = Harness(.index, snapshot: snapshot)
        console.press("R")
        #expect(console.state.notice?.text == "rebuild: a rebuild by ada@host (pid 812) runs")
        #expect(console.questions.isEmpty)
        console.press("c")
        #expect(console.questions.last?.1.kind == .recallCurve)
        snapshot.readOnlyReason = "held by pid 812 (verdict rebuild)"
        console.take(.snapshot(snapshot))
        console.press("R")
        #expect(console.state.notice?.text == "rebuild: a rebuild by ada@host (pid 812) runs")
        #expect(console.press("q") == [.quit])
        snapshot.jobs[0].state = .orphaned
        console.take(.snapshot(snapshot))
        #expect(console.state.notice?.text.contains("nothing is heard of it any more") == true)
        #expect(console.picture.contains("orphaned"))
        console.press("R")
        #expect(console.state.notice?.text.contains("held by pid 812") == true)
    }

    @Test func `Q chooses codes, asks, and starts a rebuild with them`() {
        var snapshot = Fixture.snapshot()
        snapshot.statistics = Fixture.quantized("pq4")
        var console = Harness(.index, snapshot: snapshot)
        console.press("Q")
        // It opens on what is in use.
        guard case .quantizations(let list) = console.state.overlay else {
            Issue.record("the chooser is not open")
            return
        }
        #expect(console.state.chooserRows(list)[list.selected].name == "pq4")
        #expect(console.picture.contains("✓ pq4"))
        console.press("Down Enter")
        #expect(console.questions.isEmpty)
        #expect(console.picture.contains("pq4 → pq8"))
        console.press("n")
        console.press("Q s q 4 Enter y")
        #expect(console.questions.last?.0 == .rebuild(RebuildRequest(quantization: "sq4"), by: nil))
        console.press("Q z z")
        #expect(console.picture.contains("no codes are called that"))
        console.press("Enter")
        #expect(console.state.overlay == nil && console.questions.count == 1)
        console.press("Q Escape")
        #expect(console.state.overlay == nil)
    }

    @Test func `codes are not chosen while another job runs, also when it began meanwhile`() {
        var snapshot = Fixture.snapshot()
        var console = Harness(.index, snapshot: snapshot)
        console.press("Q")
        snapshot.jobs = [Fixture.othersJob]
        console.take(.snapshot(snapshot))
        console.press("Enter")
        #expect(console.state.overlay == nil)
        #expect(console.state.notice?.text == "rebuild: a rebuild by ada@host (pid 812) runs")
        console.press("Q")
        #expect(console.state.overlay == nil)
        #expect(console.state.notice?.text == "codes: a rebuild by ada@host (pid 812) runs")
    }

    @Test(
        arguments: [
            (nil, nil, "pq8 at 10,000, now 3,144"), (nil, 4, "pq8  made by job 4"),
            (.cancelled, 4, "pq8  cancelled, Q again"),
            (.failed("the disk is full"), 4, "pq8  failed, Q again"),
        ] as [(QuantizationSetting.Outcome?, Int?, String)])
    func `what was chosen and is not there yet is told beside what is`(
        _ outcome: QuantizationSetting.Outcome?, _ job: Int?, _ text: String
    ) throws {
        var snapshot = Fixture.snapshot()
        snapshot.statistics.distinct = 3_144
        var chosen = try #require(QuantizationSetting("pq8"))
        chosen.job = job
        chosen.outcome = outcome
        snapshot.statistics.index.chosen = chosen
        for (width, height) in [(80, 24), (120, 36), (200, 50)] {
            let picture = Harness(.index, width: width, height: height, snapshot: snapshot).picture
            #expect(picture.contains(text) && picture.contains("none  64 B, exact  24×"), "\(picture)")
        }
        snapshot.statistics.index.quantization = "pq8"
        #expect(!Harness(.index, snapshot: snapshot).picture.contains("chosen "))
    }

    @Test func `what ended before the store was read is no news`() {
        var snapshot = Fixture.snapshot()
        snapshot.jobs = [JobSummary(id: 1, title: "rebuild", state: .done)]
        var console = Harness(snapshot: ConsoleSnapshot())
        console.take(.snapshot(snapshot))
        #expect(console.state.notice?.text.contains("rebuild") != true)
    }

    @Test func `facts below a job scroll where there is little room`() {
        var snapshot = Fixture.snapshot()
        snapshot.jobs = [JobSummary(id: 1, title: "rebuild", state: .done)]
        var console = Harness(.index, width: 40, height: 10, snapshot: snapshot)
        #expect(!console.picture.contains("recall@10"))
        console.press("G")
        #expect(console.picture.contains("recall@10") && console.picture.contains("#1 rebuild"))
    }

    @Test func `c cancels a running rebuild`() {
        var snapshot = Fixture.snapshot()
        snapshot.jobs = [
            JobSummary(id: 4, title: "rebuild", state: .running, phase: "building", fraction: 0.4)
        ]
        var console = Harness(.index, snapshot: snapshot)
        console.press("R")
        #expect(console.state.notice?.text.contains("a job runs already") == true)
        console.press("c")
        #expect(console.questions.last?.0 == .cancelJob(4))
        console.answer(.done, .job)
        console.press("Down Up")
    }

    @Test func `the log follows until a person moves up`() {
        var console = Harness(.log)
        #expect(console.picture.contains("line 59"))
        console.press("Up Up PageUp")
        #expect(console.state.log.isFollowing == false)
        let held = console.state.log.distance
        var later = Fixture.snapshot()
        later.log.append(LogLine(time: Fixture.now, level: .error, label: "store", message: "the newest"))
        later.logDropped = 7
        console.take(.snapshot(later))
        #expect(console.state.log.distance == held + 1)
        #expect(console.picture.contains("7 older ones dropped"))
        console.press("f")
        #expect(console.picture.contains("the newest"))
        console.press("L")
        #expect(console.state.log.level == .warning)
        console.press("L L v / n e w e s t Enter")
        #expect(console.state.logRows.count == 1)
        console.press("Escape / z z z Enter")
        #expect(console.picture.contains("no line contains that"))
    }

    @Test func `health tells more of the row at hand`() {
        var console = Harness(.health)
        #expect(console.picture.contains("keep less with --keep 30d"))
        console.press("G")
        #expect(console.picture.contains("line 812: not JSON"))
        var empty = Fixture.snapshot()
        empty.health = []
        empty.sources = []
        console.take(.snapshot(empty))
        #expect(console.picture.contains("no check has run yet"))
        empty.health = [
            HealthCheck(name: "journal", status: .failed, since: Fixture.now, detail: "cannot write")
        ]
        empty.sources = [SourceSummary(id: "x", state: .reading), SourceSummary(id: "y", state: .silent)]
        console.take(.snapshot(empty))
        #expect(console.picture.contains("1 failed"))
        console.take(.resize(Size(width: 40, height: 10)))
        #expect(console.picture.contains("failed"))
    }

    @Test func `forty columns tell the detail of the check at hand`() {
        var console = Harness(.health, width: 40, height: 10)
        #expect(console.picture.contains("full in about 12 days"))
        console.press("G")
        #expect(console.picture.contains("line 812: not JSON"))
    }

    @Test func `nodes whose links were not counted are not called none`() {
        var snapshot = Fixture.snapshot()
        snapshot.statistics.index.degreeHistogram = []
        let picture = Harness(.index, width: 80, height: 24, snapshot: snapshot).picture
        #expect(picture.contains("not counted yet"))
        #expect(picture.contains("identities"))
        snapshot.statistics.index.nodes = 0
        #expect(Harness(.index, snapshot: snapshot).picture.contains("no nodes yet"))
    }

    @Test func `small shares of distinct decisions are whole in the store's box`() {
        var snapshot = Fixture.snapshot()
        snapshot.statistics.distinct = 3_120
        #expect(Harness(width: 80, height: 24, snapshot: snapshot).picture.contains("3.1k 12.8 %"))
    }

    @Test func `an empty store begins by key`() {
        var snapshot = ConsoleSnapshot()
        snapshot.wallTime = Fixture.now
        snapshot.storeAddress = "memory:"
        var console = Harness(snapshot: snapshot)
        console.press("d")
        #expect(console.questions.last?.0 == .startDemo)
        console.press("o a . l o g Enter")
        #expect(console.questions.last?.0 == .openLog(path: "a.log", follow: false))
        console.press("c")
        console.take(.paste("memory:/srv/store"))
        console.press("Enter")
        #expect(console.requests.last == .connect(to: "memory:/srv/store"))
        snapshot.readOnlyReason = "held by pid 1 (x)"
        console.take(.snapshot(snapshot))
        console.press("d")
        #expect(console.state.notice?.text.contains("held by pid 1") == true)
        for view in ConsoleView.allCases { #expect(!Harness(view, snapshot: snapshot).picture.isEmpty) }
    }

    @Test func `loading is said in the header`() {
        var snapshot = Fixture.snapshot()
        snapshot.loading = LoadingProgress(what: "reading audit.log", fraction: 0.42, done: 7_000)
        #expect(Harness(snapshot: snapshot).picture.contains("loading 42.0 %"))
        #expect(Harness(snapshot: nil).picture.contains("opening"))
    }

    @Test(arguments: [(80, 24), (120, 36)])
    func `what waits to be scored is said in the header, and quiet says nothing meanwhile`(
        width: Int, height: Int
    ) {
        var snapshot = Fixture.snapshot()
        snapshot.incidents = []
        snapshot.unscored = 31_204
        let picture = Harness(width: width, height: height, snapshot: snapshot).picture
        #expect(picture.contains("31,204 to score"))
        #expect(picture.contains("scoring what came before: 31,204 decisions to go"))
        #expect(!picture.contains("all is well"))
        snapshot.unscored = 0
        #expect(!Harness(snapshot: snapshot).picture.contains("to score"))
    }

    @Test func `the map says when it comes`() {
        var console = Harness()
        console.press("6")
        #expect(console.picture.contains("The map comes with a later version."))
        console.press("Down Enter Tab")
        #expect(console.state.view == .map)
    }
}
