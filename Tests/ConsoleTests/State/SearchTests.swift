import Decisions
import Operations
import TerminalUI
import Testing
import VectorStores

@testable import Console

@Suite struct SearchTests {
    @Test func `the screen lists the newest before it is asked`() {
        var console = Harness()
        console.press("5")
        #expect(
            console.questions.last?.0
                == .search(SearchQuestion(query: nil, like: nil, limit: 20, exact: false)))
        console.answer(.search(SearchOutcome(FixtureClient.answer(isLike: false, limit: 20))), .search)
        #expect(console.picture.contains("scanned 1,204"))
        #expect(console.picture.contains("only 12 entries match"))
        #expect(console.press("1 5").isEmpty)
        #expect(!console.picture.contains("ago"))
    }

    @Test func `an answer says how old it is, and a plain list is asked anew on entry`() {
        var console = Harness(width: 80, height: 24)
        console.press("5")
        console.answer(.search(SearchOutcome(FixtureClient.answer(isLike: false, limit: 20))), .search)
        console.take(.tick(now: Fixture.now, milliseconds: 12_500))
        #expect(console.picture.contains("asked 12 s ago"))
        #expect(console.press("1 5", apart: 10_000).count == 1)
        console.answer(.search(SearchOutcome(FixtureClient.answer(isLike: false, limit: 20))), .search)
        // A query of one's own stays as it was answered until it is asked again.
        console.press("/ effect:deny Enter")
        console.answer(.search(SearchOutcome(FixtureClient.answer(isLike: false, limit: 20))), .search)
        #expect(console.press("1 5", apart: 10_000).isEmpty)
    }

    @Test func `a decision that is read is not replaced by keys of the results`() {
        var console = Harness(width: 80, height: 24)
        console.press("5")
        console.answer(.search(SearchOutcome(FixtureClient.answer(isLike: false, limit: 20))), .search)
        console.press("j j Enter")
        let read = console.state.selectedResult?.rowID
        let picture = console.picture.split(separator: "\n").dropLast()
        #expect(console.press("[ ] x r + - e").isEmpty)
        console.take(.tick(now: Fixture.now, milliseconds: 900_000))
        #expect(console.picture.split(separator: "\n").dropLast() == picture)
        #expect(console.state.selectedResult?.rowID == read)
        #expect(!console.picture.contains("x exact"))
        #expect(console.press("Escape x").count == 1)
    }

    @Test func `an answer that comes while a decision is read leads back to the results`() {
        var console = Harness(width: 80, height: 24)
        console.press("5")
        console.answer(.search(SearchOutcome(FixtureClient.answer(isLike: false, limit: 20))), .search)
        console.press("r Enter")
        var newer = SearchOutcome(FixtureClient.answer(isLike: false, limit: 20))
        newer.results.removeFirst()
        console.answer(.search(newer), .search)
        #expect(console.state.search.page == .results)
    }

    @Test func `results of one old day are told by the second under their date`() {
        var console = Harness(width: 80, height: 24)
        console.press("5")
        var answer = SearchOutcome(FixtureClient.answer(isLike: false, limit: 3))
        for index in answer.results.indices {
            answer.results[index].stored.decision.time = Fixture.now.advanced(
                bySeconds: -86_400 + Int64(index))
        }
        console.answer(.search(answer), .search)
        #expect(console.picture.contains(" 2026-03-01 UTC "))
        #expect(console.picture.contains("14:02:32"))
        #expect(console.picture.contains("14:02:33"))
    }

    @Test func `a typed query is asked as it reads`() throws {
        var console = Harness(.search)
        console.press("/ effect:deny Enter")
        let query = try Query(parsing: "effect:deny", now: Fixture.now)
        #expect(
            console.questions.last?.0
                == .search(SearchQuestion(query: query, like: nil, limit: 20, exact: false)))
        #expect(console.state.search.isEditing == false)
    }

    @Test func `a query that cannot be read shows a caret and is not asked`() {
        var console = Harness(.search)
        console.press("/ effect: Enter")
        #expect(console.questions.isEmpty)
        #expect(console.state.search.problem != nil)
        #expect(console.state.search.isEditing)
        #expect(console.picture.contains("expected"))
        console.press("Escape")
        #expect(console.state.search.problem == nil)
        #expect(console.state.search.editor.text.isEmpty)
    }

    @Test func `keys change how much and how exactly is searched`() {
        var console = Harness(.search)
        console.press("+ ] [ - x")
        let limits = console.questions.compactMap { question, _ in
            if case .search(let search) = question { search.limit } else { nil }
        }
        #expect(limits == [40, 80, 40, 20, 20])
        #expect(console.state.search.exact)
        console.press("e r")
        #expect(console.state.search.exact == false)
        for _ in 0..<12 { console.press("+") }
        #expect(console.state.search.limit == SearchState.maximumLimit)
        for _ in 0..<12 { console.press("-") }
        #expect(console.state.search.limit == 1)
    }

    @Test func `more like this leads back to where it was asked`() {
        var console = Harness(.anomalies)
        console.press("m")
        #expect(console.state.view == .search)
        #expect(
            console.questions.last?.0
                == .search(
                    SearchQuestion(
                        query: nil, like: SearchQuestion.LikeTarget(id: "d-K7F2", tenant: "acme"), limit: 20,
                        exact: false)))
        console.answer(.search(SearchOutcome(FixtureClient.answer(isLike: true, limit: 20))), .search)
        #expect(console.picture.contains("like"))
        console.press("Down m")
        #expect(console.state.search.like?.id == "d-1")
        console.press("Escape")
        #expect(console.state.view == .anomalies)
    }

    @Test func `c forgets the likeness`() {
        var console = Harness(.anomalies)
        console.press("m 5 c")
        #expect(console.state.search.like == nil)
        console.press("3 m 5 Escape")
        #expect(console.state.search.like == nil)
    }

    @Test func `details show every field and scroll`() {
        var console = Harness(.search, width: 80, height: 24)
        console.press("5")
        console.answer(.search(SearchOutcome(FixtureClient.answer(isLike: false, limit: 20))), .search)
        console.press("G Enter")
        #expect(console.state.search.page == .details)
        #expect(console.picture.contains("deploy-base"))
        #expect(console.picture.contains("kubectl/1.30"))
        #expect(console.picture.contains("4bf92f35"))
        console.press("Down Down Up y Y")
        #expect(
            console.requests.contains { if case .copy(let text) = $0 { text.hasPrefix("{") } else { false } })
        console.press("Escape")
        #expect(console.state.search.page == .results)
        console.press("Enter q")
        #expect(console.state.search.page == .results)
    }

    @Test func `panes of a wide screen are left by Tab`() {
        var console = Harness(.search, width: 140, height: 40)
        console.press("5")
        console.answer(.search(SearchOutcome(FixtureClient.answer(isLike: true, limit: 20))), .search)
        console.press("Tab")
        #expect(console.state.search.page == .details)
        console.press("BTab")
        #expect(console.state.search.page == .results)
    }

    @Test func `a waiting search says so after a moment`() {
        var console = Harness(.search)
        console.press("5")
        console.take(.tick(now: Fixture.now, milliseconds: 5_000))
        #expect(console.picture.contains("searching"))
    }

    @Test func `history of queries is recalled by arrow`() {
        var console = Harness(.search)
        console.press("/ tenant:acme Enter / C-u Up")
        #expect(console.state.search.editor.text == "tenant:acme")
        console.press("Tab")
        #expect(console.state.search.isEditing == false)
    }

    @Test func `a tenant's scope joins the query`() throws {
        var console = Harness(.tenants)
        console.press("Enter 5 / effect:deny Enter")
        guard case .search(let question) = try #require(console.questions.last?.0) else {
            Issue.record("no search was asked")
            return
        }
        let printed = question.query.map { "\($0)" } ?? ""
        #expect(printed.contains("acme"))
        #expect(printed.contains("deny"))
        console.press("@")
        #expect(console.state.scope == nil)
    }
}
