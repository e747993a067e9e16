/// Text being typed, its cursor and what was typed before; the keys are those of readline.
public struct LineEditor: Sendable, Hashable {
    /// The text.
    public private(set) var text: String
    /// How many characters stand before the cursor.
    public private(set) var cursor: Int
    /// What was entered before, oldest first.
    public private(set) var history: [String]
    private var historyIndex: Int?
    private var draft = ""

    /// The most characters that are kept.
    public static let maximumLength = 4_096
    /// The most lines of history that are kept.
    public static let maximumHistory = 200

    /// An editor of a text, the cursor at its end.
    public init(_ text: String = "", history: [String] = []) {
        self.text = String(text.prefix(LineEditor.maximumLength))
        self.history = Array(history.suffix(LineEditor.maximumHistory))
        cursor = self.text.count
    }

    /// Changes the text by a key; false when the key means nothing here.
    public mutating func handle(_ key: Key) -> Bool {
        switch key {
        case .character(let character): insert(String(character))
        case .backspace: deleteBackward(characters: 1)
        case .delete, .control("d"): deleteForward()
        case .left, .control("b"): cursor = max(0, cursor - 1)
        case .right, .control("f"): cursor = min(text.count, cursor + 1)
        case .home, .control("a"): cursor = 0
        case .end, .control("e"): cursor = text.count
        case .controlLeft, .alt("b"): cursor = wordStart
        case .controlRight, .alt("f"): cursor = wordEnd
        case .control("w"): deleteBackward(characters: cursor - wordStart)
        case .control("u"): deleteBackward(characters: cursor)
        case .control("k"): text = String(text.prefix(cursor))
        case .up, .control("p"): recall(-1)
        case .down, .control("n"): recall(1)
        default: return false
        }
        return true
    }

    /// Inserts text at the cursor; line breaks become spaces.
    public mutating func insert(_ addition: String) {
        let line = String(addition.map { $0.isNewline || $0 == "\t" ? " " : $0 })
        let room = LineEditor.maximumLength - text.count
        let part = String(line.prefix(max(0, room)))
        guard !part.isEmpty else { return }
        text.insert(contentsOf: part, at: index(cursor))
        // A combining mark joins the character before it, so the count may grow by less.
        cursor = min(text.count, cursor + part.count)
    }

    /// Replaces the text and puts the cursor at its end.
    public mutating func replace(with text: String) {
        self.text = String(text.prefix(LineEditor.maximumLength))
        cursor = self.text.count
        historyIndex = nil
    }

    /// Takes the text as entered: it joins the history and the line becomes empty.
    public mutating func submit() -> String {
        let entered = text
        if !entered.isEmpty, history.last != entered {
            history.append(entered)
            if history.count > LineEditor.maximumHistory { history.removeFirst() }
        }
        replace(with: "")
        return entered
    }

    private func index(_ offset: Int) -> String.Index {
        text.index(text.startIndex, offsetBy: min(max(0, offset), text.count))
    }

    private mutating func deleteBackward(characters: Int) {
        let start = max(0, cursor - characters)
        text.removeSubrange(index(start)..<index(cursor))
        cursor = start
    }

    private mutating func deleteForward() {
        guard cursor < text.count else { return }
        text.remove(at: index(cursor))
    }

    private var wordStart: Int {
        let characters = Array(text)
        var place = cursor
        while place > 0, characters[place - 1] == " " { place -= 1 }
        while place > 0, characters[place - 1] != " " { place -= 1 }
        return place
    }

    private var wordEnd: Int {
        let characters = Array(text)
        var place = cursor
        while place < characters.count, characters[place] == " " { place += 1 }
        while place < characters.count, characters[place] != " " { place += 1 }
        return place
    }

    private mutating func recall(_ step: Int) {
        let current = historyIndex ?? history.count
        let wanted = current + step
        guard wanted >= 0, wanted <= history.count, wanted != current else { return }
        if historyIndex == nil { draft = text }
        let recalled = wanted == history.count ? draft : history[wanted]
        text = recalled
        cursor = recalled.count
        historyIndex = wanted == history.count ? nil : wanted
    }
}
