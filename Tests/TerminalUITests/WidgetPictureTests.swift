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
            TableRow(["a-very-long-principal", "14", "9 m"]),
            TableRow([Line([Span("m.", .muted), Span("chen", .identifier)]), "1", "31 m"]),
        ], selectedIndex: 1, sort: SortOrder(column: 2, isAscending: true))

    @Test func `a table shows titles, the selection and the sort`() {
        #expect(
            picture(table, 30, 4)
                == [
                    "  principal            n  age▲",
                    "  svc-deploy          27   2 m",
                    "▸ a-very-l…rincipal   14   9 m",
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
        #expect(picture(tabs, 36, 1)[0] == " 1Overview 3Anomalies·3 6Map ? help ")
        #expect(picture(tabs, 35, 1)[0] == " 1Overview 3Anomalies 6Map  ? help ")
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

    @Test func `a toast stands at the lower right`() {
        #expect(picture(Toast("copied", kind: .done), 12, 2) == ["            ", "  ✓ copied  ".fit(12)])
        for (kind, sign) in [(Toast.Kind.note, "·"), (.warning, "▲"), (.failure, "✗")] {
            #expect(picture(Toast("x", kind: kind), 8, 1)[0].contains(sign))
        }
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

    @Test(arguments: [(76, 16), (76, 8), (118, 9), (36, 6), (20, 3)])
    func `the chosen entry of the help is always in sight`(_ width: Int, _ height: Int) {
        let groups = (0..<4).map { group in
            HelpGroup(
                "Group \(group)",
                (0..<9).map {
                    HelpEntry(keys: "k", text: "action \(group).\($0).", disabledReason: "why not")
                })
        }
        for selected in 0..<36 {
            let lines = picture(HelpGrid(groups, selected: selected), width, height)
            let name = "action \(selected / 9).\(selected % 9)."
            #expect(lines.contains { $0.contains(name) }, "\(name) in \(width)x\(height)")
        }
        #expect(picture(HelpGrid(groups, selected: 0), width, height).last?.contains("more below") == true)
        if width < 76 {
            #expect(picture(HelpGrid(groups, selected: 35), width, height).last?.contains("the end") == true)
        }
    }

    @Test func `no column of the help ends on a title and no reason is cut`() {
        let groups = [
            HelpGroup("One", (0..<4).map { HelpEntry(keys: "\($0)", text: "text") }),
            HelpGroup(
                "Two",
                [
                    HelpEntry(
                        keys: "x", text: "rebuild", disabledReason: "held by pid 812 (verdict ingest) here")
                ]),
        ]
        // Seven rows: the title of the second group would be the last of the first column.
        let lines = picture(HelpGrid(groups), 78, 7)
        #expect(lines[0].hasPrefix("One") && lines[0].contains("Two"))
        #expect(lines[1].contains("rebuild  (held by pid 812"))
        #expect(lines[2].contains("ingest) here)"))
    }

    @Test func `columns come back where a wide one that went has left room`() {
        let table = Table(
            columns: [
                TableColumn("who", .fixed(6)), TableColumn("why", .minimum(20), dropOrder: 1),
                TableColumn("n", .fixed(3), dropOrder: 3), TableColumn("age", .fixed(3), dropOrder: 2),
            ], rows: [TableRow(["ada", "first time", "7", "9 m"])])
        #expect(picture(table, 24, 2)[1] == "  ada    7   9 m".padded(24))
        #expect(picture(table, 40, 2)[1].contains("first time"))
    }

    @Test func `a fact of the header is shortened before it goes`() {
        let header = HeaderLine(
            leading: [HeaderItem("a-long-name", short: "a-name", shortOrder: 3)],
            trailing: [
                HeaderItem("as of 2023-01-27 18:32Z", dropOrder: 1, short: "as of 2023-01-27", shortOrder: 2)
            ])
        #expect(picture(header, 44, 1)[0].contains("a-long-name"))
        #expect(picture(header, 36, 1)[0].contains("a-name"))
        #expect(picture(header, 36, 1)[0].contains("as of 2023-01-27 18:32Z"))
        #expect(picture(header, 30, 1)[0].contains("as of 2023-01-27 "))
        #expect(!picture(header, 20, 1)[0].contains("as of"))
    }

    @Test func `a count on a tab is no decimal in ASCII`() {
        #expect(picture(tabs, 50, 1, .ascii)[0].contains("3 Anomalies:3"))
        #expect(picture(Paragraph("● following"), 12, 1, .ascii)[0] == "* following ")
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
