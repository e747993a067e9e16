import AnomalyDetection
import Decisions
import Operations
import TerminalUI
import Testing
import VectorStores

@testable import Console

@Suite struct HuntPageTests {
    static func console(width: Int = 80, height: Int = 24, answered: Bool = true) -> Harness {
        var console = Harness(.anomalies, width: width, height: height)
        console.press("Enter H")
        if answered { console.answer(.hunted(Fixture.hunt), .hunt) }
        return console
    }

    static func list(width: Int = 80, height: Int = 24) -> Harness {
        var snapshot = Fixture.snapshot()
        snapshot.hunts = Fixture.hunts
        var console = Harness(width: width, height: height, snapshot: snapshot)
        console.press(": h u n t s Enter")
        return console
    }

    private func lastLine(_ console: Harness) -> String {
        console.picture.split(separator: "\n").last.map(String.init) ?? ""
    }

    @Test func `H asks who else did it, without the tenant where none is chosen, and can be stopped`() {
        var console = Self.console(answered: false)
        let decision = Fixture.incidents[0].evidence.decision
        #expect(console.questions.last?.0 == .hunt(HuntQuestion(decision: decision)))
        #expect(console.picture.contains("searching without who and where … Ctrl-c stops"))
        #expect(console.press("C-c") == [.cancel(.hunt)])
        #expect(console.picture.contains("not answered; Esc and H ask again"))
        console.press("Escape")
        #expect(console.state.view == .anomalies && console.state.anomalies.page == .evidence)
    }

