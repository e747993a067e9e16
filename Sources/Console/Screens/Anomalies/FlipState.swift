import AnomalyDetection
import Decisions
import TerminalUI

/// A decision whose fields are changed to see what its score does.
struct FlipState: Equatable, Sendable {
    /// Whose decision it is.
    var incident: String
    /// What was found; `nil` until it is.
    var report: FlipReport?
    /// The fields that are changed now.
    var changes: [FlipChange.Field: FlipChange] = [:]
    /// The score with these changes; `nil` while it is asked for.
    var score: FlipScore?
    /// The row at hand: a field, or behind them an offer.
    var row = 0
    /// Whether a value is typed for the field at hand.
    var isTyping = false
    /// The value that is typed.
    var editor = LineEditor()
    /// Why what was typed is no value.
    var problem: String?

    init(incident: String) {
        self.incident = incident
    }

    /// The fields, in the order of their rows.
    static let fields = FlipChange.Field.allCases

    /// The offers that are shown: what makes it ordinary, else what comes closest.
    var offers: [Flip] {
        guard let report else { return [] }
        return report.offers.isEmpty ? report.closest : report.offers
    }

    /// How many rows can be at hand.
    var rows: Int { Self.fields.count + offers.count }

    /// The field at hand; `nil` on an offer.
    var field: FlipChange.Field? { Self.fields.indices.contains(row) ? Self.fields[row] : nil }

    /// The changes in the order of the fields.
    var changed: [FlipChange] { Self.fields.compactMap { changes[$0] } }

    /// The values that a field is taken through: its own, then the usual ones, the smallest change first.
    func values(of field: FlipChange.Field) -> [FlipChange] {
        guard let report else { return [] }
        return [.own(field, of: report.decision)] + report.values(of: field)
    }

    /// The score of the changes where it was found already.
    var knownScore: FlipScore? {
        guard let report else { return nil }
        let changed = changed
        if changed.isEmpty { return report.score }
        let tried = report.singles + report.offers + report.closest
        return tried.first { Set($0.changes) == Set(changed) }?.score
    }
}

extension ConsoleState {
    /// Whether a decision's fields are changed.
    var isOnFlip: Bool { view == .anomalies && anomalies.page == .flip }

    /// Whether the evidence is read.
    var isOnEvidence: Bool { view == .anomalies && anomalies.page == .evidence }

    /// Whether an offered change is at hand.
    var isFlipOffer: Bool { flip.map { $0.field == nil } ?? false }

    /// Why no decision's fields can be changed.
    var whyNotFlip: String? {
        guard let incident = selectedIncident else { return "no incident is selected" }
        return incident.isOfNoDecision ? "it is of the watching itself: it has no decision" : nil
    }

    /// Why the field at hand cannot be taken through its values.
    var whyNotFlipValue: String? {
        guard let flip, flip.report != nil else { return "the changes are not scored yet" }
        guard let field = flip.field else { return "choose a field first: Up leads to them" }
        return flip.values(of: field).count > 1 ? nil : "nothing else is usual: Enter types a value"
    }

    /// Shows the fields of the incident's decision, and asks which change would have been ordinary.
    mutating func openFlip() -> [ConsoleRequest] {
        guard let incident = selectedIncident else { return [] }
        anomalies.cursor.select(incident.id)
        anomalies.page = .flip
        // What was found holds for the decision that it was found for; another one may lead the incident by now.
        if flip?.incident == incident.id, let report = flip?.report,
            report.decision.id == incident.evidence.decision.id
        {
            return []
        }
        flip = FlipState(incident: incident.id)
        ledger.abandon(.flipScore)
        return [.cancel(.flipScore), ask(.flips(incident), .flips)]
    }

    mutating func takeFlips(_ report: FlipReport) {
        guard var state = flip else { return }
        state.report = report
        state.score = report.score
        // The first offer is what most people came for.
        if !report.offers.isEmpty { state.row = FlipState.fields.count }
        flip = state
    }

    mutating func takeFlipScore(_ score: FlipScore) {
        flip?.score = score
    }

    mutating func moveFlip(by rows: Int) {
        guard let state = flip else { return }
        flip?.row = max(0, min(state.row + max(-100, min(rows, 100)), state.rows - 1))
    }

    /// Enter takes an offer, or types a value for a field.
    mutating func openFlipRow() -> [ConsoleRequest] {
        guard var state = flip, state.report != nil else { return [] }
        if let field = state.field {
            state.isTyping = true
            state.problem = nil
            state.editor = LineEditor(state.changes[field]?.value ?? "")
            flip = state
            return []
        }
        let place = state.row - FlipState.fields.count
        guard state.offers.indices.contains(place) else { return [] }
        state.changes = [:]
        for change in state.offers[place].changes { state.changes[change.field] = change }
        flip = state
        return scoreFlip()
    }

    mutating func changeFlipValue(by step: Int) -> [ConsoleRequest] {
        guard let state = flip, let report = state.report, let field = state.field else { return [] }
        let values = state.values(of: field)
        let now = state.changes[field] ?? .own(field, of: report.decision)
        let place = values.firstIndex(of: now) ?? 0
        let next = values[(place + step + values.count) % values.count]
        flip?.changes[field] = next == .own(field, of: report.decision) ? nil : next
        return scoreFlip()
    }

    mutating func submitFlipValue() -> [ConsoleRequest] {
        guard var state = flip, let report = state.report, let field = state.field else { return [] }
        let text = state.editor.text
        if text.allSatisfy({ $0 == " " }) {
            state.changes[field] = nil
        } else if let change = FlipChange.typed(text, for: field) {
            state.changes[field] = change == .own(field, of: report.decision) ? nil : change
        } else {
            state.problem = field == .hour ? "an hour is 0 to 23" : "that is no \(field.rawValue)"
            flip = state
            return []
        }
        state.isTyping = false
        flip = state
        return scoreFlip()
    }

    mutating func resetFlip() -> [ConsoleRequest] {
        flip?.changes = [:]
        return scoreFlip()
    }

    /// The score follows: at once where it is known, else it is asked for.
    private mutating func scoreFlip() -> [ConsoleRequest] {
        guard let state = flip else { return [] }
        flip?.score = state.knownScore
        if state.knownScore != nil {
            ledger.abandon(.flipScore)
            return [.cancel(.flipScore)]
        }
        guard let incident = incidents.first(where: { $0.id == state.incident }) else { return [] }
        return [ask(.flipScore(incident, state.changed), .flipScore)]
    }
}
