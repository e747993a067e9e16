import Decisions
import Operations
import TerminalUI
import Testing
import VectorStores

@testable import Console

/// The graph's answer held against the exact one.
@Suite struct ProofTests {
    /// A console at the answer to "more like this".
    private func likeness(width: Int = 80, height: Int = 24) -> Harness {
        var console = Harness(.anomalies, width: width, height: height)
        console.press("m")
        console.answer(.search(SearchOutcome(FixtureClient.answer(isLike: true, limit: 20))), .search)
        return console
    }

    /// A console at both answers.
    private func proof(width: Int = 80, height: Int = 24, limit: Int = 20) -> Harness {
        var console = likeness(width: width, height: height)
        console.press("p")
        console.answer(.search(SearchOutcome(FixtureClient.answer(isLike: true, limit: limit))), .proof)
        console.answer(.search(SearchOutcome(FixtureClient.walk(limit: limit))), .proof)
        return console
    }

    private var question: SearchQuestion {
        SearchQuestion(
            query: nil, like: SearchQuestion.LikeTarget(id: "d-K7F2", tenant: "acme"), limit: 20, exact: true)
    }

    @Test func `p asks the question exactly, and the graph once that is answered`() {
        var console = likeness()
        #expect(console.press("p").count == 1)
        #expect(console.questions.last?.0 == .search(question))
        #expect(console.picture.contains("asking both"))
        console.answer(.search(SearchOutcome(FixtureClient.answer(isLike: true, limit: 20))), .proof)
        var walk = question
        walk.exact = false
        walk.forcesGraph = true
        #expect(console.questions.last?.0 == .search(walk))
        #expect(walk.request.forcesGraph && !walk.request.exact)
        #expect(console.picture.contains("asking both"))
        console.answer(.search(SearchOutcome(FixtureClient.walk(limit: 20))), .proof)
        #expect(console.picture.contains("found 10 of 12  83.3 %  ▲ 2 missed"))
    }

    @Test func `both are told with their times, and this tenant's recall`() {
        let picture = proof().picture
        #expect(picture.contains("scanned 812 in 41 µs"))
        #expect(picture.contains("scanned 1.2k in 88 µs"))
        #expect(picture.contains("acme  recall over the last hour 99.2 % in 42 samples"))
    }

    @Test(arguments: [(1, "minute"), (4, "4 minutes"), (59, "59 minutes"), (60, "hour")])
    func `over what a tenant's recall is is told as it is`(_ minutes: Int, _ span: String) {
        var console = proof()
        var snapshot = Fixture.snapshot()
        snapshot.tenants[0].recall = TenantRecallSummary(recall: 0.992, samples: 64, minutes: minutes)
        console.take(.snapshot(snapshot))
        #expect(console.picture.contains("acme  recall over the last \(span) 99.2 % in 64 samples"))
    }

    @Test func `a missed row is marked on both sides, a tie is none`() {
        var console = likeness(width: 120)
        console.press("p")
        let exact = FixtureClient.answer(isLike: true, limit: 3)
        var walked = exact
        walked.results[1].stored.storedID = "d-90"
        walked.results[2].stored.storedID = "d-91"
        walked.results[2].similarity = 0.5
        console.answer(.search(SearchOutcome(exact)), .proof)
        console.answer(.search(SearchOutcome(walked)), .proof)
        #expect(console.picture.contains("found 2 of 3"))
        let rows = console.picture.split(separator: "\n").filter { $0.contains("│") }
        #expect(rows.count { $0.contains("▲") } == 1)
        #expect(rows.contains { $0.contains("missed") && $0.contains("invoice/inv-2") })
        #expect(rows.contains { $0.contains("0.500") && $0.contains("–") })
    }

