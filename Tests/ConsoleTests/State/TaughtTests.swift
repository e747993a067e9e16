import AnomalyDetection
import Decisions
import Operations
import TerminalUI
import Testing

@testable import Console

/// Rules and lessons by keys: the form, the list, what is taken back and brought back.
@Suite struct TaughtTests {
    static func snapshot() -> ConsoleSnapshot {
        var snapshot = Fixture.snapshot()
        snapshot.taught = Fixture.taught
        snapshot.user = "sam"
        return snapshot
    }

    static func console(
        _ keys: String = "L", width: Int = 80, height: Int = 24, snapshot: ConsoleSnapshot = snapshot()
    ) -> Harness {
        var console = Harness(.anomalies, width: width, height: height, snapshot: snapshot)
        console.press(keys)
        return console
    }

    private func orders(_ console: Harness) -> [TaughtOrder] {
        console.questions.compactMap { question in
            if case .teach(let order, _) = question.0 { order } else { nil }
        }
    }

    /// A console with the form of the incident at hand, and what it would have hidden.
    private func form(_ keys: String = "") -> Harness {
        var console = Self.console("S")
        console.answer(.rehearsal(Rehearsal(Fixture.tuningHistory)), .rehearsal)
        preview(&console)
        if keys.isEmpty { return console }
        console.press(keys)
        preview(&console)
        return console
    }

    /// Counts what the rule that was asked for last would have hidden, as the client does.
    private func preview(_ console: inout Harness) {
        for question in console.questions.reversed() {
            guard case .previewRule(let rehearsal, let fields) = question.0 else { continue }
            return console.answer(.rulePreviewed(RulePreview(of: fields, on: rehearsal)), .rulePreview)
        }
        Issue.record("nothing is to be counted")
    }

    @Test(arguments: ["L", ": t a u g h t Enter"])
    func `a key and a command lead to what was taught, Esc back`(_ keys: String) {
        var console = Self.console(keys)
        #expect(console.state.anomalies.page == .taught)
        #expect(console.picture.contains("2 in effect of 4"))
        console.press("Escape")
        #expect(console.state.anomalies.page == .list && console.state.view == .anomalies)
    }

    @Test func `arrows at the ends of the list stay there and say so`() {
        var console = Self.console("L")
        let ids = console.state.taughtRows.map(\.id)
        #expect(ids.count == 4)
        for key in ["Up", "k"] {
            console.press(key)
            #expect(console.state.selectedTaught?.id == ids.first)
            #expect(console.state.notice?.text == "the start is reached")
        }
        console.press("Down Down Down")
        #expect(console.state.selectedTaught?.id == ids.last)
        for key in ["Down", "j", "Down"] {
            console.press(key)
            #expect(console.state.selectedTaught?.id == ids.last)
            #expect(console.state.notice?.text == "the end is reached")
        }
        console.press("Up")
        #expect(console.state.selectedTaught?.id == ids[2])
    }

    @Test func `Enter shows one, with who, why, until when and how often`() {
        var console = Self.console("L Enter")
        for text in [
            "R-7KQ2", "in effect", "ana", "the migration of the vault", "41 decisions", "svc-deploy",
        ] {
            #expect(console.picture.contains(text), "\(text)")
        }
        console.press("Escape Down Enter")
        #expect(console.picture.contains("lesson of an incident that was expected"))
        console.press("q")
        #expect(console.state.anomalies.page == .taught)
    }

    @Test func `x takes one back, u undoes that, o brings back what was taken back before`() {
        var console = Self.console("L x")
        #expect(orders(console) == [.withdraw("R-7KQ2")])
        var item = Fixture.taught[0]
        guard case .rule(var rule) = item.subject else { return }
        rule.end = TaughtEnd(.undone, time: Fixture.now, who: "sam")
        item.subject = .rule(rule)
        console.answer(.taught(item), .taught)
        #expect(console.state.notice?.text == "rule R-7KQ2 is taken back · u undoes")
        #expect(console.picture.contains("1 in effect of 4"))
        console.press("u")
        #expect(orders(console).last == .restore("R-7KQ2"))
        console.answer(.taught(Fixture.taught[0]), .taught)
        #expect(console.state.notice?.text == "rule R-7KQ2 is in effect again")
        #expect(console.state.undo.isEmpty)
        console.press("Down Down o")
        #expect(orders(console).last == .restore("J3QT"))
        console.press("Down o")
        #expect(console.state.notice?.text == "bring back: it has expired: make a new rule")
        console.press("x")
        #expect(console.state.notice?.text == "take back: it is expired already")
    }

