import Decisions
import Testing

@testable import VectorStores

@Suite struct QueryMatcherTests {
    private func matches(_ text: String, _ decision: Decision) throws -> Bool {
        QueryMatcher(try Query(parsing: text, now: DecisionSource.start)).matches(decision)
    }

    private var decision: Decision {
        var decision = Decision(
            id: "d-1", time: DecisionSource.start, tenant: "acme",
            principal: Principal(id: "alice", roles: ["clerk", "Admin"]),
            resource: Resource(kind: "invoice", id: "inv-9"), actions: ["read", "delete"], effect: .deny)
        decision.durationNanoseconds = 310_500
        decision.cacheHit = false
        decision.extras = ["attrs": .object(["code": .number("403")])]
        return decision
    }

    @Test func `equal is exact, contains ignores case`() throws {
        #expect(try matches("principal:alice", decision))
        #expect(try !matches("principal:Alice", decision))
        #expect(try matches("principal~LIC", decision))
    }

    @Test func `any element of a list may match`() throws {
        #expect(try matches("role:Admin action:delete", decision))
        #expect(try matches("role~admin", decision))
        #expect(try !matches("role:owner", decision))
        #expect(try matches("action:[update,read]", decision))
    }

    @Test func `a missing field matches nothing, so not includes it`() throws {
        #expect(try !matches("scope:eu", decision))
        #expect(try !matches(#"scope:"""#, decision))
        #expect(try matches("not scope:eu", decision))
        #expect(try !matches("duration_us<1 or scope~e", decision))
    }

    @Test func `numbers and times compare by value`() throws {
        #expect(try matches("duration_us:310.5 duration_us>=310.5 duration_us<311", decision))
        #expect(try matches("attrs.code>=400 attrs.code:403.0", decision))
        #expect(try matches("time:2026-01-05T10:00:00+01:00", decision))
        #expect(try matches("time<=2026-01-05T09:00:00Z", decision))
        #expect(try !matches("time<2026-01-05T09:00:00Z", decision))
        #expect(try matches("time>-1s", decision))
        #expect(try !matches("attrs.code>2026-01-05T09:00:00Z", decision))
    }

    @Test func `an entry stored under a derived identifier is found by both`() throws {
        let query = try Query(parsing: "id:d-1", now: DecisionSource.start)
        let derived = try Query(parsing: "id:d-1~0123456789ab", now: DecisionSource.start)
        #expect(QueryMatcher(query).matches(decision, storedID: "d-1~0123456789ab"))
        #expect(QueryMatcher(derived).matches(decision, storedID: "d-1~0123456789ab"))
        #expect(!QueryMatcher(derived).matches(decision))
    }

    @Test func `anything with fields can be matched`() throws {
        let query = try Query(
            parsing: "severity:[high,critical] score>=0.9 not state:resolved", now: testClock())
        let incident: [String: FieldValue] = [
            "severity": .text("critical"), "score": .number(0.97), "state": .text("new"),
        ]
        #expect(QueryMatcher(query).matches { incident[$0].map { [$0] } ?? [] })
        #expect(!QueryMatcher(query).matches { name in name == "score" ? [.number(1)] : [] })
    }

    @Test func `no query matches everything`() {
        #expect(QueryMatcher(nil).matches(decision))
        #expect(QueryMatcher(.all([])).matches(decision))
    }

    @Test func `columns and decisions agree on random queries`() {
        var source = DecisionSource(seed: 3)
        var random = SeededGenerator(seed: 4)
        var columns = DecisionColumns()
        var decisions: [(Decision, String)] = []
        for number in 0..<700 {
            let decision = source.next()
            let storedID = number % 50 == 0 ? decision.id + "~0123456789ab" : decision.id
            columns.append(decision, storedID: storedID)
            decisions.append((decision, storedID))
        }
        for row in stride(from: 0, to: 700, by: 9) { columns.markDeleted(row) }
        var askedOfRows = 0
        for _ in 0..<300 {
            let query = RandomQueries.query(depth: 3, &random)
            let matcher = QueryMatcher(query)
            let found = ColumnFilter.rows(matching: query, in: columns)
            let expected = RowSet(rowCount: 700) { row in
                row % 9 != 0 && matcher.matches(decisions[row].0, storedID: decisions[row].1)
            }
            #expect(found == expected, "\(query)")
            guard let test = RowTest(query, in: columns) else { continue }
            askedOfRows += 1
            #expect(RowSet(rowCount: 700) { test.admits($0, columns) } == expected, "\(query)")
            let share = Double(expected.count) / 700
            #expect(abs(test.estimatedShare(columns) - share) <= 0.1, "\(query): \(share)")
        }
        #expect(askedOfRows > 60, "\(askedOfRows) of 300 queries can be asked of single rows")
    }

    @Test func `a tenant that every match is in is taken out of the query`() throws {
        func scope(_ text: String) throws -> Query.Scope { try Query(parsing: text, now: testClock()).scope }
        #expect(try scope("tenant:acme").tenant == "acme")
        #expect(try scope("tenant:acme").remainder == nil)
        #expect(try scope("effect:deny tenant:acme").tenant == "acme")
        #expect(try scope("effect:deny tenant:acme").remainder?.description == "effect:deny")
        #expect(try scope("tenant:acme or effect:deny").tenant == nil)
        #expect(try scope("not tenant:acme").tenant == nil)
        #expect(try scope("tenant:[a,b]").tenant == nil)
        #expect(try scope("tenant~acme").tenant == nil)
        #expect(try scope("").remainder == nil)
    }
}
