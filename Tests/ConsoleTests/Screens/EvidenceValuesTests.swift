import AnomalyDetection
import Decisions
import Operations
import TerminalUI
import Testing
import VectorStores

@testable import Console

/// What they got, and the values of the evidence that lead to a search.
@Suite struct EvidenceValuesTests {
    /// The evidence of the worst incident, with what they got.
    static func console(width: Int = 80, height: Int = 24, answered: Bool = true) -> Harness {
        var console = Harness(.anomalies, width: width, height: height)
        console.press("Enter")
        if answered { console.answer(.reach(Fixture.reach(of: Fixture.incidents[0])), .reach) }
        return console
    }

    private func query(_ console: Harness) throws -> String {
        let asked = try #require(console.questions.last)
        guard case .search(let question) = asked.0 else { return "" }
        return question.query.map { "\($0)" } ?? ""
    }

    @Test func `opening an incident asks what they got, once, and says so meanwhile`() {
        var console = Self.console(answered: false)
        let asked = console.questions.filter { $0.1.kind == .reach }
        #expect(asked.count == 1)
        #expect(console.picture.contains("SINCE    asking what they got …"))
        console.press("Down Up")
        console.take(.snapshot(Fixture.snapshot()))
        #expect(console.questions.filter { $0.1.kind == .reach }.count == 1)
        console.answer(.reach(Fixture.reach(of: Fixture.incidents[0])), .reach)
        let picture = console.picture
        #expect(picture.contains("SINCE    41 allowed, 2 denied since 13:59:55; still active"))
        #expect(picture.contains("get secrets 27×, get configmap 14×"))
        #expect(picture.contains("secrets/db 9×, secrets/jwt 3×  (19 distinct)"))
        #expect(picture.contains("from 203.0.113.7 43×"))
        #expect(picture.contains("looked at 1,204 rows in 412 µs"))
        #expect(picture.contains("OTHERS   from there: ana 2 h ago"))
        console.press("Escape Down Enter")
        #expect(console.questions.filter { $0.1.kind == .reach }.count == 2)
    }

    @Test func `what the store did not answer is said, and opening the page again asks again`() {
        var console = Self.console(answered: false)
        console.answer(.failed("the store is away"), .reach)
        #expect(console.picture.contains("SINCE    not answered; Esc and Enter ask again"))
        console.press("Escape Enter")
        #expect(console.questions.filter { $0.1.kind == .reach }.count == 2)
        #expect(console.picture.contains("asking what they got"))
    }

    @Test func `an incident that grows is asked about again, not more often than every ten seconds`() {
        var console = Self.console()
        var snapshot = Fixture.snapshot()
        snapshot.incidents[0].count = 31
        console.take(.snapshot(snapshot))
        #expect(console.questions.filter { $0.1.kind == .reach }.count == 1)
        console.take(.tick(now: Fixture.now, milliseconds: console.milliseconds + 10_000))
        #expect(console.questions.filter { $0.1.kind == .reach }.count == 2)
        console.take(.tick(now: Fixture.now, milliseconds: console.milliseconds + 40_000))
        #expect(console.questions.filter { $0.1.kind == .reach }.count == 2)
    }

    @Test
    func `the usual day of the resource stands below that of the principal, the incident's hours marked`() {
        let incident = Fixture.incidents[0]
        let page = EvidencePage(
            incident: incident, now: Fixture.now, oldest: Fixture.now.advanced(bySeconds: -259_200),
            reach: .known(Fixture.reach(of: incident)), width: 120, glyphs: .block)
        let days = page.lines.filter { $0.text.contains("▁") }
        #expect(days.count == 2 && days[1].text.contains("secrets/db: 61 since 2026-02-25"))
        for day in days {
            let bars = day.spans.filter {
                $0.text.unicodeScalars.allSatisfy { (0x2581...0x2588).contains($0.value) }
            }
            #expect(bars.map(\.text).joined().count == 24)
            // 13:59 to 14:01.
            let marked = bars.filter { $0.style == Style(.warning, .bold) }
            #expect(marked.map(\.text.count) == [2])
        }
    }

