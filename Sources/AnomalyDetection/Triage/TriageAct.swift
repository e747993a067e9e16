/// Something a person does to an incident; each can be taken back.
public enum TriageAct: Sendable, Hashable {
    /// Takes it on.
    case acknowledge
    /// Says what it turned out to be.
    case resolve(Resolution)
    /// Has it wait for a person again.
    case reopen
    /// Puts it off.
    case snooze(Snooze.Term)
    /// Ends a snooze.
    case wake
    /// Gives it to somebody; `nil` to nobody.
    case assign(String?)
    /// Writes something down.
    case note(String)

    /// What was done, in a word.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Taken on.
        case acknowledge
        /// Said what it turned out to be.
        case resolve
        /// Back among what waits.
        case reopen
        /// Put off.
        case snooze
        /// No longer put off.
        case wake
        /// Given to somebody or nobody.
        case assign
        /// Written down.
        case note
        /// Something before was taken back.
        case undo
        /// The state was set, as older versions did.
        case change
    }

    /// What it is, in a word.
    public var kind: Kind {
        switch self {
        case .acknowledge: .acknowledge
        case .resolve: .resolve
        case .reopen: .reopen
        case .snooze: .snooze
        case .wake: .wake
        case .assign: .assign
        case .note: .note
        }
    }
}

/// Limits of what people write about incidents, and what is left out of it.
enum TriageText {
    /// The longest name of a person, in characters.
    static let maximumName = 100
    /// The longest note, in characters.
    static let maximumNote = 2_000

    /// A name without blanks at its ends; `nil` when it is empty, too long or holds what cannot be shown.
    static func name(_ text: String) -> String? {
        let name = trimmed(text)
        guard !name.isEmpty, name.count <= maximumName, name.utf8.count <= 4 * maximumName,
            name.unicodeScalars.allSatisfy(isShown)
        else { return nil }
        return name
    }

    /// A note without blanks at its ends and with nothing that cannot be shown; `nil` when it is empty or too long.
    static func note(_ text: String) -> String? {
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars where scalar != "\r" {
            scalars.append(scalar == "\n" || isShown(scalar) ? scalar : scalar == "\t" ? " " : "\u{FFFD}")
        }
        let note = trimmed(String(scalars))
        guard !note.isEmpty, note.count <= maximumNote, note.utf8.count <= 4 * maximumNote else { return nil }
        return note
    }

    private static func trimmed(_ text: String) -> String {
        var text = text[...]
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text)
    }

    private static func isShown(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: false
        default: true
        }
    }
}

extension TriageAct {
    /// A person's name as it is kept; `nil` when it is empty, too long or holds what cannot be shown.
    public static func personName(_ text: String) -> String? { TriageText.name(text) }
}
