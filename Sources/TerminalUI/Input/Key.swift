/// A key as it was pressed.
public enum Key: Sendable, Hashable {
    /// A character without a modifier other than shift.
    case character(Character)
    /// Control and a character, in lower case.
    case control(Character)
    /// Alt (Meta) and a character.
    case alt(Character)
    /// F1 and up.
    case function(Int)
    /// Return or the keypad's Enter.
    case enter
    /// Escape.
    case escape
    /// Tab.
    case tab
    /// Shift-Tab.
    case backTab
    /// Backspace.
    case backspace
    /// Delete forward.
    case delete
    /// Insert.
    case insert
    /// Arrow up.
    case up
    /// Arrow down.
    case down
    /// Arrow left.
    case left
    /// Arrow right.
    case right
    /// Home.
    case home
    /// End.
    case end
    /// Page up.
    case pageUp
    /// Page down.
    case pageDown
    /// Shift and arrow up.
    case shiftUp
    /// Shift and arrow down.
    case shiftDown
    /// Shift and arrow left.
    case shiftLeft
    /// Shift and arrow right.
    case shiftRight
    /// Control and arrow left.
    case controlLeft
    /// Control and arrow right.
    case controlRight
}

extension Key {
    private static let namedKeys: [(name: String, key: Key)] = [
        ("Enter", .enter), ("Escape", .escape), ("Tab", .tab), ("BTab", .backTab),
        ("BSpace", .backspace), ("DC", .delete), ("IC", .insert), ("Up", .up), ("Down", .down),
        ("Left", .left), ("Right", .right), ("Home", .home), ("End", .end), ("PageUp", .pageUp),
        ("PageDown", .pageDown), ("S-Up", .shiftUp), ("S-Down", .shiftDown), ("S-Left", .shiftLeft),
        ("S-Right", .shiftRight), ("C-Left", .controlLeft), ("C-Right", .controlRight),
        ("Space", .character(" ")),
    ]

    private static let aliases: [String: Key] = [
        "return": .enter, "esc": .escape, "s-tab": .backTab, "backspace": .backspace, "delete": .delete,
        "del": .delete, "insert": .insert, "ppage": .pageUp, "pgup": .pageUp, "npage": .pageDown,
        "pgdn": .pageDown, "pgdown": .pageDown,
    ]

    private static let byName: [String: Key] = {
        var keys = aliases
        for (name, key) in namedKeys { keys[name.lowercased()] = key }
        return keys
    }()

    /// A key by its name as tmux writes it: `Enter`, `C-c`, `M-x`, `F1`, `BTab`, `/`.
    public init?(name: String) {
        if name.count == 1, let character = name.first {
            self = .character(character)
            return
        }
        if let key = Key.byName[name.lowercased()] {
            self = key
            return
        }
        let rest = name.dropFirst(2)
        if name.hasPrefix("C-") || name.hasPrefix("^") && name.count == 2 {
            guard let character = name.last, rest.count == 1 || name.hasPrefix("^") || rest == "Space" else {
                return nil
            }
            self = .control(rest == "Space" ? " " : Character(character.lowercased()))
        } else if name.hasPrefix("M-"), rest.count == 1, let character = rest.first {
            self = .alt(character)
        } else if name.hasPrefix("F"), let number = Int(name.dropFirst()), (1...63).contains(number) {
            self = .function(number)
        } else {
            return nil
        }
    }

    /// The key's name as tmux writes it.
    public var name: String {
        switch self {
        case .character(" "): return "Space"
        case .character(let character): return String(character)
        case .control(" "): return "C-Space"
        case .control(let character): return "C-" + String(character)
        case .alt(let character): return "M-" + String(character)
        case .function(let number): return "F\(number)"
        default: return Key.namedKeys.first { $0.key == self }?.name ?? ""
        }
    }

    /// The first word of a line that is written as names of keys are, with a capital, and names none.
    public static func unknownName(in line: String) -> String? {
        line.split(whereSeparator: \.isWhitespace).map(String.init).first { word in
            Key(name: word) == nil && word.first.map { ("A"..."Z").contains($0) } ?? false
        }
    }

    /// The keys of a line: names separated by spaces; a word that is no name is typed letter by letter.
    public static func sequence(_ text: String) -> [Key] {
        text.split(whereSeparator: \.isWhitespace).flatMap { word in
            Key(name: String(word)).map { [$0] } ?? word.map { .character($0) }
        }
    }
}