    @Test func `Enter on a value searches for it, and Esc returns to where one was`() throws {
        var console = Self.console(width: 80, height: 20)
        console.press("Down Down")
        let offset = console.state.anomalies.evidenceOffset
        #expect(offset == 2)
        console.press("Tab Tab")
        let before = console.picture
        let chosen = try #require(console.state.inquiry.value)
        #expect(before.split(separator: "\n").last?.contains("Enter search") == true)
        console.press("Enter")
        #expect(console.state.view == .search && console.state.search.editor.text == chosen.query)
        #expect(try query(console) == chosen.query)
        console.answer(.search(SearchOutcome(FixtureClient.answer(isLike: false, limit: 20))), .search)
        console.press("Enter")
        #expect(console.state.search.page == .details)
        console.press("Escape Escape")
        console.take(.tick(now: Fixture.now, milliseconds: console.milliseconds))
        #expect(console.state.view == .anomalies && console.state.anomalies.page == .evidence)
        #expect(console.state.anomalies.evidenceOffset == offset && console.state.inquiry.value == chosen)
        #expect(console.picture == before)
    }

    @Test func `Tab goes through every value and comes to none, from which Enter leads to the members`()
        throws
    {
        var console = Self.console(width: 120, height: 36)
        var seen: [LinkedLines.Value] = []
        while seen.count < 200 {
            console.press("Tab")
            guard let value = console.state.inquiry.value else { break }
            seen.append(value)
        }
        #expect(seen.count > 20 && seen.count < 200)
        #expect(Set(seen.map { "\($0.query) \($0.occurrence)" }).count == seen.count)
        let queries = Set(seen.map(\.query))
        for expected in [
            "tenant:acme principal:svc-deploy", "tenant:acme kind:secrets", "tenant:acme ip:203.0.113.7",
            "tenant:acme principal:vault-agent", "tenant:acme kind:secrets resource:db",
            "tenant:acme principal:ana",
            "tenant:acme kind:configmap resource:app", "tenant:acme",
            "tenant:acme principal:svc-deploy kind:secrets action:get",
        ] { #expect(queries.contains(expected), "\(expected)") }
        for query in queries { #expect(throws: Never.self) { try Query(parsing: query, now: Fixture.now) } }
        console.press("Enter")
        #expect(console.state.anomalies.page == .members)
        console.press("Escape BTab")
        #expect(console.state.inquiry.value == seen.last)
    }

    @Test func `the values in the reasons and in what is new lead to their searches`() {
        var incident = Fixture.incidents[0]
        incident.evidence.novelTokens.append(
            Evidence.TokenShare(token: "action × effect = get × allow", share: 0.03))
        let page = EvidencePage(incident: incident, now: Fixture.now, width: 120, glyphs: .block)
        func links(_ beginning: String) -> [String] {
            page.lines.filter { $0.text.dropFirst(9).hasPrefix(beginning) }.flatMap(\.spans)
                .compactMap { span in span.link.map { "\(span.text) → \($0)" } }
        }
        #expect(
            links("svc-deploy: 214 past") == [
                "svc-deploy → tenant:acme principal:svc-deploy", "secrets → tenant:acme kind:secrets",
            ])
        #expect(links("source 203.0.113.7:") == ["203.0.113.7 → tenant:acme ip:203.0.113.7"])
        #expect(
            links("secrets in acme: 3") == ["secrets → tenant:acme kind:secrets", "acme → tenant:acme"])
        #expect(
            links("principal × kind") == [
                "svc-deploy → tenant:acme principal:svc-deploy", "secrets → tenant:acme kind:secrets",
            ])
        #expect(links("source = ") == ["203.0.113.7 → tenant:acme ip:203.0.113.7"])
        #expect(
            links("action × effect") == [
                "get → tenant:acme action:get", "allow → tenant:acme effect:allow",
            ])
    }

    @Test func `Tab reaches a reason's value, Enter searches for it and Esc returns to it`() throws {
        var console = Self.console(width: 120, height: 36)
        var line = ""
        while !line.contains("WHY") {
            console.press("Tab")
            let chosen = try #require(console.state.inquiry.value)
            let page = LinkedLines(
                lines: console.state.evidencePage(
                    of: Fixture.incidents[0], width: 120, glyphs: .braille
                ).lines)
            let place = try #require(page.values.first { $0.value == chosen }?.line)
            line = page.lines[place].text
        }
        let before = console.picture
        #expect(console.state.inquiry.value?.query == "tenant:acme principal:svc-deploy")
        console.press("Enter")
        #expect(try query(console) == "tenant:acme principal:svc-deploy")
        console.press("Escape")
        console.take(.tick(now: Fixture.now, milliseconds: console.milliseconds))
        #expect(console.picture == before)
    }

    @Test func `a value that is chosen comes into view, and one that was scrolled away is left`() {
        var console = Self.console(width: 60, height: 18)
        for _ in 0..<60 {
            console.press("Tab")
            guard let chosen = console.state.inquiry.value else { break }
            let room = AnomaliesScreen(state: console.state).pageRoom
            let page = LinkedLines(
                lines: console.state.evidencePage(
                    of: Fixture.incidents[0], width: room.width, glyphs: .braille
                ).lines)
            let line = page.values.first { $0.value == chosen }?.line ?? -1
            let offset = console.state.anomalies.evidenceOffset
            #expect((offset..<offset + room.height - 1).contains(line))
        }
        console.press("Home Tab")
        let first = console.state.inquiry.value
        console.press("Tab Tab End Home Tab")
        #expect(first != nil && console.state.anomalies.evidenceOffset == 0)
    }

    @Test func `a value that was wrapped is one, and names that no query may be so long for lead nowhere`() {
        var incident = Fixture.incidents[0]
        incident.key.principal = (0..<30).map { "part-\($0)" }.joined(separator: " ")
        func values(_ incident: Incident) -> [LinkedLines.Value] {
            LinkedLines(
                lines: EvidencePage(incident: incident, now: Fixture.now, width: 60, glyphs: .block).lines
            ).values.map(\.value)
        }
        let own = values(incident).filter { $0.query.contains("part-29") }
        #expect(own.first?.occurrence == 0 && own.filter { !$0.query.contains("kind:") }.count == 1)
        incident.key.principal = String(repeating: "p", count: 10_000)
        #expect(values(incident).allSatisfy { !$0.query.contains("ppp") })
    }

    @Test func `a value that evidence has cut leads to a search that finds the whole`() throws {
        let whole = String(repeating: "n", count: 600)
        // The last that is kept joins what stands behind it to one character.
        let joining = String(repeating: "j", count: 511) + "\u{0600}"
        var incident = Fixture.incidents[0]
        incident.resources = [
            "\(incident.key.kind)/" + whole.prefix(511 - incident.key.kind.count) + "…"
        ]
        #expect(incident.resources[0].unicodeScalars.count == 513)
        incident.actions = [joining + "…", whole.prefix(512) + "…"]
        let page = EvidencePage(incident: incident, now: Fixture.now, width: 60, glyphs: .block)
        let queries = LinkedLines(lines: page.lines).values.map(\.value.query)
        var decision = incident.evidence.decision
        decision.tenant = incident.key.tenant
        decision.principal.id = incident.key.principal
        decision.resource.kind = incident.key.kind
        decision.resource.id = whole
        decision.actions = [joining + "jj", whole]
        for (field, beginning) in [("resource", "nnn"), ("action", "nnn"), ("action", "jjj")] {
            let found = queries.filter { $0.contains("\(field)~") && $0.contains(beginning) }
            #expect(!found.isEmpty, "\(field) \(beginning)")
            for text in found {
                let query = try Query(parsing: text, now: Fixture.now)
                #expect(QueryMatcher(query).matches(decision), "\(text)")
            }
        }
        #expect(!queries.contains { $0.contains("…") })
        // One that ends in the sign by itself is looked for as it is.
        let short = page.resourceQuery("\(incident.key.kind)/and so on…")
        #expect(short?.contains("resource:") == true && short?.contains("and so on…") == true)
    }

    @Test func `beside the list Left leads back to it and Tab goes to values`() {
        var console = Self.console(width: 160, height: 48)
        console.press("Tab")
        #expect(console.state.inquiry.value != nil && console.state.anomalies.page == .evidence)
        console.press("Left")
        #expect(console.state.anomalies.page == .list)
        console.press("Tab")
        #expect(console.state.anomalies.page == .evidence)
    }

    @Test func `a copy has the channels, the tokens and what they got`() throws {
        var console = Self.console()
        console.press("Y")
        guard
            case .copy(let text)? = console.requests.last(where: {
                if case .copy = $0 { true } else { false }
            })
        else {
            Issue.record("nothing was copied")
            return
        }
        let object = try #require(try JSONParser().parse(text).object)
        #expect(object["reach"]?.object?["allowed"]?.number == 41)
        #expect(object["channels"]?.object?["distance"]?.number == 0.986)
        #expect(object["novel_tokens"] != nil && object["principal_hours"] != nil)
        console.press("x m")
        let markdown = console.requests.compactMap { request -> String? in
            if case .copy(let text) = request { text } else { nil }
        }.last
        #expect(markdown?.contains("## What they got") == true)
    }
}
