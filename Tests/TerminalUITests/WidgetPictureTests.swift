import Testing

@testable import TerminalUI

@Suite struct WidgetPictureTests {
    private func picture(_ widget: some Widget, _ width: Int, _ height: Int, _ glyphs: GlyphSet = .braille)
        -> [String]
    {
        var surface = Surface(size: Size(width: width, height: height), glyphs: glyphs)
        surface.draw(widget, in: surface.bounds)
        return surface.lines
    }

    private let table = Table(
        columns: [
            TableColumn("principal", .flexible, truncation: .middle),
            TableColumn("n", .fixed(4), alignment: .right),
            TableColumn("age", .fixed(5), alignment: .right, dropOrder: 1),
        ],
        rows: [
            TableRow(["svc-deploy", "27", "2 m"]),
            TableRow(["a-very-long-principal", "14", "9 m"], isMarked: true),
            TableRow([Line([Span("m.", .muted), Span("chen", .identifier)]), "1", "31 m"]),
        ], selectedIndex: 1, sort: SortOrder(column: 2, isAscending: true))

    @Test func `a table shows titles, the selection, marks and the sort`() {
        #expect(
            picture(table, 30, 4)
                == [
                    "  principal            n  age▲",
                    "  svc-deploy          27   2 m",
                    "▸●a-very-l…rincipal   14   9 m",
                    "  m.chen               1  31 m",
                ].map { $0.padded(30) })
    }

    @Test func `columns that matter less go when it is narrow`() {
        #expect(picture(table, 14, 2) == ["  princ…    n ", "  svc…oy   27┃"])
    }

    @Test func `a long table has a scroll bar and only asks for what is seen`() {
        var asked: [Int] = []
        let table = Table(columns: [TableColumn("x")], count: 1_000_000, offset: 500_000) { index in
            asked.append(index)
            return TableRow(["row \(index)"])
        }
        let lines = picture(table, 20, 4)
        #expect(lines[1].hasPrefix("  row 500000"))
        #expect(asked == [500_000, 500_001, 500_002])
        #expect(lines[2].hasSuffix("┃"))
        #expect(table.rowIndex(atY: 2, in: Rect(x: 0, y: 0, width: 20, height: 4)) == 500_001)
        #expect(table.rowIndex(atY: 0, in: Rect(x: 0, y: 0, width: 20, height: 4)) == nil)
        #expect(Table.visibleRows(height: 4) == 3 && Table.visibleRows(height: 0) == 0)
        #expect(
            picture(Table(columns: [TableColumn("x")], rows: []), 20, 2) == [
                "  x                 ", "  nothing here      ",
            ])
    }

    private let tabs = TabsLine(
        tabs: [
            Tab(key: "1", title: "Overview"), Tab(key: "3", title: "Anomalies", badge: "3"),
            Tab(key: "6", title: "Map", isEnabled: false),
        ],
        selected: 0, trailing: Line("? help"))

    @Test func `tabs shorten their names as room gets scarce`() {
        #expect(picture(tabs, 50, 1)[0].hasPrefix(" 1 Overview  3 Anomalies·3  6 Map"))
        #expect(picture(tabs, 50, 1)[0].hasSuffix("? help "))
        #expect(picture(tabs, 30, 1)[0].hasPrefix(" 1Over 3Anom·3 6Map"))
        #expect(picture(tabs, 24, 1)[0].hasPrefix(" 1Ov 3An·3 6Ma"))
        #expect(picture(tabs, 8, 1)[0].hasPrefix(" 1 3·3 6"))
        #expect(tabs.tabIndex(atX: 14, in: Rect(x: 0, y: 0, width: 50, height: 1)) == 1)
        #expect(tabs.tabIndex(atX: 49, in: Rect(x: 0, y: 0, width: 50, height: 1)) == nil)
    }

    @Test func `a header drops what matters least`() {
        let header = HeaderLine(
            leading: [
                HeaderItem("verdict"), HeaderItem("memory:", dropOrder: 2), HeaderItem("live", dropOrder: 1),
            ],
            trailing: [HeaderItem("rss", dropOrder: 3), HeaderItem("14:02")])
        #expect(picture(header, 40, 1)[0] == " verdict  memory:  live      rss  14:02 ")
        #expect(picture(header, 26, 1)[0] == " verdict  live      14:02 ")
        #expect(picture(header, 16, 1)[0] == " verdict  14:02 ")
    }

    @Test func `hints that do not fit are left out whole`() {
        let hints = KeyHintsLine(
            [KeyHint("a", "ack"), KeyHint("x", "actions", isEnabled: false)], trailing: "more")
        #expect(picture(hints, 30, 1)[0] == " a ack   x actions       more ")
        #expect(picture(hints, 14, 1)[0] == " a ack        ")
    }

    @Test func `lasting hints have room before all others`() {
        let hints = KeyHintsLine(
            [KeyHint("a", "ack"), KeyHint("x", "actions")], lasting: [KeyHint("q", "quit")])
        #expect(picture(hints, 40, 1)[0] == " a ack   x actions   q quit             ")
        #expect(picture(hints, 20, 1)[0] == " a ack   q quit     ")
        #expect(picture(hints, 10, 1)[0] == " q quit   ")
    }

    @Test func `scrolled lines keep a row for what is below`() {
        let lines: [Line] = ["one", "two", "three", "four"]
        #expect(picture(ScrolledLines(lines), 12, 4) == ["one", "two", "three", "four"].map { $0.fit(12) })
        #expect(
            picture(ScrolledLines(lines, offset: 1), 12, 3)
                == ["two".fit(12), "three".fit(12), "1 more below"])
        #expect(
            picture(ScrolledLines(lines, offset: 9), 12, 3)
                == ["three".fit(12), "four".fit(12), "     the end"])
        #expect(ScrolledLines(lines).limit(height: 4) == 0)
        #expect(ScrolledLines(lines).limit(height: 3) == 2)
    }

    @Test func `paragraphs wrap at words and cut what is longer than a line`() {
        #expect(
            picture(Paragraph("one two three\n\nabcdefghij 名前名前"), 7, 7) == [
                "one two", "three  ", "       ", "abcdefg", "hij    ", "名前名 ", "前     ",
            ])
        #expect(Paragraph("a b").wrapped(width: 0).isEmpty)
        var scrolled = Paragraph("a b c")
        scrolled.offset = 1
        #expect(picture(scrolled, 1, 2) == ["b", "c"])
        var random = SeededRandom(seed: 8)
        for _ in 0..<300 {
            let width = Int.random(in: 1...20, using: &random)
            for line in Paragraph(random.hostileText()).wrapped(width: max(10, width)) {
                #expect(line.displayWidth <= max(10, width))
            }
        }
    }

    @Test func `a dialog stands in the middle and says when it is dangerous`() {
        let dialog = Dialog(
            title: "Rebuild", body: ["Rebuild now?"], choices: [KeyHint("y", "yes"), KeyHint("Esc", "no")],
            isDangerous: true)
        #expect(
            picture(dialog, 30, 7) == [
                "                              ", "   ╭─ ▲ Rebuild ──────────╮   ",
                "   │ Rebuild now?         │   ",
                "   │                      │   ", "   │ y yes   Esc no       │   ",
                "   ╰──────────────────────╯   ",
                "                              ",
            ])
        let typed = Dialog(
            title: "Delete", body: ["Type the name"], choices: [],
            input: InputLine(prompt: "> ", editor: LineEditor("acme")))
        #expect(picture(typed, 30, 7).contains { $0.contains("> acme") })
    }

    @Test func `a toast stands at the lower right and a tooltip below its place`() {
        #expect(picture(Toast("copied", kind: .done), 12, 2) == ["            ", "  ✓ copied  ".fit(12)])
        for (kind, sign) in [(Toast.Kind.note, "·"), (.warning, "▲"), (.failure, "✗")] {
            #expect(picture(Toast("x", kind: kind), 8, 1)[0].contains(sign))
        }
        #expect(picture(Tooltip("why", at: Point(x: 9, y: 0)), 10, 2)[1] == "      why ")
        #expect(picture(Tooltip("why", at: Point(x: 0, y: 1)), 10, 2)[0].hasPrefix(" why"))
    }

    @Test func `help is laid out in columns and says why something cannot be done`() {
        let help = HelpGrid(
            [
                HelpGroup("Move", [HelpEntry(keys: "j k", text: "down, up")]),
                HelpGroup("Act", [HelpEntry(keys: "x", text: "actions", disabledReason: "read-only")]),
            ], selected: 1)
        #expect(
            picture(help, 40, 5)
                == ["Move", " j k  down, up", "", "Act", " x    actions  (read-only)"].map { $0.padded(40) })
        #expect(picture(help, 80, 3)[0].hasPrefix("Move"))
    }

    @Test func `an input line shows its cursor and slides with it`() {
        var surface = Surface(size: Size(width: 8, height: 1))
        surface.draw(InputLine(prompt: "/", editor: LineEditor("abcdefghij"), ghost: "k"), in: surface.bounds)
        #expect(surface.lines == ["/efghijk"])
        #expect(surface.cursor == Point(x: 7, y: 0))
        #expect(picture(InputLine(editor: LineEditor(), placeholder: "query"), 8, 1) == ["query   "])
        #expect(
            picture(InputLine(editor: LineEditor("ten"), ghost: "ant", isFocused: false), 8, 1) == [
                "tenant  "
            ])
    }
}

extension String {
    func padded(_ width: Int) -> String { self + String(repeating: " ", count: max(0, width - displayWidth)) }
    func fit(_ width: Int) -> String { String(padded(width).prefix(width)) }
}