    @Test func `who else, when and how often is listed, and each leads to what they did`() throws {
        var console = Self.console()
        let picture = console.picture
        #expect(picture.contains("WHO ELSE get secrets ✓ allow  other than svc-deploy  K7F2"))
        #expect(picture.contains("2 others  4 searches, scanned 12,400 in 920 µs"))
        #expect(picture.contains("vault-agent") && picture.contains("1,204") && picture.contains("globex"))
        #expect(
            lastLine(console).contains("S live hunt") && lastLine(console).contains("Esc anomalies"))
        console.press("Down Enter")
        #expect(
            console.state.search.editor.text == "tenant:globex principal:ana kind:secrets effect:allow")
        #expect(console.state.search.page == .results && lastLine(console).contains("Esc hunt"))
        console.press("Escape")
        #expect(console.state.isOnHunt && console.state.selectedFind?.principal == "ana")
        console.press("Escape")
        #expect(console.state.view == .anomalies && console.state.anomalies.page == .evidence)
    }

    @Test func `S hunts it from now on, and u takes that back`() throws {
        var console = Self.console()
        let decision = Fixture.incidents[0].evidence.decision
        console.press("S")
        #expect(console.questions.last?.0 == .changeHunts(.save(decision, incident: "K7F2"), by: nil))
        console.answer(.huntChanged(Fixture.hunts[0]), .hunts)
        #expect(console.picture.contains("hunt 4TQZ is live: :hunts · u undoes"))
        #expect(console.state.snapshot.hunts.map(\.id) == ["4TQZ"])
        console.press("u")
        #expect(console.questions.last?.0 == .changeHunts(.remove("4TQZ"), by: nil))
        var removed = Fixture.hunts[0]
        removed.hunt.removed = Hunt.Removal(who: "sam", time: Fixture.now)
        console.answer(.huntChanged(removed), .hunts)
        #expect(console.state.snapshot.hunts.isEmpty && console.state.hunting.undo.isEmpty)
    }

    @Test func `what is refused takes nothing from what can be taken back, nor from what is saved later`() {
        var console = Self.console()
        console.press("S")
        console.answer(.huntChanged(Fixture.hunts[0]), .hunts)
        console.press("u")
        console.answer(.failed("the store is away"), .hunts)
        #expect(console.state.hunting.undo == [.remove("4TQZ")])
        console.press("S")
        console.answer(.huntChanged(Fixture.hunts[1]), .hunts)
        #expect(console.picture.contains("hunt 9XRC is live: :hunts · u undoes"))
        #expect(console.state.hunting.undo == [.remove("4TQZ"), .remove("9XRC")])
        #expect(console.state.hunting.orders.isEmpty)
    }

    @Test func `a hunt that finds something all the time is told once a minute, and hides no failure`() {
        var snapshot = Fixture.snapshot()
        snapshot.hunts = Fixture.hunts
        var console = Harness(.overview, width: 120, height: 36, snapshot: snapshot)
        func find() {
            snapshot.hunts[0].tally.hits += 1
            console.take(.snapshot(snapshot))
        }
        find()
        #expect(console.state.notice?.text.contains("hunt 4TQZ") == true)
        console.state.show("something failed", .problem)
        find()
        #expect(console.state.notice?.text == "something failed")
        console.take(.tick(now: Fixture.now, milliseconds: console.milliseconds + 60_000))
        find()
        #expect(console.state.notice?.text.contains("hunt 4TQZ") == true)
    }

    @Test func `a console that is narrowed to a tenant searches there and saves nothing`() {
        var console = Harness(.tenants, width: 80, height: 24)
        console.press("Enter 3 Enter H")
        let decision = Fixture.incidents[0].evidence.decision
        #expect(console.questions.last?.0 == .hunt(HuntQuestion(decision: decision, tenant: "acme")))
        console.answer(.hunted(Fixture.hunt), .hunt)
        console.take(.tick(now: Fixture.now, milliseconds: console.milliseconds + 60_000))
        #expect(!lastLine(console).contains("S live hunt"))
        let before = console.questions.count
        console.press("S")
        #expect(console.questions.count == before)
        #expect(console.picture.contains("live hunt: it looks at every tenant: @ shows all"))
    }

    @Test func `where nobody else did it that is said with how sure it is`() {
        var console = Self.console(answered: false)
        var report = HuntReport()
        report.isExact = true
        console.answer(.hunted(report), .hunt)
        #expect(console.picture.contains("nobody else did that"))
        #expect(console.picture.contains("everything was compared"))
        #expect(console.press("Enter").isEmpty)
    }

    @Test func `the live hunts are listed with age, author, hits and the last hit`() {
        var console = Self.list()
        let picture = console.picture
        #expect(picture.contains("HUNTS 2 of 20 live"))
        let rows = picture.split(separator: "\n").map(String.init)
        #expect(
            rows.contains {
                $0.contains("4TQZ") && $0.contains("get secrets, allow") && $0.contains(" 3 ")
                    && $0.contains("ana")
            })
        #expect(rows.contains { $0.contains("9XRC") && $0.contains("none yet") })
        for keys in ["Enter who did it", "d remove", "Esc results"] {
            #expect(lastLine(console).contains(keys))
        }
        console.press("Down d")
        #expect(console.questions.last?.0 == .changeHunts(.remove("9XRC"), by: nil))
        var removed = Fixture.hunts[1]
        removed.hunt.removed = Hunt.Removal(who: "sam", time: Fixture.now)
        console.answer(.huntChanged(removed), .hunts)
        #expect(!console.picture.contains("get payroll"))
        console.press("u")
        #expect(console.questions.last?.0 == .changeHunts(.restore("9XRC"), by: nil))
        console.answer(.huntChanged(Fixture.hunts[1]), .hunts)
        #expect(console.picture.contains("get payroll"))
    }

    @Test func `Enter on a live hunt tells who did it, and Esc leads back to the list step by step`() {
        var console = Self.list()
        console.press("Enter")
        #expect(
            console.questions.last?.0 == .hunt(HuntQuestion(decision: Fixture.hunts[0].hunt.decision)))
        console.answer(.hunted(Fixture.hunt), .hunt)
        console.press("Enter")
        #expect(console.state.search.page == .results)
        console.press("Escape")
        #expect(console.state.isOnHunt)
        console.press("Escape")
        #expect(console.state.isOnHunts)
        console.press("Escape")
        #expect(console.state.search.page == .results)
    }

    @Test func `a hunt that finds something is told wherever one is, and its incident says what`() {
        var snapshot = Fixture.snapshot()
        snapshot.hunts = Fixture.hunts
        var console = Harness(.overview, width: 120, height: 36, snapshot: snapshot)
        #expect(!console.picture.contains("did it in"))
        snapshot.hunts[0].tally.hits = 4
        console.take(.snapshot(snapshot))
        #expect(console.picture.contains("hunt 4TQZ: ana did it in globex · :hunts"))
        var incident = Fixture.incidents[0]
        incident.key = Incident.Key(
            tenant: "", principal: "4TQZ get secrets, allow", kind: "verdict:hunt", effect: .conditional)
        incident.signal = Signal.Standing(kind: .huntHit, raised: Fixture.now)
        let page = EvidencePage(incident: incident, now: Fixture.now, width: 100, glyphs: .block)
        #expect(
            page.lines.map(\.text).contains { $0.contains("4TQZ get secrets, allow  hunt found something") })
        #expect(page.lines.contains { $0.text.contains(":hunts shows it") })
    }

    @Test func `on a shared account a name comes first, and who may only look saves nothing`() {
        var snapshot = Fixture.snapshot()
        snapshot.isUserShared = true
        var console = Harness(.anomalies, width: 80, height: 24, snapshot: snapshot)
        console.press("Enter H")
        console.answer(.hunted(Fixture.hunt), .hunt)
        console.press("S")
        #expect(console.picture.contains("Who are you?"))
        console.press("l e a Enter")
        let decision = Fixture.incidents[0].evidence.decision
        #expect(console.questions.last?.0 == .changeHunts(.save(decision, incident: "K7F2"), by: "lea"))
        snapshot.access = .view
        var reader = Harness(.anomalies, width: 80, height: 24, snapshot: snapshot)
        reader.press("Enter H")
        reader.answer(.hunted(Fixture.hunt), .hunt)
        let before = reader.questions.count
        reader.press("S")
        #expect(reader.questions.count == before)
    }

    @Test(arguments: [(40, 10), (60, 18), (80, 24), (120, 36), (200, 50)])
    func `every row has its width at every size, whatever things are called`(width: Int, height: Int) {
        var report = Fixture.hunt
        report.finds[0].principal = Fixture.hostile
        report.finds[0].nearest.resource.kind = Fixture.hostile
        var console = Self.console(width: width, height: height, answered: false)
        console.answer(.hunted(report), .hunt)
        var list = Self.list(width: width, height: height)
        list.state.snapshot.hunts[0].hunt.name = Fixture.hostile
        list.state.snapshot.hunts[0].hunt.author = Fixture.hostile
        for picture in [console.picture, list.picture] {
            let rows = picture.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            #expect(rows.allSatisfy { String($0).displayWidth == width })
            #expect(!picture.contains("\u{1B}") && !picture.contains("\u{202E}"))
        }
    }
}
