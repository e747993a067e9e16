import AnomalyDetection
import Operations
import TerminalUI

/// What the pages of rules, lessons and rehearsals remember.
struct TaughtState: Equatable, Sendable {
    /// The rule or lesson at hand.
    var cursor = ListCursor<String>()
    /// Rows of its page, or of the rehearsal, scrolled away.
    var offset = 0
    /// What is rehearsed on; `nil` until it arrived.
    var rehearsal: Rehearsal?
    /// The share of newest scores that is tried.
    var alpha = 0.0
    /// What comes of it; `nil` while that is counted.
    var outcome: Rehearsal.Outcome?
    /// What was asked, by the question it was asked in, and whether that takes something back.
    var orders: [RequestTicket: TaughtDeed] = [:]
}

/// Something that was asked about a rule or a lesson.
struct TaughtDeed: Equatable, Sendable {
    /// What.
    var order: TaughtOrder
    /// Whether it takes back what was done before.
    var isUndo = false
}

extension AnomaliesState {
    /// Whether a page of rules, lessons or rehearsals is shown.
    var isOnTaught: Bool { page == .taught || page == .taughtItem || page == .rehearsal }
}

extension ConsoleState {
    /// Whether rules and lessons are at hand, as a list or one of them.
    var isOnTaught: Bool {
        view == .anomalies && (anomalies.page == .taught || anomalies.page == .taughtItem)
    }

    /// Whether incidents are at hand, as a list or one of them: what is done is done to them.
    var isOnIncidents: Bool { view == .anomalies && !anomalies.isOnTaught }

    /// Whether a rehearsal is shown.
    var isOnRehearsal: Bool { view == .anomalies && anomalies.page == .rehearsal }

    /// The rules and lessons that are shown: those of the scope.
    var taughtRows: [TaughtItem] {
        guard let scope else { return snapshot.taught }
        return snapshot.taught.filter { $0.tenant.map { $0 == scope } ?? true }
    }

    /// The rule or lesson at hand.
    var selectedTaught: TaughtItem? {
        guard isOnTaught else { return nil }
        let rows = taughtRows
        return rows.first { $0.id == taught.cursor.selected }
            ?? (anomalies.page == .taught ? rows.first : nil)
    }

    /// Shows rules and lessons; Esc leads to the inbox.
    mutating func showTaught() -> [ConsoleRequest] {
        guard holdsDecisions else { return refuse("taught: these rows are no decisions") }
        view = .anomalies
        returnView = nil
        anomalies.isFiltering = false
        anomalies.page = .taught
        taught.offset = 0
        reconcile()
        return []
    }

    /// Shows what another alpha would have made of the history; Esc leads to rules and lessons.
    mutating func showRehearsal() -> [ConsoleRequest] {
        let requests = showTaught()
        guard isOnTaught else { return requests }
        anomalies.page = .rehearsal
        taught.rehearsal = nil
        taught.outcome = nil
        taught.offset = 0
        ledger.abandon(.tuning)
        return requests + [.cancel(.tuning), ask(.rehearsal, .rehearsal)]
    }

    mutating func reconcileTaught() {
        let rows = taughtRows.map(\.id)
        if anomalies.page == .taughtItem, !rows.contains(where: { $0 == taught.cursor.selected }) {
            anomalies.page = .taught
        }
        taught.cursor.reconcile(rows, height: pageRows)
    }

    /// Enter shows the rule or lesson at hand.
    mutating func openTaught() {
        guard anomalies.page == .taught, let item = selectedTaught else { return }
        taught.cursor.select(item.id)
        taught.offset = 0
        anomalies.page = .taughtItem
    }

    mutating func moveTaught(by rows: Int) {
        if anomalies.page == .taught {
            taught.cursor.move(by: rows, in: taughtRows.map(\.id), height: pageRows)
        } else {
            let limit = TaughtScreen(state: self).scrollLimit
            taught.offset = max(0, min(taught.offset + max(-500, min(rows, 500)), limit))
        }
    }

    /// What is rehearsed on arrived: the page and a form that is open are told by it.
    mutating func takeRehearsal(_ rehearsal: Rehearsal) -> [ConsoleRequest] {
        taught.rehearsal = rehearsal
        if case .rule(var form)? = overlay {
            form.rehearsal = rehearsal
            overlay = .rule(form)
            return preview(form)
        }
        guard isOnRehearsal else { return [] }
        return rehearse(alpha: rehearsal.history.alpha)
    }

