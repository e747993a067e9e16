import Decisions
import Testing
import VectorStores

@testable import Operations

@Suite struct RecallBookTests {
    private let start = Timestamp(seconds: 1_000)
    private var book = RecallBook(start: Timestamp(seconds: 1_000))

    private mutating func note(_ recall: Double, of tenant: String, times: Int = 1) {
        for _ in 0..<times {
            _ = book.note(RecallSample(recall: recall, time: start), of: RecallScope(tenant: tenant))
        }
    }

    private mutating func turns(_ count: Int) -> [String] {
        (0..<count).compactMap { _ in book.nextTurn()?.scope.tenant }
    }

    @Test mutating func `tenants are probed in turn, a new one next`() {
        #expect(book.nextTurn() == nil)
        book.admit(["globex", "acme", ""], at: start)
        #expect(turns(4) == ["", "acme", "globex", ""])
        book.admit(["zeta", "acme"], at: start)
        #expect(turns(5) == ["zeta", "acme", "globex", "", "zeta"])
        book.forget("globex", at: start)
        #expect(turns(3) == ["acme", "", "zeta"])
    }

    @Test mutating func `tenants that only look alike are two`() {
        book.admit(["caf\u{E9}", "cafe\u{301}"], at: start)
        note(0.5, of: "caf\u{E9}", times: 16)
        #expect(book.step(of: "caf\u{E9}") == .widened)
        #expect(book.step(of: "cafe\u{301}") == .usual)
    }

    @Test mutating func `where there is no room the least recently probed that is well gives way`() {
        let names = (10..<75).map { "t\($0)" }
        book.admit(names.map { RecallScope(tenant: $0) }, at: start)
        #expect(Set(turns(65)) == Set(names))
        book.admit(["late"], at: start)
        #expect(!turns(65).contains("late"))
        note(1, of: "t12", times: 16)
        note(1, of: "t11", times: 15)
        note(0.5, of: "t10", times: 16)
        book.admit(["late", "later"], at: start)
        let probed = turns(65)
        #expect(probed.first == "late")
        #expect(!probed.contains("t12") && !probed.contains("later"))
        #expect(probed.contains("t10") && probed.contains("t11"))
    }

    @Test mutating func `of more tenants than are remembered all come to be judged`() {
        let names = (100..<300).map { RecallScope(tenant: "t\($0)") }
        var samples: [RecallScope: Int] = [:]
        var now = start
        // As a console at rest probes.
        for _ in 0..<6 * RecallGuard.scopesKept * RecallGuard.leastSamples {
            now = now.advanced(bySeconds: 10)
            book.admit(names, at: now)
            guard let scope = book.nextTurn()?.scope else { continue }
            samples[scope, default: 0] += 1
            _ = book.note(RecallSample(recall: 1, time: now), of: scope)
        }
        #expect(samples.count == names.count)
        #expect(samples.values.allSatisfy { $0 >= RecallGuard.leastSamples })
    }

    @Test mutating func `who gave way waits for the others, unless somebody asks`() throws {
        let names = (10..<75).map { "t\($0)" }
        book.admit(names.map { RecallScope(tenant: $0) }, at: start)
        for name in names { note(1, of: name, times: 16) }
        _ = turns(65)
        book.admit(["late"], at: start)
        #expect(turns(1) == ["late"])
        let gone = try #require(Set(names).subtracting(turns(64)).first)
        book.admit([RecallScope(tenant: gone)], at: start)
        #expect(!turns(65).contains(gone))
        let request = SearchRequest(target: .like(id: "d-1", tenant: gone), query: .tenant(gone))
        book.note(asked: request, at: start)
        #expect(turns(1) == [gone])
    }

    @Test mutating func `while widened each question is asked at both breadths`() throws {
        book.admit(["acme"], at: start)
        note(0.5, of: "acme", times: 16)
        var asked: [RecallSample.Breadth: Set<Int>] = [:]
        for _ in 0..<32 {
            let next = book.nextTurn()
            let turn = try #require(next)
            asked[turn.breadth, default: []].insert(turn.number % RecallProbe.newest)
        }
        #expect(asked[.usual]?.count == 16)
        #expect(asked[.usual] == asked[.wide])
    }