    @Test func `a list says that it is exact already`() {
        var console = Harness(.search)
        console.press("5")
        console.answer(.search(SearchOutcome(FixtureClient.answer(isLike: false, limit: 20))), .search)
        let asked = console.questions.count
        console.press("p")
        #expect(console.questions.count == asked)
        #expect(
            console.state.notice?.text
                == "prove: a list is exact already; m asks for what is near a decision")
        #expect(!console.picture.contains("p prove"))
        #expect(likeness(width: 120).picture.contains("p prove"))
    }

    @Test func `Esc goes back to the results, and then to where it was asked`() {
        var console = proof()
        #expect(console.picture.contains("Esc results"))
        #expect(console.press("x ] r").isEmpty)
        console.press("Escape")
        #expect(console.state.isOnResults)
        #expect(console.picture.contains("similarity"))
        console.press("p q")
        #expect(console.state.isOnResults)
        console.press("Escape")
        #expect(console.state.view == .anomalies)
    }

    @Test func `newer pictures and answers leave the proof at hand`() {
        var console = proof()
        let before = console.picture
        console.take(.snapshot(Fixture.snapshot()))
        #expect(console.picture == before)
        console.press("1 5")
        #expect(console.state.isOnProof)
        console.state.search.outcome?.results = []
        console.take(.snapshot(Fixture.snapshot()))
        #expect(console.state.isOnProof)
    }

    @Test func `another tenant is another question`() {
        var console = proof()
        console.press("t g l o b Enter")
        #expect(console.state.isOnResults)
        console.press("p")
        guard case .search(let asked)? = console.questions.last?.0 else {
            Issue.record("nothing was asked")
            return
        }
        #expect(asked.query?.tenantScope == "globex")
        console.answer(.search(SearchOutcome(FixtureClient.answer(isLike: true, limit: 20))), .proof)
        console.answer(.search(SearchOutcome(FixtureClient.walk(limit: 20))), .proof)
        #expect(console.picture.contains("globex  nothing sampled in the last hour"))
    }

    @Test func `what was stopped or failed can be asked again`() {
        var console = likeness()
        console.press("p")
        #expect(console.press("C-c") == [.cancel(.proof)])
        #expect(console.picture.contains("not answered; p asks again"))
        console.press("p")
        console.answer(.failed("no such entry"), .proof)
        #expect(console.state.notice?.text == "no such entry")
        #expect(console.picture.contains("not answered"))
        console.press("p")
        console.answer(
            .search(
                SearchOutcome(
                    SearchAnswer(
                        strategy: .exact, exact: true, scanned: 0, elapsedMicroseconds: 1, results: []))),
            .proof)
        console.answer(.search(SearchOutcome(FixtureClient.answer(isLike: true, limit: 0))), .proof)
        #expect(console.picture.contains("nothing is to be found"))
    }

    @Test func `rows scroll together, no further than they reach`() {
        var console = proof(height: 18)
        console.press("G")
        let end = console.state.search.proof?.offset ?? 0
        #expect(end > 0)
        #expect(console.picture.contains("0.240"))
        console.press("j")
        #expect(console.state.search.proof?.offset == end)
        #expect(console.state.notice?.text == "the end is reached")
        console.press("Home")
        #expect(console.state.search.proof?.offset == 0)
    }

    @Test func `what is done about a tenant below the floor is told`() {
        var console = proof()
        var snapshot = Fixture.snapshot()
        snapshot.tenants[0].recall = TenantRecallSummary(recall: 0.9, samples: 64, step: .widened)
        console.take(.snapshot(snapshot))
        #expect(console.picture.contains("90.0 % in 64 samples  searched 4x as wide"))
        snapshot.tenants[0].recall?.step = .exact
        console.take(.snapshot(snapshot))
        #expect(console.picture.contains("searched exactly"))
    }

    @Test(arguments: [Size(width: 20, height: 5), Size(width: 4, height: 3), Size(width: 300, height: 90)])
    func `it is drawn at any size`(_ size: Size) {
        var console = proof()
        console.take(.resize(size))
        #expect(console.picture.split(separator: "\n").count == size.height)
    }

    @Test func `a tenant's recall is told in its row, and too few samples are no warning`() {
        #expect(RecallText.style(TenantRecallSummary(recall: 0.5, samples: 15)) == .muted)
        #expect(RecallText.style(TenantRecallSummary(recall: 0.5, samples: 16)) == Style(.warning))
        #expect(RecallText.style(TenantRecallSummary(recall: 0.95, samples: 16)) == .text)
        #expect(
            RecallText.style(TenantRecallSummary(recall: 1, samples: 16, step: .widened))
                == Style(.warning, .bold))
    }

    @Test func `a check of recall proposes the rebuild`() {
        for name in ["recall", "recall acme"] {
            let check = HealthCheck(name: name, status: .degraded, since: Fixture.now, detail: "")
            #expect(Runbook.line(for: check).contains("7, then R"))
        }
    }
}
