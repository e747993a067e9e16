import Operations
import TerminalUI

/// The one table of actions.
enum ActionTable {
    /// Every action; where two share a key, the first that applies has it.
    static let entries: [ActionEntry] =
        emptyStore + anomalies + search + metrics + index + lists + log + shared + movement + views
        + everywhere

    /// The action a key stands for on the screen as it is.
    static func entry(for key: Key, in state: ConsoleState) -> ActionEntry? {
        entries.first { $0.keys.contains(key) && $0.applies(state) }
    }

    /// What applies to the screen as it is.
    static func applicable(in state: ConsoleState) -> [ActionEntry] {
        entries.filter { $0.applies(state) }
    }

    /// The hints of the screen as it is, the most useful first.
    static func hints(in state: ConsoleState) -> [KeyHint] {
        applicable(in: state)
            .filter { entry in
                entry.keys.first.map { Self.entry(for: $0, in: state)?.id == entry.id } ?? false
            }
            .compactMap { entry in entry.hintOrder.map { (order: $0, entry: entry) } }
            .sorted { $0.order < $1.order }
            .map { KeyHint($0.entry.keyName, $0.entry.hint, isEnabled: $0.entry.whyNot(state) == nil) }
    }

    private static let views = ConsoleView.allCases.map { view in
        ActionEntry(
            .show(view), [String(view.number)], view.title.lowercased(), helpText(view), group: .views)
    }

    private static func helpText(_ view: ConsoleView) -> String {
        switch view {
        case .overview: "Overview: everything at a glance"
        case .metrics: "Metrics: any number over time"
        case .anomalies: "Anomalies: incidents and their evidence"
        case .tenants: "Tenants: who grows, who is denied"
        case .search: "Search: by query or likeness"
        case .map: "Map: comes with a later version"
        case .index: "Index: shape, recall, rebuild"
        case .health: "Health: checks and sources"
        case .log: "Log: what the program says"
        }
    }

    private static let movement: [ActionEntry] = [
        ActionEntry(.moveDown, ["j", "Down"], "down", "one row down", group: .move),
        ActionEntry(.moveUp, ["k", "Up"], "up", "one row up", group: .move),
        ActionEntry(.pageDown, ["PageDown", "C-d"], "page down", "half a page down", group: .move),
        ActionEntry(.pageUp, ["PageUp", "C-u"], "page up", "half a page up", group: .move),
        ActionEntry(.moveToStart, ["Home"], "first", "to the first row (also g g)", group: .move),
        ActionEntry(.moveToEnd, ["End", "G"], "last", "to the last row", group: .move),
        ActionEntry(
            .nextPane, ["Tab", "Right", "l"], "next pane", "to the next pane", group: .move, order: 60,
            applies: { $0.hasPanes }),
        ActionEntry(
            .previousPane, ["BTab", "Left", "h"], "previous pane", "to the pane before", group: .move,
            applies: { $0.hasPanes }),
        ActionEntry(
            .open, ["Enter"], "open", "open what is selected", group: .move, order: 50,
            applies: { $0.canOpen }),
        ActionEntry(
            .back, ["Escape"], "back", "one step out; never quits", group: .move, order: 70,
            applies: { $0.canGoBack }),
        ActionEntry(.back, ["Escape"], "back", "one step out; never quits", group: .everywhere),
    ]

    private static let everywhere: [ActionEntry] = [
        ActionEntry(.palette, ["?", "F1"], "help", "everything that can be done here", group: .everywhere),
        ActionEntry(.command, [":"], "command", "the command line", group: .everywhere),
        ActionEntry(
            .pickTenant, ["t"], "tenant", "narrow the console to one tenant", group: .everywhere,
            whyNot: { $0.snapshot.tenants.isEmpty ? "there are no tenants yet" : nil }),
        ActionEntry(
            .clearTenant, ["@"], "all tenants", "show every tenant again", group: .everywhere,
            whyNot: { $0.scope == nil ? "every tenant is shown already" : nil }),
        ActionEntry(
            .freeze, ["."], "freeze", "hold the picture still, or let it run", group: .everywhere),
        ActionEntry(
            .undo, ["u"], "undo", "take back the last triage", group: .everywhere,
            whyNot: { $0.undo.isEmpty ? "there is nothing to take back" : $0.whyNotTriage }),
        ActionEntry(.nextTheme, ["T"], "theme", "the next theme", group: .everywhere),
        ActionEntry(
            .nextGlyphs, ["B"], "glyphs", "braille, blocks or ASCII for charts", group: .everywhere),
        ActionEntry(
            .quit, ["q"], "quit", "one level back; on a numbered view, quit", group: .everywhere, order: 90),
    ]
}