    @Test mutating func `the figure over all is that of the newest 512 at the usual breadth`() {
        #expect(book.summary(at: start) == nil)
        book.admit(["a", "b"], at: start)
        note(0, of: "a", times: 10)
        note(1, of: "b", times: 508)
        _ = book.note(RecallSample(recall: 0, breadth: .wide, time: start), of: "b")
        let summary = book.summary(at: start.advanced(bySeconds: 7))
        #expect(summary == RecallSummary(recall: 508.0 / 512, samples: 512, ageSeconds: 7))
        #expect(book.summaries(at: start)["a"]?.samples == 10)
        note(1, of: "gone")
        #expect(book.summary(at: start)?.samples == 512)
    }

    @Test mutating func `health tells how well all is, since the last trouble`() {
        #expect(book.checks(at: start).isEmpty)
        book.admit(["acme"], at: start)
        note(0.5, of: "acme", times: 16)
        let later = start.advanced(bySeconds: 60)
        for _ in 0..<16 { _ = book.note(RecallSample(recall: 1, time: later), of: "acme") }
        #expect(
            book.checks(at: later) == [
                HealthCheck(
                    name: "recall", status: .ok, since: later, detail: "75 % of 32 sampled searches")
            ])
    }

    @Test mutating func `a few low samples are told to be few`() {
        book.admit(["acme"], at: start)
        note(0.9, of: "acme", times: 2)
        #expect(
            book.checks(at: start).map(\.detail) == [
                "90 % of 2 sampled searches, too few to judge: 16 are needed"
            ])
        note(1, of: "acme", times: 2)
        #expect(book.checks(at: start).map(\.detail) == ["95 % of 4 sampled searches"])
    }

    @Test mutating func `health names the five worst, since when, and what is done`() {
        let names = ["", "a", "b", "c", "d", "e", "f"]
        book.admit(names.map { RecallScope(tenant: $0) }, at: start)
        for (place, name) in names.enumerated() { note(Double(place) / 10, of: name, times: 16) }
        for _ in 0..<16 {
            _ = book.note(RecallSample(recall: 0.5, breadth: .wide, time: start), of: "a")
        }
        let checks = book.checks(at: start.advanced(bySeconds: 5))
        #expect(checks.map(\.name) == ["recall (none)", "recall a", "recall b", "recall c", "recall d"])
        #expect(checks.allSatisfy { $0.status == .degraded && $0.since == start })
        #expect(
            checks[0].detail
                == "0 % of 16 sampled searches, below 95 %: searches walk 4x as wide until samples are well, run verdict rebuild"
        )
        #expect(
            checks[1].detail
                == "10 % of 16 sampled searches, below 95 %: "
                + "searches compare everything until samples are well, run verdict rebuild")
        #expect(checks[4].detail.hasSuffix("; so are 2 more"))
        book.forget("a", at: start)
        #expect(book.checks(at: start).count == 5)
    }

    private func request(_ id: String, _ query: Query? = .tenant("acme")) -> SearchRequest {
        SearchRequest(target: .like(id: id, tenant: "acme"), query: query)
    }

    private func id(_ question: RecallQuestion?) -> String? {
        guard case .like(let id, _)? = question?.target else { return nil }
        return id
    }

    @Test mutating func `what people asked is asked again, the newest 32 of each scope in turn`() throws {
        book.admit(["acme"], at: start)
        #expect(book.nextTurn()?.question == nil)
        for number in 0..<40 { book.note(asked: request("d-\(number)"), at: start) }
        book.note(asked: request("x", nil), at: start)
        book.note(asked: SearchRequest(query: .tenant("acme")), at: start)
        var asked: [RecallScope: Set<String>] = [:]
        for _ in 0..<64 {
            let next = book.nextTurn()
            let turn = try #require(next)
            asked[turn.scope, default: []].insert(id(turn.question) ?? "stored")
        }
        #expect(asked["acme"] == Set((8..<40).map { "d-\($0)" }))
        #expect(asked[.everything] == ["x"])
        #expect(asked.count == 2)
    }

    @Test mutating func `a question that tells nothing any more is forgotten`() throws {
        book.note(asked: request("gone"), at: start)
        let next = book.nextTurn()
        let turn = try #require(next)
        book.forget(try #require(turn.question), of: turn.scope)
        #expect(book.nextTurn()?.question == nil)
    }

    @Test mutating func `what the store keeps counts until enough was sampled here`() {
        let since = start.advanced(bySeconds: -50)
        let trouble = RecallTrouble(step: .exact, since: since, recall: 0.5, samples: 40)
        let kept = RecallTroubles(breadth: 96, scopes: ["acme": trouble, .everything: trouble])
        book.take(kept, rebuilt: nil)
        #expect(book.usualBreadth == 96)
        #expect(book.step(of: "acme") == .exact && book.step(of: .everything) == .exact)
        #expect(book.troubles(at: start) == kept)
        #expect(book.checks(at: start).map(\.name) == ["recall across tenants", "recall acme"])
        #expect(book.checks(at: start).allSatisfy { $0.since == since && $0.status == .degraded })
        book.admit(["acme"], at: start)
        note(1, of: "acme", times: 15)
        #expect(book.step(of: "acme") == .exact)
        note(1, of: "acme")
        #expect(book.step(of: "acme") == .usual && book.step(of: .everything) == .exact)
        #expect(book.troubles(at: start).scopes.keys.map(\.self) == [.everything])
        // A rebuild after it began leaves nothing to guard.
        book.take(kept, rebuilt: since)
        #expect(book.troubles(at: start).scopes.isEmpty)
    }

    @Test mutating func `what is gone is not taken up again from what the store still keeps`() {
        let trouble = RecallTrouble(step: .exact, since: start, recall: 0.5, samples: 40)
        let kept = RecallTroubles(breadth: 96, scopes: ["acme": trouble, "gone": trouble])
        book.take(kept, rebuilt: nil)
        #expect(book.keptScopes == ["acme", "gone"])
        book.admit(book.keptScopes, at: start)
        book.forget("gone", at: start)
        for _ in 0..<2 {
            book.take(kept, rebuilt: nil)
            #expect(book.keptScopes == ["acme"] && book.step(of: "gone") == .usual)
            #expect(book.troubles(at: start).steps == ["acme": .exact])
        }
        // One that has entries again is as any other, and so is one that was left out meanwhile.
        book.admit(["gone"], at: start)
        book.take(kept, rebuilt: nil)
        #expect(book.step(of: "gone") == .exact)
        book.forget("gone", at: start)
        book.take(RecallTroubles(breadth: 96, scopes: ["acme": trouble]), rebuilt: nil)
        book.take(kept, rebuilt: nil)
        #expect(book.step(of: "gone") == .exact)
    }

    @Test func `of more troubles than a record may have the oldest are kept`() {
        var troubles = RecallTroubles(breadth: 80)
        for number in 0..<(RecallGuard.scopesKept + 5) {
            troubles.scopes[RecallScope(tenant: "t\(number)")] = RecallTrouble(
                step: .widened, since: start.advanced(bySeconds: -Int64(number)))
        }
        let kept = troubles.kept
        #expect(kept.scopes.count == RecallGuard.scopesKept)
        #expect(kept.scopes["t4"] == nil && kept.scopes["t5"] != nil)
        #expect(RecallTroubles(json: kept.json) == kept)
    }

    @Test mutating func `an index that was built anew is judged anew`() {
        book.admit(["acme"], at: start)
        note(0.5, of: "acme", times: 16)
        #expect(book.step(of: "acme") == .widened)
        book.take(nil, rebuilt: start.advanced(bySeconds: -1))
        #expect(book.step(of: "acme") == .widened)
        book.take(nil, rebuilt: start.advanced(bySeconds: 60))
        #expect(book.step(of: "acme") == .usual)
        note(0.5, of: "acme", times: 15)
        #expect(book.step(of: "acme") == .usual)
    }

    @Test func `troubles are read as they were kept, and what is none is left out`() throws {
        let plain = RecallTrouble(step: .widened, since: start)
        var troubles = RecallTroubles(
            breadth: 80,
            scopes: [
                "acme": RecallTrouble(step: .exact, since: start, recall: 0.25, samples: 16), "": plain,
                .everything: plain,
            ])
        #expect(RecallTroubles(json: troubles.json) == troubles)
        let object = try #require(troubles.json.object)
        for key in object.members.map(\.key) {
            var damaged = object
            damaged[key] = .bool(true)
            #expect(RecallTroubles(json: .object(damaged)) == nil, "\(key)")
        }
        guard case .array(let list)? = object["scopes"], let entry = list.last?.object else {
            Issue.record("no scopes")
            return
        }
        for key in entry.members.map(\.key) {
            var damaged = entry
            damaged[key] = .bool(true)
            var whole = object
            whole["scopes"] = .array([.object(damaged)])
            #expect(RecallTroubles(json: .object(whole)) == nil, "\(key)")
        }
        #expect(RecallTroubles(json: .null) == nil)
        troubles.scopes[RecallScope(tenant: String(repeating: "x", count: 2_000))] = plain
        #expect(troubles.kept.scopes.count == 3)
    }
}
