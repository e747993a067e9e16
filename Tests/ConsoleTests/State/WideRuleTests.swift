import AnomalyDetection
import Operations
import Testing

@testable import Console

/// The form of a rule that is too wide to be taken.
@Suite struct WideRuleTests {
    /// Counts what the rule that was asked for last would have hidden, as the client does.
    private func preview(_ console: inout Harness) {
        for question in console.questions.reversed() {
            guard case .previewRule(let rehearsal, let fields) = question.0 else { continue }
            return console.answer(.rulePreviewed(RulePreview(of: fields, on: rehearsal)), .rulePreview)
        }
        Issue.record("nothing is to be counted")
    }

    @Test func `it tells how much it would have hidden, and is not made`() {
        var console = TaughtTests.console("S")
        console.answer(.rehearsal(Rehearsal(Fixture.tuningHistory)), .rehearsal)
        // All is switched off that says who, what or where.
        for _ in SuppressionFields.Field.allCases {
            guard case .rule(let form)? = console.state.overlay,
                let row = form.rows.firstIndex(where: { $0.isOn && ![.tenant, .effect].contains($0.field) })
            else { break }
            let steps = row - form.selected
            let way = Array(repeating: steps < 0 ? "Up" : "Down", count: abs(steps)) + ["Space"]
            console.press(way.joined(separator: " "))
        }
        preview(&console)
        guard case .rule(let form)? = console.state.overlay else {
            Issue.record("the form is gone")
            return
        }
        #expect(!form.fields.isNarrow)
        #expect(console.picture.contains("would have hidden 7 anomalies in 3 incidents, 1 critical"))
        console.press("Enter")
        #expect(console.picture.contains("a rule names more than tenant and effect"))
        let isAsked = console.questions.contains { question in
            if case .teach = question.0 { true } else { false }
        }
        #expect(!isAsked)
    }
}
