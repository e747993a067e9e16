import Testing

@testable import PostgresStore

/// Between comparing and walking is chosen by what matches and by what is walked.
@Suite struct WalkChoiceTests {
    private typealias Case = (matching: Double, graph: Double, choice: WalkChoice)

    @Test func `few rows are compared, and a large graph is walked widely, if its rows differ`() {
        let cases: [Case] = [
            (20_000, 20_000, .comparison), (20_000, 5_000_000, .comparison),
            (20_001, 20_001, .walk(breadth: 400, unlessRepeated: false)),
            (150_000, 200_000, .walk(breadth: 400, unlessRepeated: false)),
            (20_001, 200_001, .walk(breadth: 1_000, unlessRepeated: true)),
            (150_000, 1_000_000, .walk(breadth: 1_000, unlessRepeated: true)),
            // An estimate of what matches may be larger than that of all.
            (300_000, 0, .walk(breadth: 1_000, unlessRepeated: true)),
        ]
        for each in cases {
            let choice = WalkChoice(matching: each.matching, graph: each.graph, limit: 10)
            #expect(choice == each.choice, "\(each.matching) of \(each.graph)")
        }
    }

    @Test func `a walk is at least twice as wide as what is asked for, and pgvector's widest at most`() {
        func breadth(limit: Int, wanted: Int?) -> WalkChoice {
            WalkChoice(matching: 50_000, graph: 50_000, limit: limit, wanted: wanted)
        }
        #expect(breadth(limit: 300, wanted: nil) == .walk(breadth: 600, unlessRepeated: false))
        #expect(breadth(limit: 10, wanted: 700) == .walk(breadth: 700, unlessRepeated: false))
        #expect(breadth(limit: .max, wanted: .max) == .walk(breadth: 1_000, unlessRepeated: false))
    }

    @Test func `a graph that was asked for is walked whatever it holds`() {
        let few = WalkChoice(matching: 3, graph: 3, limit: 10, isForced: true)
        #expect(few == .walk(breadth: 400, unlessRepeated: false))
        let large = WalkChoice(matching: 3, graph: 1_000_000, limit: 10, isForced: true)
        #expect(large == .walk(breadth: 1_000, unlessRepeated: false))
    }

    @Test func `a plan tells the partition that is walked, and its rows without a filter`() {
        func leaf(_ name: String, _ rows: Int) -> String {
            #"{"Node Type": "Seq Scan", "Relation Name": "\#(name)", "Schema": "public", "Plan Rows": \#(rows)}"#
        }
        let all = PlannedRows(
            plan: #"[{"Plan": {"Node Type": "Append", "Plan Rows": 900, "Plans": [\#(leaf("rows_1", 600)), "#
                + leaf("rows_2", 300) + "]}}]")
        let one = PlannedRows(plan: #"[{"Plan": \#(leaf("rows_2", 20))}]"#)
        #expect(all.count == 900 && one.count == 20)
        #expect(all.graph(walkedFor: one) == 300)
        #expect(all.graph(walkedFor: all) == 600)
        // Of relations that are not told the whole counts.
        #expect(all.graph(walkedFor: PlannedRows(plan: "[]")) == 900)
        #expect(PlannedRows(plan: "no plan").count == 0)
    }
}
