import AnomalyDetection
import Decisions
import Operations
import TerminalUI
import Testing

@testable import Console

@Suite struct FlipPageTests {
    static func console(width: Int = 80, height: Int = 24, answered: Bool = true) -> Harness {
        var console = Harness(.anomalies, width: width, height: height)
        console.press("Enter w")
        if answered { console.answer(.flips(Fixture.flips(of: Fixture.incidents[0])), .flips) }
        return console
    }

    private func lastLine(_ console: Harness) -> String {
        console.picture.split(separator: "\n").last.map(String.init) ?? ""
    }

    @Test func `w asks which change would have been ordinary, says so meanwhile, and can be stopped`() {
        var console = Self.console(answered: false)
        #expect(console.questions.last?.0 == .flips(Fixture.incidents[0]))
        #expect(console.picture.contains("trying changes of one field, then of two … Ctrl-c stops"))
        #expect(console.press("C-c") == [.cancel(.flips)])
        #expect(console.picture.contains("not answered; Esc and w ask again"))
        console.press("Escape w")
        #expect(console.questions.filter { $0.1.kind == .flips }.count == 2)
    }

    @Test func `at 80x24 the smallest change stands first and is at hand, and the keys are in the footer`() {
        let console = Self.console()
        let picture = console.picture
        #expect(picture.contains("svc-deploy get secrets/db ✓ allow"))
        #expect(picture.contains(".994 flagged"))
        #expect(picture.contains("▸ 1  .412  resource secrets/db → configmap/app"))
        #expect(picture.contains("  2  .550  principal svc-deploy → vault-agent"))
        #expect(lastLine(console).contains("Enter takes it"))
        #expect(lastLine(console).contains("r reset") && lastLine(console).contains("Esc evidence"))
        var field = console
        field.press("Up")
        for keys in ["→ next", "← before", "Enter types one", "r reset", "Esc evidence"] {
            #expect(lastLine(field).contains(keys), "\(keys)")
        }
        for row in picture.split(separator: "\n") { #expect(String(row).displayWidth == 80) }
    }

    @Test(arguments: [(80, 24), (120, 36), (160, 48), (200, 50)])
    func `the footer has the keys of the page alone, however wide it is`(width: Int, height: Int) {
        var console = Self.console(width: width, height: height)
        func keys() -> String { lastLine(console).split(separator: " ").joined(separator: " ") }
        #expect(keys() == "Enter takes it r reset Esc evidence")
        console.press("Up")
        #expect(keys() == "→ next ← before Enter types one r reset Esc evidence")
        // Their keys mean what they did, and the help lists them.
        #expect(ActionTable.applicable(in: console.state).contains { $0.id == .acknowledge })
    }

    @Test func `the score follows what is changed: at once where it was tried, else it is asked for`() throws
    {
        var console = Self.console()
        console.press("Enter")
        #expect(console.picture.contains(".994 flagged  →  .412 ordinary"))
        #expect(console.picture.contains("resource   secrets/db  →  configmap/app"))
        #expect(console.questions.filter { $0.1.kind == .flipScore }.isEmpty)
        // Together with another principal nothing was tried.
        console.press("Home Right")
        let asked = try #require(console.questions.last)
        #expect(
            asked.0
                == .flipScore(
                    Fixture.incidents[0], [.principal("ana"), .resource(kind: "configmap", id: "app")]))
        #expect(console.picture.contains(".994 flagged  →  …"))
        console.answer(.flipScore(Fixture.score(0.31, isFlagged: false)), .flipScore)
        #expect(console.picture.contains(".994 flagged  →  .310 ordinary"))
        #expect(console.picture.contains("1 of 2"))
        console.press("Right Right")
        #expect(console.picture.contains("as it came"))
        console.press("Left")
        #expect(console.state.flip?.changes[.principal] == .principal("vault-agent"))
        console.press("r")
        #expect(console.state.flip?.changes.isEmpty == true && !console.picture.contains("→  ."))
    }

    @Test func `an answer that comes too late is dropped`() throws {
        var console = Self.console()
        console.press("Home Right Down Down Right")
        let stale = try #require(console.ticket(.flipScore))
        console.press("r")
        console.take(.answer(.flipScore(Fixture.score(0.1, isFlagged: false)), stale))
        #expect(console.state.flip?.score == Fixture.score(0.994, isFlagged: true))
    }

    @Test func `a value is typed, and what is none is told`() {
        var console = Self.console()
        console.press("Home Down Down Down Enter")
        #expect(console.state.editedField == .flipValue)
        #expect(lastLine(console).contains("Enter takes it") && lastLine(console).contains("Esc gives up"))
        console.press("2 5 Enter")
        #expect(console.picture.contains("an hour is 0 to 23") && console.state.editedField == .flipValue)
        console.press("BSpace Enter")
        #expect(console.state.flip?.changes[.hour] == .hour(2) && console.picture.contains("typed"))
        #expect(console.questions.last?.0 == .flipScore(Fixture.incidents[0], [.hour(2)]))
        console.press("Enter 9 Escape")
        #expect(console.state.flip?.changes[.hour] == .hour(2) && console.state.editedField == nil)
        console.press("Up Enter C-u l i s t Enter")
        #expect(console.state.flip?.changes[.action] == .action("list"))
        console.press("Escape")
        #expect(console.state.anomalies.page == .evidence)
        console.press("w")
        #expect(console.state.flip?.changes.count == 2)
    }

    @Test func `what is not flagged any more, and where nothing helps, is said`() {
        var report = Fixture.flips(of: Fixture.incidents[0])
        report.score = Fixture.score(0.61, isFlagged: false)
        report.offers = []
        var console = Self.console(answered: false)
        console.answer(.flips(report), .flips)
        #expect(console.picture.contains("it would not be flagged any more, as the past is now"))
        report.score = Fixture.score(0.99, isFlagged: true)
        report.closest = [report.singles[1]]
        console = Self.console(answered: false)
        console.answer(.flips(report), .flips)
        #expect(console.picture.contains("none of them makes it ordinary; the closest:"))
        #expect(console.picture.contains("1  .950  action get → list"))
        report.score.isLearning = true
        report.score.isFlagged = false
        console = Self.console(answered: false)
        console.answer(.flips(report), .flips)
        #expect(console.picture.contains("its tenant is still learning"))
    }

    @Test(arguments: [(40, 10), (60, 18), (80, 24), (120, 36), (200, 50)])
    func `every row has its width at every size, whatever things are called`(width: Int, height: Int) {
        var report = Fixture.flips(of: Fixture.incidents[0])
        report.decision.principal.id = Fixture.hostile
        report.decision.resource.kind = Fixture.hostile
        report.offers[0].changes = [.principal(Fixture.hostile), .resource(kind: Fixture.hostile, id: "x")]
        var console = Self.console(width: width, height: height, answered: false)
        console.answer(.flips(report), .flips)
        for _ in 0..<5 {
            let rows = console.picture.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            #expect(rows.allSatisfy { String($0).displayWidth == width })
            #expect(!console.picture.contains("\u{1B}") && !console.picture.contains("\u{202E}"))
            #expect(console.picture.contains("▸ "))
            console.press("Up")
        }
    }

    @Test func `an incident of the watching itself has nothing to flip`() {
        var snapshot = Fixture.snapshot()
        snapshot.incidents[0].signal = Signal.Standing(kind: .silentSource, raised: Fixture.now)
        var console = Harness(.anomalies, width: 80, height: 24, snapshot: snapshot)
        console.press("w")
        #expect(console.state.anomalies.page == .list && console.questions.isEmpty)
        #expect(console.picture.contains("it has no decision"))
    }
}
