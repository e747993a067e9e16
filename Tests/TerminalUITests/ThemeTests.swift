import Testing

@testable import TerminalUI

@Suite struct ThemeTests {
    private func scheme(_ colors: [RGB]) -> Scheme? {
        Scheme(name: "x", author: "", variant: nil, palette: colors)
    }

    @Test func `hexadecimal colours are read and written`() {
        #expect(RGB(hex: "#1e1e2E") == RGB(red: 0x1E, green: 0x1E, blue: 0x2E))
        #expect(RGB(hex: "00ff08")?.hex == "#00ff08")
        for bad in ["", "#", "12345", "1234567", "gggggg", "+12345", "12 456", "１２３４５６"] {
            #expect(RGB(hex: bad) == nil, "\(bad)")
        }
    }

    @Test func `contrast is that of WCAG`() {
        let black = RGB(red: 0, green: 0, blue: 0)
        let white = RGB(red: 255, green: 255, blue: 255)
        #expect(abs(black.contrast(with: white) - 21) < 1e-9)
        #expect(abs(RGB(red: 118, green: 118, blue: 118).contrast(with: white) - 4.54) < 0.01)
        #expect(abs(RGB(red: 255, green: 0, blue: 0).luminance - 0.2126) < 1e-9)
    }

    @Test func `colours survive the way to OKLab and back`() {
        var random = SeededRandom(seed: 11)
        for _ in 0..<2_000 {
            let color = RGB(
                red: .random(in: 0...255, using: &random), green: .random(in: 0...255, using: &random),
                blue: .random(in: 0...255, using: &random))
            let back = OKLab(color).rgb
            #expect(abs(Int(back.red) - Int(color.red)) <= 1)
            #expect(abs(Int(back.green) - Int(color.green)) <= 1)
            #expect(abs(Int(back.blue) - Int(color.blue)) <= 1)
        }
        #expect(abs(OKLab(RGB(red: 255, green: 255, blue: 255)).lightness - 1) < 1e-6)
        #expect(Root.cube(-8) == -2)
        #expect(Root.fifth(0) == 0)
    }

