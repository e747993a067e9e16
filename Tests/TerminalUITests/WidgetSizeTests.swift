import Testing

@testable import TerminalUI

/// Every widget, ready to draw.
func everyWidget() -> [(name: String, draw: (Rect, inout Surface) -> Void)] {
    func entry(_ name: String, _ widget: some Widget) -> (String, (Rect, inout Surface) -> Void) {
        (name, { $1.draw(widget, in: $0) })
    }
    let values: [Double?] = [1, 5, nil, 3, 9, 2, .infinity, .nan, 4]
    let hint = KeyHint("a", "ack")
    return [
        entry(
            "chart",
            Chart(
                [Series(values), Series(values, paint: .role(.graph2), shape: .line)],
                timeLabels: ["13:32", "13:47", "14:02"], valueLabels: ["9", "5", "0"], peakLabel: "9",
                threshold: 4)),
        entry("heat chart", Chart([Series(values, paint: nil)])),
        entry("empty chart", Chart([Series([])], timeLabels: ["a"])),
        entry("sparkline", Sparkline(values)),
        entry("gauge", Gauge(0.4)),
        entry("progress", ProgressBar("rebuild", share: 0.3, note: "12 s left")),
        entry("bars", BarList([Bar("acme", value: 3, text: "3"), Bar("名前", value: .nan, text: "?")])),
        entry("histogram", Histogram([1, 2, 3, 0, 9], labels: ["a", "b", "c", "d", "e"])),
        entry("wide histogram", Histogram(Array(repeating: 3, count: 400), labels: ["0", "400"])),
        entry(
            "table",
            Table(
                columns: [TableColumn("id"), TableColumn("n", .fixed(6), alignment: .right, dropOrder: 1)],
                rows: (0..<50).map { TableRow(["row \($0)", "\($0)"]) }, selectedIndex: 3,
                offset: 1, sort: SortOrder(column: 1, isAscending: false))),
        entry("empty table", Table(columns: [], rows: [])),
        entry(
            "tabs",
            TabsLine(
                tabs: [Tab(key: "1", title: "Overview"), Tab(key: "2", title: "Anomalies", badge: "3")],
                selected: 1, trailing: Line([Span("? help", .muted)]))),
        entry(
            "header",
            HeaderLine(
                leading: [HeaderItem("verdict"), HeaderItem("memory:", dropOrder: 2)],
                trailing: [HeaderItem("14:02:31 UTC")])),
        entry("hints", KeyHintsLine([hint], lasting: [hint], trailing: "more")),
        entry("scrolled", ScrolledLines(["a", "b", "c"], offset: 1)),
        entry("paragraph", Paragraph("one two  three\n\nabcdefghijklmnopqrstuvwxyz 名前名前")),
        entry(
            "dialog",
            Dialog(
                title: "Rebuild", body: ["Rebuild the index of memory: now?"], choices: [hint],
                input: InputLine(prompt: "> ", editor: LineEditor("x")), isDangerous: true)),
        entry("toast", Toast("copied 214 bytes", kind: .done)),
        entry(
            "help",
            HelpGrid(
                [
                    HelpGroup(
                        "Move",
                        [
                            HelpEntry(keys: "j k", text: "down, up"),
                            HelpEntry(keys: "x", text: "actions", disabledReason: "read-only"),
                        ])
                ], selected: 1)),
        entry(
            "input",
            InputLine(prompt: "/", editor: LineEditor("tenant:acme"), ghost: "corp", placeholder: "query")),
    ]
}

@Suite struct WidgetSizeTests {
    static let sizes = [
        (0, 0), (1, 1), (1, 5), (5, 1), (2, 2), (3, 3), (8, 4), (24, 3), (40, 10), (80, 24), (200, 50),
    ]

    @Test(arguments: GlyphSet.allCases)
    func `every widget draws at every size and stays inside its rectangle`(glyphs: GlyphSet) {
        for (width, height) in WidgetSizeTests.sizes {
            for widget in everyWidget() {
                let canvas = Size(width: width + 4, height: height + 4)
                var surface = Surface(size: canvas, glyphs: glyphs)
                surface.fill(surface.bounds, style: .text, glyph: "!")
                let before = surface
                let place = Rect(x: 2, y: 2, width: width, height: height)
                widget.draw(place, &surface)
                for y in 0..<canvas.height {
                    for x in 0..<canvas.width where !place.contains(Point(x: x, y: y)) {
                        #expect(
                            surface[x, y] == before[x, y],
                            "\(widget.name) at \(width)x\(height) drew at \(x),\(y)")
                    }
                }
                #expect(surface.lines.allSatisfy { $0.displayWidth == canvas.width })
            }
        }
    }

    @Test func `no widget draws anything but ASCII with the ascii glyph set`() {
        for widget in everyWidget() {
            var surface = Surface(size: Size(width: 80, height: 24), glyphs: .ascii)
            widget.draw(surface.bounds, &surface)
            #expect(surface.plainText.utf8.allSatisfy { $0 < 0x80 }, "\(widget.name)")
        }
    }
}
