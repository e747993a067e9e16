import AnomalyDetection
import Decisions
import Operations
import TerminalUI

/// What the menu of acts offers for incidents, each with a letter of its own.
enum TriageChoice: Character, CaseIterable, Sendable {
    case acknowledge = "a"
    case truePositive = "t"
    case expected = "e"
    case falsePositive = "f"
    case snoozeHour = "z"
    case snooze = "s"
    case wake = "w"
    case note = "n"
    case assign = "g"
    case suppress = "r"
    case reopen = "o"
    case undo = "u"
    case markdown = "m"

    /// What it does.
    var title: String {
        switch self {
        case .acknowledge: "acknowledge"
        case .truePositive: "resolve: true positive"
        case .expected: "resolve: expected"
        case .falsePositive: "resolve: false positive"
        case .snoozeHour: "put off for an hour"
        case .snooze: "put off…  2h, 3d, 10x"
        case .wake: "end the snooze"
        case .note: "note…"
        case .assign: "give to somebody…"
        case .suppress: "suppress: a rule…"
        case .reopen: "reopen"
        case .undo: "undo the last act"
        case .markdown: "copy as Markdown"
        }
    }
}

/// The menu of acts on incidents.
struct TriageMenu: Equatable, Sendable {
    /// The incidents it was opened for: rows may move meanwhile.
    var incidents: [String]
    /// The chosen row.
    var selected = 0
}

extension ConsoleState {
    /// Opens the menu of acts for what is marked, else for the incident at hand.
    mutating func openTriageMenu() {
        let incidents = actedOn.map(\.id)
        guard !incidents.isEmpty else { return }
        if incidents.count == 1 { anomalies.cursor.select(incidents[0]) }
        overlay = .triage(TriageMenu(incidents: incidents))
    }

    /// Why something of the menu cannot be done now; `nil` when it can.
    func whyNot(_ choice: TriageChoice, _ menu: TriageMenu) -> String? {
        if choice == .markdown { return menu.incidents.count == 1 ? nil : "one at a time" }
        if let reason = whyNotTriage { return reason }
        if choice == .undo { return undo.isEmpty ? "nothing to take back" : nil }
        let chosen = incidents.filter { menu.incidents.contains($0.id) }
        switch choice {
        case .acknowledge:
            return chosen.contains { $0.isOpen || $0.snooze != nil } ? nil : "taken or done already"
        case .snoozeHour, .snooze: return chosen.contains { $0.state != .resolved } ? nil : "resolved already"
        case .suppress:
            if menu.incidents.count != 1 { return "one at a time" }
            return chosen.contains { $0.signal == nil } ? nil : "a signal is not hidden"
        case .wake: return chosen.contains { $0.snooze != nil } ? nil : "not put off"
        case .reopen:
            return chosen.contains { $0.state == .acknowledged || $0.state == .resolved }
                ? nil : "open already"
        default: return nil
        }
    }

    /// A letter does what it stands for; arrows and Enter choose.
    mutating func press(_ key: Key, inMenu menu: TriageMenu) -> [ConsoleRequest] {
        var menu = menu
        let choices = TriageChoice.allCases
        switch key {
        case .escape, .character("q"), .character("x"): overlay = nil
        case .up, .character("k"), .backTab: menu.selected = max(0, menu.selected - 1)
        case .down, .character("j"), .tab: menu.selected = min(choices.count - 1, menu.selected + 1)
        case .enter: return run(choices[min(menu.selected, choices.count - 1)], menu)
        case .character(let letter):
            guard let choice = TriageChoice(rawValue: letter) else {
                show("\(letter) does nothing here", .note)
                return []
            }
            return run(choice, menu)
        default: break
        }
        if overlay != nil { overlay = .triage(menu) }
        return []
    }

    private mutating func run(_ choice: TriageChoice, _ menu: TriageMenu) -> [ConsoleRequest] {
        overlay = nil
        if let reason = whyNot(choice, menu) { return refuse("\(choice.title): \(reason)") }
        let ids = menu.incidents
        switch choice {
        case .acknowledge:
            return triage(
                .acknowledge,
                on: incidents.filter { ids.contains($0.id) && ($0.isOpen || $0.snooze != nil) }.map(\.id))
        case .truePositive: return triage(.resolve(.truePositive), on: ids)
        case .expected: return triage(.resolve(.expected), on: ids)
        case .falsePositive: return triage(.resolve(.falsePositive), on: ids)
        case .snoozeHour: return triage(.snooze(.until(now.advanced(bySeconds: 3_600))), on: ids)
        case .wake: return triage(.wake, on: ids)
        case .reopen: return triage(.reopen, on: ids)
        case .suppress: return openRuleForm(ids.first)
        case .undo: return undoTriage()
        case .markdown: return copyMarkdown(ids)
        case .snooze: overlay = .prompt(TriagePrompt(.snooze, on: ids))
        case .note: overlay = .prompt(TriagePrompt(.note, on: ids))
        case .assign: overlay = .prompt(TriagePrompt(.assign, on: ids))
        }
        return []
    }

    private mutating func copyMarkdown(_ ids: [String]) -> [ConsoleRequest] {
        guard let incident = incidents.first(where: { ids.contains($0.id) }) else { return [] }
        let text = IncidentMarkdown(
            incident, store: snapshot.storeName, reach: knownReach(of: incident)
        ).text
        copied = CopyReport()
        return [.copy(text), ask(.export(text, suggestedName: "incident-\(incident.id).md"), .export)]
    }

    func drawTriageMenu(_ menu: TriageMenu, in body: Rect, on surface: inout Surface) {
        let choices = TriageChoice.allCases
        let frame = body.centered(
            Size(width: min(body.width, 60), height: min(body.height, choices.count + 2)))
        surface.fill(frame, style: Style(.text, on: .overlay))
        let many = menu.incidents.count
        let inner = surface.box(
            frame, title: many == 1 ? "\(menu.incidents[0])" : "\(many) incidents", rightTitle: "u undoes",
            footer: "a letter or Enter does it", focused: true
        ).inset(left: 1, right: 1)
        var cursor = ListCursor(selected: Optional(menu.selected))
        cursor.reconcile(choices.indices, height: inner.height)
        let table = Table(
            columns: [TableColumn("", .fixed(1)), TableColumn("act"), TableColumn("why not", dropOrder: 1)],
            count: choices.count, selectedIndex: cursor.index, offset: cursor.offset, showsHeader: false
        ) { index in
            let choice = choices[index]
            let reason = whyNot(choice, menu)
            return TableRow([
                Line(String(choice.rawValue), Style(reason == nil ? .accent : .muted, .bold)),
                Line(choice.title, reason == nil ? .text : .muted), Line(reason ?? "", .muted),
            ])
        }
        surface.draw(table, in: inner)
    }
}
