import Testing

@testable import TerminalUI

@Suite struct ExportTests {
    private func surface() -> Surface {
        var surface = Surface(size: Size(width: 10, height: 2))
        surface.draw("<a> & 名", at: Point(x: 0, y: 0), style: Style(.deny, [.bold, .underline, .dim]))
        surface.draw("sel", at: Point(x: 2, y: 1), style: Style(.text, on: .selection, .reverse))
        return surface
    }

    @Test func `plain text has one line per row`() {
        #expect(surface().plainText == "<a> & 名  \n  sel     \n")
        #expect(Surface(size: Size(width: 0, height: 2)).plainText == "\n\n")
    }

    @Test func `ANSI text resets at every line's end and changes style only where needed`() {
        let text = surface().ansi(Palette(.terminal, depth: .ansi16))
        #expect(
            text
                == "\u{1B}[0;1;2;4;31m<a> & 名\u{1B}[0m  \u{1B}[0m\n\u{1B}[0m  \u{1B}[0;7msel\u{1B}[0m     \u{1B}[0m\n"
        )
        let theme = Theme(name: "x", scheme: .plainDark)
        #expect(surface().ansi(Palette(theme, depth: .truecolor)).contains("48;2;24;24;24m"))
        #expect(surface().ansi(Palette(theme, depth: .indexed256)).contains("48;5;234m"))
        let mono = surface().ansi(Palette(theme, depth: .mono))
        #expect(!mono.contains("[3") && !mono.contains(";3"))
    }

    @Test func `a picture in SVG is escaped, themed and the same each time`() {
        let svg = surface().svg(.terminal, title: "a<b")
        #expect(svg.hasPrefix("<svg xmlns="))
        #expect(svg.contains("&lt;a&gt; &amp; 名"))
        #expect(svg.contains("a&lt;b"))
        #expect(svg.contains("font-weight=\"bold\"") && svg.contains("text-decoration=\"underline\""))
        #expect(svg.contains(Theme.terminal.color(of: .deny).hex))
        #expect(svg == surface().svg(.terminal, title: "a<b"))
        #expect(surface().svg(.terminal).contains("</svg>"))
    }
}