    /// Figures arrived: those of the alpha that is tried are shown.
    mutating func takeOutcome(_ outcome: Rehearsal.Outcome) {
        guard taught.rehearsal != nil, outcome.tuning == Rehearsal.Tuning(alpha: taught.alpha) else { return }
        taught.outcome = outcome
    }

    /// Moves alpha by steps; the figures follow.
    mutating func moveAlpha(by steps: Int) -> [ConsoleRequest] {
        guard let rehearsal = taught.rehearsal else { return [] }
        let values = Rehearsal.steps(with: rehearsal.history.alpha)
        let place = values.firstIndex { $0 >= taught.alpha - 1e-12 } ?? values.count - 1
        let next = place + steps
        guard values.indices.contains(next) else {
            show(steps > 0 ? "more is not kept in the history" : "that is the least", .note)
            return []
        }
        return rehearse(alpha: values[next])
    }

    /// Back to the alpha that is in use.
    mutating func resetAlpha() -> [ConsoleRequest] {
        guard let rehearsal = taught.rehearsal else { return [] }
        return rehearse(alpha: rehearsal.history.alpha)
    }

    /// Has the figures of an alpha counted, which takes longer than a key may; those of another one are shown no more.
    private mutating func rehearse(alpha: Double) -> [ConsoleRequest] {
        guard let rehearsal = taught.rehearsal else { return [] }
        taught.alpha = alpha
        taught.outcome = nil
        taught.offset = 0
        return [ask(.rehearse(rehearsal, Rehearsal.Tuning(alpha: alpha)), .tuning)]
    }
}

extension ConsoleState {
    /// Takes back the rule or lesson at hand.
    mutating func withdrawTaught() -> [ConsoleRequest] {
        guard let item = selectedTaught else { return [] }
        return teach(.withdraw(item.id))
    }

    /// Brings back the one at hand.
    mutating func restoreTaught() -> [ConsoleRequest] {
        guard let item = selectedTaught else { return [] }
        return teach(.restore(item.id))
    }

    /// Tells the store; who it is is asked first where several people use the account.
    mutating func teach(_ order: TaughtOrder, isUndo: Bool = false) -> [ConsoleRequest] {
        if let reason = whyNotTriage { return refuse("rules and lessons: \(reason)") }
        guard actor != nil else {
            askName(before: .teach(order))
            return []
        }
        let ticket = ledger.issue(.taught, milliseconds: milliseconds)
        taught.orders[ticket] = TaughtDeed(order: order, isUndo: isUndo)
        return [.ask(.teach(order, by: person), ticket)]
    }

    /// What was refused changes nothing; what was to be taken back can be taken back still.
    mutating func revertTaught(_ ticket: RequestTicket) {
        guard let deed = taught.orders.removeValue(forKey: ticket), deed.isUndo else { return }
        undo.append(TriageUndo(incidents: [], words: "", order: deed.order))
    }

    /// The store's word on a rule or a lesson.
    mutating func takeTaught(_ item: TaughtItem, _ ticket: RequestTicket) {
        let deed = taught.orders.removeValue(forKey: ticket)
        // The list tells it at once, before the next picture of the program.
        if let place = snapshot.taught.firstIndex(where: { $0.id == item.id }) {
            snapshot.taught[place] = item
        } else {
            snapshot.taught.insert(item, at: 0)
        }
        reconcile()
        guard let deed else { return }
        let noun = item.id.hasPrefix(SuppressionRule.prefix) ? "rule" : "lesson"
        let words: String
        let inverse: TaughtOrder
        switch deed.order {
        case .suppress:
            (words, inverse) = (
                "\(item.words) until \(Clock.near(item.expires ?? now, now: now))", .withdraw(item.id)
            )
        case .withdraw: (words, inverse) = ("is taken back", .restore(item.id))
        case .restore: (words, inverse) = ("is in effect again", .withdraw(item.id))
        }
        if deed.isUndo { return show("\(noun) \(item.id) \(words)", .done) }
        undo.append(TriageUndo(incidents: [], words: words, order: inverse))
        if undo.count > TriageUndo.maximum { undo.removeFirst() }
        show("\(noun) \(item.id) \(words) · u undoes", .done)
    }
}

extension Rehearsal {
    /// The values of alpha that keys go through, the one in use among them.
    static func steps(with alpha: Double) -> [Double] {
        Set(steps + [alpha]).filter { $0 <= HistoryItem.maximumTail || $0 == alpha }.sorted()
    }
}