    @Test func `any scheme is made readable`() throws {
        var random = SeededRandom(seed: 5)
        for _ in 0..<60 {
            let palette = (0..<16).map { _ in
                RGB(
                    red: .random(in: 0...255, using: &random), green: .random(in: 0...255, using: &random),
                    blue: .random(in: 0...255, using: &random))
            }
            let theme = Theme(name: "x", scheme: try #require(scheme(palette)))
            let best =
                [RGB(red: 0, green: 0, blue: 0), RGB(red: 255, green: 255, blue: 255)].map { extreme in
                    Role.allCases.filter(\.isBackground).map { extreme.contrast(with: theme.color(of: $0)) }
                        .min() ?? 0
                }.max() ?? 0
            // A middle grey background allows less than 4.5 on all its neighbours; then black or white is used.
            for role in [Role.text, .muted, .critical, .allow] {
                let least =
                    Role.allCases.filter(\.isBackground).map {
                        theme.color(of: role).contrast(with: theme.color(of: $0))
                    }.min() ?? 0
                #expect(least >= min(Theme.textContrast, best) * 0.6, "\(role)")
            }
        }
    }

    @Test func `what is critical is red, wherever the scheme has its red`() throws {
        func palette(_ changes: [Int: RGB]) -> [RGB] {
            (0..<16).map { index in
                changes[index]
                    ?? RGB(red: UInt8(index * 12), green: UInt8(index * 12), blue: UInt8(index * 12))
            }
        }
        let red = RGB(red: 0xF7, green: 0x76, blue: 0x8E)
        let lilac = RGB(red: 0xC0, green: 0xCA, blue: 0xF5)
        let usual = Theme(
            name: "x",
            scheme: try #require(scheme(palette([8: RGB(red: 224, green: 108, blue: 117), 15: red]))))
        let other = Theme(name: "x", scheme: try #require(scheme(palette([8: lilac, 9: lilac, 15: red]))))
        #expect(usual.color(of: .critical) == RGB(red: 224, green: 108, blue: 117))
        for role in [Role.critical, .deny, .high] { #expect(other.color(of: role).redness > 20, "\(role)") }
        #expect(other.color(of: .critical) == red)
    }

    @Test func `a palette of another length is refused and Base16 is filled up`() throws {
        #expect(scheme([]) == nil)
        #expect(scheme(Array(repeating: RGB(red: 0, green: 0, blue: 0), count: 17)) == nil)
        let palette = (0..<16).map { RGB(red: UInt8($0), green: 0, blue: 0) }
        let full = try #require(scheme(palette))
        #expect(full.palette[16...].map(\.red) == [0, 0, 8, 10, 11, 12, 13, 14])
    }

    @Test func `paints remember what they are`() {
        #expect(Paint.role(.deny).kind == .role(.deny))
        #expect(Paint.heat(0).kind == .heat(0))
        #expect(Paint.heat(9).kind == .heat(63))
        #expect(Paint.heat(.nan).kind == .heat(0))
        #expect(Paint.rgb(RGB(red: 1, green: 2, blue: 3)).kind == .rgb(RGB(red: 1, green: 2, blue: 3)))
        #expect(Paint.unchanged.kind == .unchanged)
        #expect(Paint.terminalDefault.kind == .terminalDefault)
        #expect(Theme.terminal.color(of: .terminalDefault) == nil)
        #expect(Theme.terminal.color(of: Paint.heat(1)) != nil)
    }

    @Test func `colours are brought down to what the terminal shows`() {
        let theme = Theme(name: "x", scheme: .plainDark)
        let red = RGB(red: 215, green: 95, blue: 95)
        let exact = Style(foreground: .rgb(red))
        #expect(Palette(theme, depth: .truecolor).resolve(exact).foreground == .rgb(red))
        #expect(Palette(theme, depth: .indexed256).resolve(exact).foreground == .indexed(167))
        #expect(Palette(theme, depth: .ansi16).resolve(exact).foreground == .indexed(1))
        #expect(Palette(theme, depth: .mono).resolve(exact).foreground == .terminalDefault)
        for role in Role.allCases {
            for depth in ColorDepth.allCases {
                let resolved = Palette(theme, depth: depth).resolve(Style(role, on: role))
                switch (depth, resolved.foreground) {
                case (.mono, .terminalDefault), (.truecolor, .rgb), (.ansi16, .terminalDefault): break
                case (.ansi16, .indexed(let index)): #expect(index < 8)
                case (.indexed256, .indexed(let index)): #expect(index >= 16)
                default: Issue.record("\(depth) \(resolved)")
                }
            }
        }
        #expect(Palette(theme, depth: .ansi16).resolve(Style(foreground: .heat(1))).foreground == .indexed(1))
        #expect(
            Palette(theme, depth: .mono).resolve(Style(foreground: .heat(1))).foreground == .terminalDefault)
        #expect(
            Palette(theme, depth: .truecolor).resolve(Style(foreground: .unchanged)).foreground
                == .terminalDefault)
    }

    @Test func `every entry of the xterm palette is its own nearest`() {
        for (index, color) in XtermPalette.colors.enumerated() {
            #expect(XtermPalette.colors[Int(XtermPalette.nearest(to: color)) - 16] == color, "\(index)")
        }
    }

    @Test func `without colours attributes say what matters`() {
        let mono = Palette(.terminal, depth: .mono)
        #expect(mono.depth == .mono)
        #expect(mono.resolve(Style(.text, on: .selection)).attributes == .reverse)
        // Reversed, a colour would be a patch of its own: the row has one foreground.
        let basic = Palette(.terminal, depth: .ansi16)
        for role in [Role.text, .muted, .accent, .identifier, .deny, .border] {
            let style = basic.resolve(Style(role, on: .selection))
            #expect(style.foreground == .terminalDefault && style.attributes == .reverse)
        }
        #expect(basic.resolve(Style(.deny)).foreground == .indexed(1))
        #expect(mono.resolve(Style(.critical)).attributes == .bold)
        #expect(mono.resolve(Style(.accent)).attributes == .bold)
        #expect(mono.resolve(Style(.badgeText, on: .critical)).attributes == .reverse)
        #expect(Palette(.terminal, depth: .truecolor).depth == .ansi16)
        #expect(Palette(.terminal, depth: .truecolor).resolve(Style(.muted)).attributes == .dim)
        #expect(Palette(.terminal, depth: .truecolor).themeName == "terminal")
    }

    @Test func `mixing and lifting end at their bounds`() {
        let black = RGB(red: 0, green: 0, blue: 0)
        let white = RGB(red: 255, green: 255, blue: 255)
        #expect(black.mixed(with: white, share: 0) == black)
        #expect(black.mixed(with: white, share: 1) == white)
        #expect(black.lifted(against: [black], to: 30, lighter: true) == white)
        #expect(white.lifted(against: [white], to: 30, lighter: false) == black)
    }
}