    @Test func `acts on incidents do nothing here`() {
        var console = Self.console("L a")
        #expect(console.questions.isEmpty)
        console.press("m y v S")
        #expect(console.questions.isEmpty && console.state.overlay == nil)
        console.press("Down Down Down Down Down G g g")
        #expect(console.state.selectedTaught?.id == "R-7KQ2")
    }

    @Test func `the form begins with what all decisions share, and tells what it would have hidden`() {
        let console = form()
        #expect(console.picture.contains("Hide what is like K7F2"))
        #expect(console.picture.contains("✓ principal  svc-deploy"))
        #expect(console.picture.contains("✓ action     get") && console.picture.contains("  resource   any"))
        #expect(
            console.picture.contains("30 days: would have hidden 3 anomalies in 1 incident, 1 critical"))
        #expect(console.picture.contains("pages a week 1.7 → 1.2"))
    }

    @Test func `the preview follows every switch`() {
        var console = form("Down Space")
        // Without the principal: whoever gets secrets.
        #expect(console.picture.contains("  principal  any"))
        console.press("Down Space")
        preview(&console)
        #expect(console.picture.contains("would have hidden 7 anomalies in 3 incidents, 1 critical"))
        guard case .rule(let form)? = console.state.overlay else {
            Issue.record("the form is gone")
            return
        }
        #expect(form.preview?.hidden.truePositives == ["R6NB"])
    }

    @Test func `what a rule would have hidden is counted elsewhere, and keys stay alive meanwhile`() throws {
        var console = Self.console("S")
        let rehearsal = Rehearsal(Fixture.tuningHistory)
        #expect(console.picture.contains("counting what it would have hidden …"))
        console.answer(.rehearsal(rehearsal), .rehearsal)
        guard case .rule(let form)? = console.state.overlay else {
            Issue.record("the form is gone")
            return
        }
        // Nothing is counted by the keys themselves.
        #expect(form.preview == nil)
        #expect(console.questions.last?.0 == .previewRule(rehearsal, form.fields))
        #expect(console.picture.contains("counting what it would have hidden …"))
        let old = try #require(console.ticket(.rulePreview))
        console.press("Down Space")
        #expect(console.picture.contains("  principal  any"))
        #expect(console.picture.contains("counting what it would have hidden …"))
        // The answer to a question before, and figures of another rule.
        let stale = ConsoleAnswer.rulePreviewed(RulePreview(of: form.fields, on: rehearsal))
        console.take(.answer(stale, old))
        console.answer(stale, .rulePreview)
        #expect(!console.picture.contains("would have hidden 3 anomalies"))
        console.press("Space Enter")
        #expect(console.picture.contains("not known yet") && orders(console).isEmpty)
        preview(&console)
        #expect(console.picture.contains("would have hidden 3 anomalies in 1 incident, 1 critical"))
        // What is typed asks for no other rule.
        let asked = console.questions.count
        console.press("Down Down Down Down Down Down Down Down Down w h y Up Up Right")
        #expect(console.questions.count == asked)
        #expect(console.picture.contains("would have hidden 3 anomalies in 1 incident, 1 critical"))
    }

    @Test func `what is not counted is told, Enter counts again, and Esc ends the counting`() throws {
        var console = Self.console("S")
        console.answer(.failed("the store is away"), .rehearsal)
        #expect(console.picture.contains("not counted; Enter counts again"))
        console.press("Enter")
        #expect(console.questions.last?.0 == .rehearsal && orders(console).isEmpty)
        console.answer(.rehearsal(Rehearsal(Fixture.tuningHistory)), .rehearsal)
        #expect(console.press("C-c").contains(.cancel(.rulePreview)))
        console.press("Up Enter")
        #expect(console.ticket(.rulePreview)?.generation == 2)
        preview(&console)
        #expect(console.picture.contains("would have hidden 3 anomalies in 1 incident, 1 critical"))
        console.press("Space")
        #expect(console.press("Escape").contains(.cancel(.rulePreview)))
        #expect(console.state.overlay == nil)
    }

    @Test func `what a rule would have hidden is answered by the client's side`() async {
        let rehearsal = Rehearsal(Fixture.tuningHistory)
        var fields = SuppressionFields()
        fields[.kind] = "secrets"
        let answer = await ConsoleAnswerer(client: FixtureClient()).answer(.previewRule(rehearsal, fields))
        let expected = rehearsal.outcome(of: Rehearsal.Tuning(alpha: 0.02, fields: fields))
        guard case .rulePreviewed(let preview) = answer else {
            Issue.record("\(answer)")
            return
        }
        #expect(preview.fields == fields && preview.outcome == expected)
        #expect(preview.hidden == Fixture.tuningHistory.hidden(by: fields) && preview.hidden.anomalies > 0)
        #expect(RulePreview(of: SuppressionFields(), on: rehearsal).outcome == nil)
    }

    @Test func `what hides something critical is not taken without words`() {
        var console = form("Enter")
        #expect(console.picture.contains("a reason is missing") && orders(console).isEmpty)
        console.press("Space Space Enter")
        #expect(console.picture.contains("a reason is missing") && orders(console).isEmpty)
        console.press("v a u l t Enter")
        guard case .suppress(let draft)? = orders(console).first else {
            Issue.record("no rule was asked for")
            return
        }
        #expect(draft.reason == "  vault" && draft.seconds == 14 * 86_400 && draft.incident == "K7F2")
        #expect(
            draft.fields.description
                == "tenant=acme,principal=svc-deploy,kind=secrets,action=get,effect=allow")
        console.answer(.taught(Fixture.taught[0]), .taught)
        #expect(console.state.notice?.text.hasSuffix("· u undoes") == true)
        console.press("u")
        #expect(orders(console).last == .withdraw("R-7KQ2"))
    }

    @Test func `how long it lasts is typed, and what is no time is said`() {
        var console = form("G Down Down Down Down Down Down Down Down Down Down")
        console.press("Up C-u 2 h o Enter")
        #expect(console.picture.contains("that is no time: a rule lasts 1h to 90d"))
        console.press("C-u 3 6 h Down w h y Enter")
        guard case .suppress(let draft)? = orders(console).first else {
            Issue.record("no rule was asked for")
            return
        }
        #expect(draft.seconds == 36 * 3_600)
    }

    @Test func `without a history nothing is asked for, and Esc gives up`() {
        var console = Self.console("S Enter")
        #expect(console.picture.contains("not known yet") && orders(console).isEmpty)
        console.press("Escape")
        #expect(console.state.overlay == nil && console.state.notice?.text == "nothing was done")
        // From the menu as well.
        console.press("x r")
        #expect(console.picture.contains("Hide what is like K7F2"))
    }

    @Test func `a shared account says who it is first, and a console that reads changes nothing`() {
        var shared = Self.snapshot()
        shared.isUserShared = true
        var console = Self.console("L x", snapshot: shared)
        #expect(orders(console).isEmpty && console.picture.contains("Who are you?"))
        console.press("b e n Enter")
        #expect(orders(console) == [.withdraw("R-7KQ2")])
        var held = Self.snapshot()
        held.readOnlyReason = "held by pid 812 (verdict ingest)"
        var reader = Self.console("L x", snapshot: held)
        #expect(reader.questions.isEmpty)
        #expect(reader.state.notice?.text.contains("held by pid 812") == true)
        reader.press("Escape S")
        #expect(reader.state.overlay == nil)
    }

    @Test func `a failure is told and leaves the list as it was`() {
        var console = Self.console("L x")
        console.answer(.failed("the store is away"), .taught)
        #expect(console.state.notice?.text == "the store is away")
        #expect(console.picture.contains("2 in effect of 4") && console.state.undo.isEmpty)
    }

    @Test func `what could not be taken back can be taken back still`() {
        var console = Self.console("L x")
        console.answer(.taught(Fixture.taught[0]), .taught)
        console.press("u")
        console.answer(.failed("the store is away"), .taught)
        #expect(console.state.undo.map(\.order) == [.restore("R-7KQ2")])
        console.press("u")
        #expect(orders(console).suffix(2) == [.restore("R-7KQ2"), .restore("R-7KQ2")])
    }

    @Test func `one tenant's list has its own and those of all`() {
        var console = Self.console(": t e n a n t Space g l o b e x Enter")
        console.press("3 L")
        #expect(console.state.taughtRows.map(\.id) == ["R-7KQ2", "R-M8XC"])
    }

    // MARK: Rehearsals

    /// Counts what was asked for last, as the client does.
    private func count(_ console: inout Harness) {
        guard case .rehearse(let rehearsal, let tuning)? = console.questions.last?.0 else {
            Issue.record("nothing is to be counted")
            return
        }
        console.answer(.rehearsed(rehearsal.outcome(of: tuning)), .tuning)
    }

    @Test func `alpha moves by keys and the figures follow`() {
        var console = Self.console(": r e h e a r s e Enter")
        #expect(console.questions.last?.0 == .rehearsal)
        #expect(console.picture.contains("reading the history"))
        console.answer(.rehearsal(Rehearsal(Fixture.tuningHistory)), .rehearsal)
        count(&console)
        #expect(console.picture.contains("0.02 → 0.02") && console.picture.contains("no true positive"))
        console.press("Left Left")
        count(&console)
        #expect(console.picture.contains("0.02 → 0.015"))
        #expect(console.picture.contains("1 true positive") && console.picture.contains("3 → 2 in all"))
        #expect(console.picture.contains("detection: {alpha: 0.015}"))
        #expect(console.picture.contains("VANISH  1") && console.picture.contains("R6NB"))
        console.press("= Right Right")
        count(&console)
        #expect(console.picture.contains("0.02 → 0.03") && console.picture.contains("APPEAR  1"))
        #expect(console.picture.contains("r.silva"))
        console.press("h -")
        #expect(console.state.taught.alpha == 0.02)
        console.press((0..<20).map { _ in "Left" }.joined(separator: " "))
        #expect(console.state.taught.alpha == 0.001)
        #expect(console.state.notice?.text == "that is the least")
        console.press("Escape")
        #expect(console.state.anomalies.page == .taught)
    }

    @Test func `figures are counted elsewhere, and those of another alpha are never shown`() throws {
        var console = Self.console(": r e h e a r s e Enter")
        let rehearsal = Rehearsal(Fixture.tuningHistory)
        console.answer(.rehearsal(rehearsal), .rehearsal)
        #expect(console.questions.last?.0 == .rehearse(rehearsal, Rehearsal.Tuning(alpha: 0.02)))
        #expect(console.picture.contains("0.02 → 0.02") && console.picture.contains("counting …"))
        #expect(!console.picture.contains("pages/week"))
        let old = try #require(console.ticket(.tuning))
        console.press("Left")
        #expect(console.picture.contains("0.02 → 0.0175") && console.picture.contains("counting …"))
        // The answer to a question before.
        console.take(.answer(.rehearsed(rehearsal.outcome(of: Rehearsal.Tuning(alpha: 0.02))), old))
        #expect(console.state.taught.outcome == nil && console.picture.contains("counting …"))
        count(&console)
        #expect(console.state.taught.outcome?.tuning.alpha == 0.0175)
        #expect(console.picture.contains("pages/week") && !console.picture.contains("counting …"))
        // While the next are counted the ones before are gone already.
        console.press("Right")
        #expect(console.state.taught.outcome == nil && !console.picture.contains("pages/week"))
        console.press("C-c")
        #expect(console.picture.contains("not counted; ← → count again"))
        console.press("Right")
        count(&console)
        #expect(console.state.taught.outcome?.tuning.alpha == 0.025)
    }

    @Test func `a rehearsal that is opened anew shows nothing of the one before`() throws {
        var console = Self.console(": r e h e a r s e Enter")
        console.answer(.rehearsal(Rehearsal(Fixture.tuningHistory)), .rehearsal)
        let old = try #require(console.ticket(.tuning))
        console.press("Escape r")
        #expect(console.requests.contains(.cancel(.tuning)))
        let outcome = Rehearsal(Fixture.tuningHistory).outcome(of: Rehearsal.Tuning(alpha: 0.02))
        console.take(.answer(.rehearsed(outcome), old))
        #expect(console.state.taught.outcome == nil && console.picture.contains("reading the history"))
    }

    @Test func `r leads to the rehearsal, and an empty history is told`() {
        var console = Self.console("L r")
        #expect(console.state.anomalies.page == .rehearsal)
        let empty = TuningHistory(
            items: [], incidents: [], alpha: 0.02, configuration: IncidentConfiguration())
        console.answer(.rehearsal(Rehearsal(empty)), .rehearsal)
        #expect(console.picture.contains("nothing to rehearse on"))
        console.press("Left")
        #expect(console.picture.contains("nothing to rehearse on"))
        var failed = Self.console("L r")
        failed.answer(.failed("the store is away"), .rehearsal)
        #expect(failed.picture.contains("not answered; :rehearse asks again"))
    }

    @Test func `hostile names stay in their cells`() {
        var snapshot = Self.snapshot()
        var rule = Fixture.rule("R-7KQ2", "kind=x")
        rule.fields[.principal] = Fixture.hostile
        (rule.author, rule.reason) = (Fixture.hostile, Fixture.hostile)
        snapshot.taught = [TaughtItem(.rule(rule))]
        var console = Self.console("L", snapshot: snapshot)
        for keys in ["", "Enter"] {
            console.press(keys)
            #expect(!console.picture.unicodeScalars.contains { $0.value < 32 && $0 != "\n" })
        }
    }
}
