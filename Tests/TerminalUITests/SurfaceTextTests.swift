import Testing

@testable import TerminalUI

@Suite struct SurfaceTextTests {
    private func drawn(
        _ text: String, width: Int, _ truncation: Truncation = .tail, glyphs: GlyphSet = .braille
    ) -> String {
        var surface = Surface(size: Size(width: width, height: 1), glyphs: glyphs)
        surface.draw(text, in: surface.bounds, truncation: truncation)
        return surface.lines[0]
    }

    @Test func `control characters, escape sequences and bidi marks are shown as escapes`() {
        #expect(drawn("a\u{1B}[31mb", width: 14) == "a\\x1b[31mb    ")
        #expect(drawn("x\ny\tz\r", width: 12) == "x\\ny\\tz\\r   ")
        #expect(drawn("\u{202E}evil", width: 14) == "\\u{202e}evil  ")
        #expect(drawn("a\u{200B}b", width: 12) == "a\\u{200b}b  ")
        #expect(drawn("😀", width: 12) == "\\u{1f600}   ")
        #expect(drawn("\u{7F}\u{9B}", width: 12) == "\\x7f\\u{9b}  ")
        #expect("a\u{9B}\u{1}\u{FEFF}e\u{301}\u{301}".terminalSafe == "a\\u{9b}\\x01\\u{feff}e\u{301}\u{301}")
        #expect("plain".terminalSafe == "plain")
        #expect("\u{301}x".terminalSafe == "\\u{301}x")
    }

    @Test func `escapes are painted as a warning`() {
        var surface = Surface(size: Size(width: 8, height: 1))
        surface.draw("a\nb", at: Point(x: 0, y: 0))
        #expect(surface[0, 0].style.foreground == .role(.text))
        #expect(surface[1, 0].style.foreground == .role(.warning))
        #expect(surface[3, 0].style.foreground == .role(.text))
    }

    @Test func `nothing that moves a cursor or changes a mode ever reaches a cell`() {
        var random = SeededRandom(seed: 7)
        for glyphs in GlyphSet.allCases {
            for _ in 0..<600 {
                let text = random.hostileText()
                let width = Int.random(in: 0...40, using: &random)
                let x = Int.random(in: -6...20, using: &random)
                var surface = Surface(size: Size(width: 24, height: 2), glyphs: glyphs)
                let used = surface.draw(text, at: Point(x: x, y: 0), maxWidth: width)
                #expect(used <= max(0, width))
                #expect(used == min(max(0, width), glyphs.width(of: text)) || used == width - 1)
                #expect(surface.lines.allSatisfy { $0.displayWidth == 24 })
                for scalar in surface.lines[0].unicodeScalars {
                    #expect(ScalarClass(scalar) != .escaped)
                    #expect(glyphs != .ascii || scalar.isASCII)
                }
                #expect(surface.lines[1] == String(repeating: " ", count: 24))
                #expect(text.terminalSafe.terminalSafe == text.terminalSafe)
                #expect(text.terminalSafe.displayWidth == text.displayWidth)
            }
        }
    }

    @Test func `wide characters take two cells and are never cut in half`() {
        #expect("名前".displayWidth == 4)
        #expect(drawn("名前x", width: 5) == "名前x")
        #expect(drawn("名前x", width: 4) == "名… ")
        #expect(drawn("名前", width: 3, .clip) == "名 ")
        var surface = Surface(size: Size(width: 4, height: 1))
        surface.draw("名前", at: Point(x: 0, y: 0))
        surface.put("x", x: 1, y: 0, style: .text)
        #expect(surface.lines[0] == " x前")
        surface.put("y", x: 2, y: 0, style: .text)
        #expect(surface.lines[0] == " xy ")
        surface.draw("名", at: Point(x: 1, y: 0))
        surface.fill(Rect(x: 2, y: 0, width: 1, height: 1), style: .text, glyph: "-")
        #expect(surface.lines[0] == "  - ")
    }

    @Test func `combining marks join their character and the third is dropped`() {
        #expect("e\u{301}".displayWidth == 1)
        #expect(drawn("e\u{301}x", width: 3) == "e\u{301}x ")
        #expect(drawn("e\u{301}\u{302}\u{303}", width: 1) == "e\u{301}\u{302}")
        #expect(drawn("\u{1100}\u{1161}\u{11A8}", width: 2) == "\u{1100}\u{1161}\u{11A8}")
    }

    @Test func `text too long is cut at the end or in the middle`() {
        #expect(drawn("abcdefghij", width: 6) == "abcde…")
        #expect(drawn("abcdefghij", width: 6, .middle) == "abc…ij")
        #expect(drawn("abcdefghij", width: 6, .clip) == "abcdef")
        #expect(drawn("abcdefghij", width: 1) == "…")
        #expect(drawn("abcdefghij", width: 6, glyphs: .ascii) == "abcde~")
        #expect(drawn("名\u{1B}…é", width: 30, glyphs: .ascii).hasPrefix("\\u{540d}\\x1b~\\u{e9} "))
    }

    @Test func `text is aligned in its room`() {
        var surface = Surface(size: Size(width: 7, height: 3))
        surface.draw("ab", in: surface.bounds.row(0), alignment: .right)
        surface.draw("abc", in: surface.bounds.row(1), alignment: .center)
        surface.draw(
            Line([Span("a"), Span("b", .accent, .bold)]), in: surface.bounds.row(2), alignment: .right)
        #expect(surface.lines == ["     ab", "  abc  ", "     ab"])
        #expect(surface[6, 2].style.attributes == .bold)
        #expect(Line("ab").text == "ab" && Line.empty.displayWidth == 0)
    }

    @Test func `drawing outside the surface or its clip does nothing`() {
        var surface = Surface(size: Size(width: 4, height: 2))
        let before = surface
        surface.draw("abc", at: Point(x: 0, y: 5))
        surface.draw("abc", at: Point(x: 9, y: 0))
        surface.draw("abc", at: Point(x: -9, y: 0))
        surface.put("x", x: 4, y: 0, style: .text)
        surface.fill(Rect(x: 9, y: 9, width: 3, height: 3), style: .text)
        surface.restyle(Rect(x: 9, y: 9, width: 3, height: 3)) { $0 }
        #expect(surface == before)
        #expect(surface[-1, 0].glyph == .space)
        surface.clipped(to: Rect(x: 1, y: 0, width: 2, height: 1)) { $0.draw("abcd", at: Point(x: 0, y: 0)) }
        #expect(surface.lines == [" bc ", "    "])
    }
}
