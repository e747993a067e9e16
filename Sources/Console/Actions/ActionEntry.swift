import TerminalUI

/// One line of the table of actions: bindings, hints, help and palette are all made from it.
struct ActionEntry: Sendable {
    /// What it does, for the program.
    let id: ActionID
    /// The keys that do it.
    let keys: [Key]
    /// What it does, in a word or two, for the hints line.
    let hint: String
    /// What it does, in a sentence.
    let help: String
    /// Where it is listed in the help.
    let group: Group
    /// Its place in the hints line, small first; `nil` is not shown there.
    let hintOrder: Int?
    /// Whether a question is asked first.
    let isDangerous: Bool
    /// Whether `u` takes it back.
    let isUndoable: Bool
    /// Whether its keys mean this here.
    let applies: @Sendable (ConsoleState) -> Bool
    /// Why it cannot be done now; `nil` when it can.
    let whyNot: @Sendable (ConsoleState) -> String?

    /// The parts of the help.
    enum Group: String, CaseIterable, Sendable {
        case here = "Here"
        case move = "Move"
        case views = "Views"
        case everywhere = "Everywhere"
    }

    init(
        _ id: ActionID, _ keys: [String], _ hint: String, _ help: String, group: Group = .here,
        order: Int? = nil, isDangerous: Bool = false, isUndoable: Bool = false,
        applies: @escaping @Sendable (ConsoleState) -> Bool = { _ in true },
        whyNot: @escaping @Sendable (ConsoleState) -> String? = { _ in nil }
    ) {
        self.id = id
        self.keys = keys.compactMap { Key(name: $0) }
        self.hint = hint
        self.help = help
        self.group = group
        self.hintOrder = order
        self.isDangerous = isDangerous
        self.isUndoable = isUndoable
        self.applies = applies
        self.whyNot = whyNot
    }

    /// The keys as the help prints them: `j ↓`.
    var keyNames: String { keys.prefix(3).map(Self.name).joined(separator: " ") }

    /// The first key as a hint prints it.
    var keyName: String { keys.first.map(Self.name) ?? "" }

    private static func name(_ key: Key) -> String {
        switch key {
        case .up: "↑"
        case .down: "↓"
        case .left: "←"
        case .right: "→"
        case .escape: "Esc"
        case .backTab: "S-Tab"
        case .pageUp: "PgUp"
        case .pageDown: "PgDn"
        default: key.name
        }
    }
}
