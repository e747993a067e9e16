import Testing

@testable import TerminalUI

@Suite struct KeyTests {
    @Test func `keys are known by the names tmux gives them`() {
        let names: [(String, Key)] = [
            ("Enter", .enter), ("C-c", .control("c")), ("C-C", .control("c")), ("^a", .control("a")),
            ("M-x", .alt("x")),
            ("F1", .function(1)), ("F12", .function(12)), ("/", .character("/")), ("q", .character("q")),
            ("Space", .character(" ")), ("PageDown", .pageDown), ("PgDn", .pageDown), ("NPage", .pageDown),
            ("BTab", .backTab), ("S-Tab", .backTab), ("C-Left", .controlLeft), ("S-Up", .shiftUp),
            ("Esc", .escape),
            ("C-Space", .control(" ")), ("DC", .delete), ("escape", .escape), ("C", .character("C")),
        ]
        for (name, key) in names { #expect(Key(name: name) == key, "\(name)") }
        for name in ["", "C-", "C-xy", "F0", "F99", "Fx", "M-", "hello"] {
            #expect(Key(name: name) == nil, "\(name)")
        }
    }

    @Test func `every named key reads its own name`() {
        let keys: [Key] = [
            .enter, .escape, .tab, .backTab, .backspace, .delete, .insert, .up, .down, .left, .right, .home,
            .end,
            .pageUp, .pageDown, .shiftUp, .shiftDown, .shiftLeft, .shiftRight, .controlLeft, .controlRight,
            .character(" "), .character("é"), .control("z"), .control(" "), .alt("b"), .function(5),
        ]
        for key in keys { #expect(Key(name: key.name) == key, "\(key)") }
    }

    @Test func `a line of keys types words that are no names`() {
        #expect(
            Key.sequence("3 Down Enter / te:n Space") == [
                .character("3"), .down, .enter, .character("/"), .character("t"), .character("e"),
                .character(":"),
                .character("n"), .character(" "),
            ])
        #expect(Key.sequence("  ").isEmpty)
    }

    @Test(arguments: [
        ("3 Bogus Enter", "Bogus"), ("F99", "F99"), ("C-", "C-"), ("M-xy Tab", "M-xy"), ("/ Alice", "Alice"),
    ])
    func `a word that looks like a key and is none is found`(line: String, word: String) {
        #expect(Key.unknownName(in: line) == word)
    }

    @Test(arguments: ["", "3 Down enter / te:n Space", "g G F5 C-c M-x PgUp", "/ tenant:Acme é"])
    func `keys and words that are typed are no unknown keys`(line: String) {
        #expect(Key.unknownName(in: line) == nil)
    }
}

@Suite struct LineEditorTests {
    private func typed(_ keys: String, _ start: String = "") -> LineEditor {
        var editor = LineEditor(start)
        for key in Key.sequence(keys) {
            let isKnown = editor.handle(key)
            #expect(isKnown, "\(key)")
        }
        return editor
    }

    @Test func `the keys of readline edit the line`() {
        #expect(typed("a b c").text == "abc")
        #expect(typed("Left Left x", "abc").text == "axbc")
        #expect(typed("Home x End y", "abc").text == "xabcy")
        #expect(typed("BSpace C-b DC", "abc").text == "a")
        #expect(typed("C-w", "one two  ").text == "one ")
        #expect(typed("C-a C-k", "abc").text == "")
        #expect(typed("Left C-u", "abc").text == "c")
        #expect(typed("C-Left C-Left x C-Right y", "one two").text == "xoney two")
        #expect(typed("C-a M-f M-b C-f C-d C-e", "one").text == "oe")
        #expect(typed("DC BSpace C-Left", "").text == "")
        var editor = LineEditor()
        let isKnown = [Key.escape, .enter, .tab].map { editor.handle($0) }
        #expect(isKnown == [false, false, false])
    }

    @Test func `history comes back and the draft is not lost`() {
        var editor = LineEditor(history: ["first", "second"])
        editor.insert("draft")
        for (key, text) in [
            (Key.up, "second"), (.up, "first"), (.up, "first"), (.down, "second"), (.down, "draft"),
            (.down, "draft"),
        ] {
            let isKnown = editor.handle(key)
            #expect(isKnown)
            #expect(editor.text == text)
        }
        var entered = editor.submit()
        #expect(entered == "draft")
        #expect(editor.text.isEmpty && editor.history == ["first", "second", "draft"])
        editor.replace(with: "draft")
        entered = editor.submit()
        #expect(entered == "draft")
        #expect(editor.history.count == 3)
        entered = editor.submit()
        #expect(entered.isEmpty)
    }

    @Test func `length and history are bounded and breaks become spaces`() {
        var editor = LineEditor(String(repeating: "x", count: 5_000))
        #expect(editor.text.count == LineEditor.maximumLength)
        editor.insert("y")
        #expect(editor.text.count == LineEditor.maximumLength)
        editor.replace(with: "")
        editor.insert("a\nb\tc")
        #expect(editor.text == "a b c")
        for number in 0..<300 {
            editor.replace(with: "\(number)")
            _ = editor.submit()
        }
        #expect(editor.history.count == LineEditor.maximumHistory)
    }

    @Test func `any sequence of keys keeps the cursor inside the text`() {
        var random = SeededRandom(seed: 21)
        let keys = Key.sequence(
            "a é 名 Left Right Home End BSpace DC C-w C-u C-k C-Left C-Right Up Down Space")
        var editor = LineEditor(history: ["one two", "名前 x"])
        for step in 0..<5_000 {
            if step % 50 == 0 { editor.insert(random.hostileText()) }
            _ = editor.handle(keys.randomElement(using: &random) ?? .left)
            #expect((0...editor.text.count).contains(editor.cursor))
        }
    }
}

@Suite struct MemoryTerminalTests {
    @Test func `remembers what it is shown and reports what it is told`() async {
        let terminal = MemoryTerminal(size: Size(width: 4, height: 1))
        terminal.press("a Enter")
        terminal.send(.resize(Size(width: 8, height: 2)))
        terminal.send(.closed)
        var events: [TerminalEvent] = []
        for await event in terminal.events { events.append(event) }
        #expect(events == [.key(.character("a")), .key(.enter), .resize(Size(width: 8, height: 2)), .closed])
        await terminal.present(Surface(size: terminal.size), theme: .terminal)
        #expect(await terminal.picture?.lines == ["    "])
        #expect(await terminal.copy("abc") == .sent(bytes: 3))
        await terminal.ringBell()
        await terminal.suspend()
        await terminal.redraw()
        await terminal.restore()
        #expect(await terminal.clipboard == "abc")
        #expect(await terminal.picture == nil)
        #expect(await (terminal.pictureCount, terminal.bellCount, terminal.suspendCount) == (1, 1, 1))
        #expect(await terminal.isRestored)
    }
}
