import Decisions
import Operations
import TerminalUI
import Testing
import VectorStores

@testable import Console

/// Pictures of a table whose rows are no decisions: nothing there may look like all being well.
extension PictureTests {
    @Test(
        arguments: ["overview", "metrics", "anomalies", "tenants", "search", "index", "health"],
        ["80x24", "160x48", "40x10"])
    func `other rows are shown as such, and what is of decisions is left out`(
        _ view: String, _ size: String
    ) async throws {
        let surface = try await frame(view, size, snapshot: Fixture.otherRowsSnapshot())
        for falsehood in [
            "nothing strange", "all is well", "none waits", "learning", "Deny rate", "Decisions/s",
            "decisions/s",
            "denied", "tombstones", "unreachable", "not sampled", "R starts one",
        ] {
            #expect(!surface.plainText.contains(falsehood), "\(view) \(size): \(falsehood)")
        }
        try compare(surface, "\(view)-rows-\(size)")
    }

    @Test(arguments: ["80x24", "160x48"])
    func `what is left out is said with its reason and what works instead`(_ size: String) async throws {
        for (view, sentence) in [
            ("overview", "no incident is looked for here, since the rows of public.docs"),
            ("anomalies", "no incident is looked for here, since the rows of public.docs"),
            ("metrics", "decisions and denies are not counted here, since the rows of public.docs"),
            ("tenants", "denies, incidents and activity are not counted here"),
        ] {
            let text = try await frame(view, size, snapshot: Fixture.otherRowsSnapshot()).plainText
            #expect(text.contains(sentence), "\(view)")
            #expect(text.contains("5 finds rows, and m there what is near one"), "\(view)")
        }
    }

    @Test(arguments: ["120x36", "80x24"])
    func `rows are found and measured by the keys that are named`(_ size: String) async throws {
        let size = Self.size(size)
        var console = Harness(
            .search, width: size.width, height: size.height, snapshot: Fixture.otherRowsSnapshot())
        console.press("5")
        let rows = (1...3).map { number in
            var row = Decision(
                id: "row-\(number)", time: Timestamp(seconds: 0), tenant: "acme",
                principal: Principal(id: "?", roles: []), resource: Resource(kind: "?"), actions: ["?"],
                effect: .conditional)
            row.extras = ["title": .string("document \(number)")]
            return SearchResult(stored: Fixture.stored(row), similarity: nil)
        }
        console.answer(
            .search(
                SearchOutcome(
                    SearchAnswer(
                        strategy: .list, exact: true, scanned: 3, elapsedMicroseconds: 9, results: rows))),
            .search)
        #expect(console.picture.contains("title document 2"))
        for madeUp in ["?  ?", "◐", "1970", "CONDITIONAL"] {
            #expect(!console.picture.contains(madeUp), "\(madeUp)")
        }
        console.press("Down m")
        guard case .search(let question)? = console.questions.last?.0 else {
            Issue.record("nothing was asked")
            return
        }
        #expect(question.like == SearchQuestion.LikeTarget(id: "row-2", tenant: "acme"))
        console.press("7 c")
        #expect(console.questions.last?.0 == .recallCurve((RecallTuner.breadths + [40]).sorted()))
        console.answer(.recallCurve([]), .recallCurve)
        #expect(console.state.notice?.kind == .problem)
    }

    @Test func `an incident that is named is not there for a reason`() {
        let console = Harness(snapshot: Fixture.otherRowsSnapshot(), incident: "K7F2")
        #expect(
            console.state.notice?.text == "no incident K7F2: the rows of public.docs are no decisions")
    }

    @Test func `only what is there can be chosen`() {
        var console = Harness(.metrics, snapshot: Fixture.otherRowsSnapshot())
        #expect(console.state.metrics.selected == .searchP50)
        console.press("Down +")
        #expect(console.state.metrics.zoom == 1 && console.state.metrics.selected == .searchP99)
        console.press("4")
        for _ in 0..<TenantsState.Order.allCases.count {
            console.press("s")
            #expect(!console.state.tenants.order.isOfDecisions)
        }
        console.press("1")
        #expect(Set(console.state.overviewBoxes).isDisjoint(with: [.decisions, .denyRate]))
        #expect(console.state.overviewBoxes.contains(.incidents))
    }
}

extension Fixture {
    /// The picture of a table of documents that another program keeps on a server.
    static func otherRowsSnapshot() -> ConsoleSnapshot {
        var snapshot = snapshot()
        snapshot.storeName = "docs"
        snapshot.storeAddress = "postgres://db.example/shop?table=docs"
        snapshot.readOnlyReason = "a table that Verdict did not make is only looked at"
        snapshot.noDecisionsReason = "the rows of public.docs are no decisions"
        snapshot.incidents = []
        snapshot.recall = nil
        snapshot.sources = []
        snapshot.statistics = StoreStatistics(
            vectors: 48_211, distinct: 48_211, dimension: 768, recipe: "none: public.docs",
            index: StoreStatistics.IndexReport(
                efConstruction: 64, ef: 40, quantization: "none", kernel: "pgvector hnsw", nodes: 48_211),
            newestDecision: now, tenants: 2, diskBytes: 310_000_000)
        snapshot.metrics.removeAll { $0.isEventTime || !$0.name.isKnown(holdsDecisions: false) }
        snapshot.tenants = [("acme", 40_000), ("globex", 8_211)].map { name, rows in
            TenantSummary(
                statistics: TenantStatistics(
                    tenant: name, vectors: rows, distinct: rows, denies: 0,
                    lastTime: now.advanced(bySeconds: -90)))
        }
        snapshot.health = [
            HealthCheck(
                name: "index", status: .degraded, since: now.advanced(bySeconds: -600),
                detail: "there is no index of neighbours, so that each search reads every row"),
            HealthCheck(
                name: "recall", status: .ok, since: now.advanced(bySeconds: -600),
                detail: "not measured while a console watches"),
        ]
        return snapshot
    }
}
