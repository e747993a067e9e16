import AnomalyDetection
import Decisions
import Locks
import Operations
import TerminalUI
import Testing
import VectorStores

@testable import Console

/// A clock that jumps a frame at each look and wakes sleepers only when told.
final class HeldClock: ConsoleClock {
    private let time = Mutex<Int64>(0)
    private let wakes: Bool

    init(wakes: Bool = false) { self.wakes = wakes }

    func now() -> Timestamp { Fixture.now }

    func milliseconds() -> Int64 {
        time.withLock { time in
            time += 450
            return time
        }
    }

    func sleep(milliseconds: Int64) async throws {
        if wakes, milliseconds > ConsoleRuntime.tickMilliseconds { return }
        try await Task.sleep(for: .seconds(3_600))
    }
}

@Suite(.timeLimit(.minutes(5))) struct RuntimeTests {
    private func start(
        _ client: FixtureClient, _ terminal: MemoryTerminal, clock: any ConsoleClock = HeldClock()
    ) -> Task<ConsoleExit, Never> {
        let runtime = ConsoleRuntime(terminal: terminal, client: client, themes: [.terminal], clock: clock)
        return Task { await runtime.run() }
    }

    private func waitFor(_ text: String, on terminal: MemoryTerminal) async {
        while await terminal.picture?.plainText.contains(text) != true { await Task.yield() }
    }

    @Test func `keys and snapshots become pictures, and q gives the terminal back`() async {
        let client = FixtureClient()
        let terminal = MemoryTerminal(size: Size(width: 100, height: 30))
        let run = start(client, terminal)
        await waitFor("opening", on: terminal)
        client.feed.yield(Fixture.snapshot())
        await waitFor("svc-deploy", on: terminal)
        terminal.press("5")
        await waitFor("scanned", on: terminal)
        terminal.press("q")
        #expect(await run.value == .quit)
        #expect(await terminal.isRestored)
        #expect(client.calls.first?.hasPrefix("search limit=20") == true)
    }

    @Test func `a light background brings the light theme`() async throws {
        let client = FixtureClient()
        let terminal = MemoryTerminal(size: Size(width: 100, height: 30))
        let grey = (0..<16).map { RGB(red: UInt8(240 - $0 * 15), green: 128, blue: 128) }
        let scheme = try #require(Scheme(name: "light", author: "", variant: .light, palette: grey))
        let light = Theme(name: "light", scheme: scheme)
        let runtime = ConsoleRuntime(
            terminal: terminal, client: client, themes: [.terminal], lightTheme: light, clock: HeldClock())
        let run = Task { await runtime.run() }
        await waitFor("opening", on: terminal)
        #expect(await terminal.theme == .terminal)
        terminal.send(.background(isLight: true))
        while await terminal.theme != light { await Task.yield() }
        terminal.press("q")
        #expect(await run.value == .quit)
    }

    @Test func `triage, copies and redraws reach client and terminal`() async {
        let client = FixtureClient()
        let terminal = MemoryTerminal(size: Size(width: 120, height: 36))
        let run = start(client, terminal)
        client.feed.yield(Fixture.snapshot())
        await waitFor("svc-deploy", on: terminal)
        terminal.press("3 a")
        await waitFor("acknowledged", on: terminal)
        terminal.press("y")
        while await terminal.clipboard == nil { await Task.yield() }
        terminal.press("C-l C-z")
        while await terminal.suspendCount == 0 { await Task.yield() }
        terminal.send(.focus(true))
        terminal.send(.paste("never a command"))
        terminal.send(.mouse(MouseEvent(.click, at: Point(x: 2, y: 1))))
        terminal.send(.resize(Size(width: 90, height: 28)))
        await waitFor("Decisions/s", on: terminal)
        terminal.send(.terminate(signal: 15))
        #expect(await run.value == .terminated(signal: 15))
        #expect(client.calls.contains("triage acknowledge K7F2"))
        #expect(client.calls.contains("export incident-J3QT.txt"))
    }

    @Test func `a terminal that is gone ends the console`() async {
        let terminal = MemoryTerminal(size: Size(width: 80, height: 24))
        let run = start(FixtureClient(), terminal)
        terminal.send(.closed)
        #expect(await run.value == .terminalClosed)
    }

    @Test func `a hanging search is stopped by Ctrl-c and the console goes on`() async {
        let client = FixtureClient(hangs: true)
        let terminal = MemoryTerminal(size: Size(width: 100, height: 30))
        let run = start(client, terminal)
        client.feed.yield(Fixture.snapshot())
        await waitFor("svc-deploy", on: terminal)
        terminal.press("5")
        while client.calls.isEmpty { await Task.yield() }
        terminal.press("C-c")
        await waitFor("stopped", on: terminal)
        terminal.press("q")
        #expect(await run.value == .quit)
    }

    @Test func `a question without an answer is given up at its deadline`() async {
        let client = FixtureClient(hangs: true)
        let terminal = MemoryTerminal(size: Size(width: 100, height: 30))
        let run = start(client, terminal, clock: HeldClock(wakes: true))
        client.feed.yield(Fixture.snapshot())
        await waitFor("svc-deploy", on: terminal)
        terminal.press("5")
        await waitFor("no answer within 10 s", on: terminal)
        terminal.press("q")
        #expect(await run.value == .quit)
    }

    @Test func `a question that cannot be stopped is given up at its deadline all the same`() async {
        let client = FixtureClient(isDeaf: true)
        let terminal = MemoryTerminal(size: Size(width: 100, height: 30))
        let run = start(client, terminal, clock: HeldClock(wakes: true))
        client.feed.yield(Fixture.snapshot())
        await waitFor("svc-deploy", on: terminal)
        terminal.press("5")
        await waitFor("no answer within 10 s", on: terminal)
        terminal.press("q")
        #expect(await run.value == .quit)
        client.release()
    }

    @Test func `what a person did is taken in first and only the newest picture counts`() {
        let inbox = ConsoleInbox()
        var snapshot = Fixture.snapshot()
        inbox.put(.snapshot(snapshot))
        snapshot.generation = 9
        inbox.put(.snapshot(snapshot))
        for _ in 0..<(ConsoleInbox.maximumEvents + 5) { inbox.put(.terminal(.key(.down))) }
        inbox.put(.clipboard(.unavailable))
        let batch = inbox.take()
        #expect(batch.snapshot?.generation == 9)
        #expect(batch.events.count == ConsoleInbox.maximumEvents)
        #expect(batch.clipboard == .unavailable)
        #expect(inbox.take().events.isEmpty)
    }

    @Test func `the machine's clock goes on`() async throws {
        let clock = SystemConsoleClock()
        #expect(clock.now().seconds > 1_700_000_000)
        let before = clock.milliseconds()
        try await clock.sleep(milliseconds: 1)
        #expect(clock.milliseconds() > before)
    }

    @Test func `every question reaches the client and every failure is one sentence`() async {
        let questions: [ConsoleQuestion] = [
            .search(SearchQuestion(query: nil, like: .init(id: "d", tenant: "t"), limit: 3, exact: true)),
            .members(ids: ["d"], tenant: "t"), .triage(TriageOrder(.undo, incidents: ["K7F2"]), by: nil),
            .rebuild(RebuildRequest(m: 24), by: nil),
            .cancelJob(4), .recallCurve([10]),
            .activity(ActivityRequest(from: Fixture.now, bucketSeconds: 15, buckets: 4)),
            .export("x", suggestedName: "n"), .openLog(path: "p", follow: true), .startDemo,
        ]
        let client = FixtureClient()
        for question in questions {
            let answer = await ConsoleAnswerer(client: client).answer(question)
            if case .failed = answer { Issue.record("\(question) failed") }
        }
        #expect(client.calls.count == questions.count)
        let failing = ConsoleAnswerer(client: FixtureClient(failure: "the disk is full"))
        #expect(await failing.answer(.startDemo) == .failed("the disk is full"))
    }

    @Test func `what a rule would have hidden is not counted for who gave it up before`() async {
        let question = ConsoleQuestion.previewRule(Rehearsal(Fixture.tuningHistory), SuppressionFields())
        let counting = Task {
            while !Task.isCancelled { await Task.yield() }
            return await ConsoleAnswerer(client: FixtureClient()).answer(question)
        }
        counting.cancel()
        #expect(await counting.value == .failed("stopped before an answer came"))
    }
}
