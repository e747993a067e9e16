import Operations
import TerminalUI

/// The one table of actions.
enum ActionTable {
    /// Every action; where two share a key, the first that applies has it.
    static let entries: [ActionEntry] =
        emptyStore + taught + evidence + hunts + anomalies + search + metrics + index + lists + log + shared
        + movement
        + views
        + everywhere

    /// The action a key stands for on the screen as it is.
    static func entry(for key: Key, in state: ConsoleState) -> ActionEntry? {
        entries.first { $0.keys.contains(key) && $0.applies(state) }
    }

    /// What applies to the screen as it is.
    static func applicable(in state: ConsoleState) -> [ActionEntry] {
        entries.filter { $0.applies(state) }
    }

    /// The hints of the screen as it is, the most useful first; what would be refused is not offered,
    /// and nothing where keys go elsewhere: into an overlay or a line that is typed.
    static func hints(in state: ConsoleState) -> [KeyHint] {
        guard state.overlay == nil, state.editedField == nil else { return [] }
        let offered = entries.filter { entry in
            guard entry.hintOrder != nil, let key = entry.keys.first, entry.applies(state),
                entry.whyNot(state) == nil
            else { return false }
            // What is done to incidents is offered where they are read; here a field is changed.
            if state.isOnFlip, !flipPage.contains(entry.id) { return false }
            let isResume = entry.id == .freeze && state.frozen != nil
            return !isResume && Self.entry(for: key, in: state)?.id == entry.id
        }
        return offered.sorted { ($0.hintOrder ?? 0) < ($1.hintOrder ?? 0) }
            .map { KeyHint($0.keyName, $0.hint) }
    }

    /// The way out, which always has room.
    static func lastingHints(in state: ConsoleState) -> [KeyHint] {
        if let overlay = state.overlay { return hints(in: overlay) }
        if state.editedField != nil { return [KeyHint("Enter", "takes it"), KeyHint("Esc", "gives up")] }
        var hints: [KeyHint] = []
        if state.frozen != nil { hints.append(KeyHint(".", "resumes")) }
        let step = state.backStep
        if let step { hints.append(KeyHint("Esc", step.hint)) }
        if step?.leavesPage != true { hints.append(KeyHint("q", "quit")) }
        return hints
    }

    /// What the keys do in an overlay, which sees them first.
    private static func hints(in overlay: Overlay) -> [KeyHint] {
        switch overlay {
        case .palette: [KeyHint("Enter", "runs it"), KeyHint("Esc", "closes")]
        case .command:
            [KeyHint("Enter", "runs it"), KeyHint("Tab", "completes"), KeyHint("Esc", "closes")]
        case .tenants: [KeyHint("Enter", "narrows"), KeyHint("Esc", "closes")]
        case .quantizations: [KeyHint("Enter", "asks to rebuild"), KeyHint("Esc", "closes")]
        case .triage: [KeyHint("Enter", "does it"), KeyHint("Esc", "closes")]
        case .prompt: [KeyHint("Enter", "does it"), KeyHint("Esc", "gives up")]
        case .rule: [KeyHint("Enter", "makes it"), KeyHint("Esc", "gives up")]
        case .confirmation: [KeyHint("y", "yes"), KeyHint("n", "no")]
        }
    }

    /// The screens on which a key has a meaning, by their titles.
    static func screens(for key: Key, in state: ConsoleState) -> [String] {
        ConsoleView.allCases.filter { view in
            var there = state
            there.view = view
            return entry(for: key, in: there) != nil
        }.map(\.title)
    }

    private static let views = ConsoleView.allCases.map { view in
        ActionEntry(
            .show(view), [String(view.number)], view.title.lowercased(), helpText(view), group: .views)
    }

    private static func helpText(_ view: ConsoleView) -> String {
        switch view {
        case .overview: "Overview: all at a glance"
        case .metrics: "Metrics: numbers over time"
        case .anomalies: "Anomalies: incidents"
        case .tenants: "Tenants: who grows"
        case .search: "Search: query or likeness"
        case .map: "Map: in a later version"
        case .index: "Index: recall, rebuild"
        case .health: "Health: checks, sources"
        case .log: "Log: what happened"
        }
    }

    private static let movement: [ActionEntry] = [
        ActionEntry(.moveDown, ["j", "Down"], "down", "one row down", group: .move),
        ActionEntry(.moveUp, ["k", "Up"], "up", "one row up", group: .move),
        ActionEntry(.pageDown, ["PageDown", "C-d"], "page down", "half a page down", group: .move),
        ActionEntry(.pageUp, ["PageUp", "C-u"], "page up", "half a page up", group: .move),
        ActionEntry(.moveToStart, ["Home"], "first", "to the first row (or g g)", group: .move),
        ActionEntry(.moveToEnd, ["End", "G"], "last", "to the last row", group: .move),
        ActionEntry(
            .nextPane, ["Tab", "Right", "l"], "next pane", "to the next pane", group: .move, order: 60,
            applies: { $0.hasPanes }),
        ActionEntry(
            .previousPane, ["BTab", "Left", "h"], "previous pane", "to the pane before", group: .move,
            applies: { $0.hasPanes }),
        ActionEntry(
            .open, ["Enter"], "members", "the decisions of the incident", group: .move, order: 11,
            applies: {
                $0.canOpen && $0.view == .anomalies && $0.anomalies.page == .evidence && !$0.hasChosenValue
            }),
        ActionEntry(
            .open, ["Enter"], "open", "open what is selected", group: .move, order: 50,
            applies: {
                $0.canOpen
                    && !($0.view == .anomalies
                        && ($0.anomalies.page == .evidence || $0.anomalies.page == .flip))
            }),
        ActionEntry(
            .back, ["Escape"], "back", "one step out; never quits", group: .move,
            applies: { $0.backStep != nil }),
        ActionEntry(.back, ["Escape"], "back", "one step out; never quits", group: .everywhere),
    ]

    private static let everywhere: [ActionEntry] = [
        ActionEntry(.palette, ["?", "F1"], "help", "what can be done here", group: .everywhere),
        ActionEntry(.command, [":"], "command", "the command line", group: .everywhere),
        ActionEntry(
            .pickTenant, ["t"], "tenant", "narrow to one tenant", group: .everywhere,
            whyNot: { state in
                guard state.snapshot.tenants.isEmpty else { return nil }
                return state.holdsDecisions
                    ? "there are no tenants yet" : "name their column in the address: tenant=COLUMN"
            }),
        ActionEntry(
            .clearTenant, ["@"], "all tenants", "show every tenant again", group: .everywhere,
            whyNot: { $0.scope == nil ? "every tenant is shown already" : nil }),
        ActionEntry(
            .freeze, ["."], "freeze", "hold the picture, or let it run", group: .everywhere),
        ActionEntry(
            .undo, ["u"], "undo", "take back the last triage", group: .everywhere,
            whyNot: { $0.undo.isEmpty ? "there is nothing to take back" : $0.whyNotTriage }),
        ActionEntry(.nextTheme, ["T"], "theme", "the next theme", group: .everywhere),
        ActionEntry(
            .nextGlyphs, ["B"], "glyphs", "braille, blocks or ASCII for charts", group: .everywhere),
        ActionEntry(
            .quit, ["q"], "quit", "one level back; on a numbered view, quit", group: .everywhere),
    ]
}
