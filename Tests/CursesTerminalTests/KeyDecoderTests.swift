import CCurses
import Testing

@testable import CursesTerminal
@testable import TerminalUI

@Suite struct KeyDecoderTests {
    @Test func `characters and control characters become keys`() {
        let expected: [(UInt32, Key)] = [
            (13, .enter), (10, .enter), (9, .tab), (27, .escape), (127, .backspace), (8, .backspace),
            (0, .control(" ")), (3, .control("c")), (26, .control("z")), (28, .control("\\")),
            (97, .character("a")), (0x540D, .character("名")),
        ]
        for (value, key) in expected {
            let scalar = Unicode.Scalar(value) ?? "?"
            #expect(KeyDecoder.key(character: scalar, isMeta: false) == key)
        }
        #expect(KeyDecoder.key(character: "x", isMeta: true) == .alt("x"))
    }

    @Test func `codes become keys`() {
        #expect(KeyDecoder.key(code: KEY_UP) == .up)
        #expect(KeyDecoder.key(code: KEY_F0 + 5) == .function(5))
        #expect(KeyDecoder.key(code: KEY_F0 + 64) == nil)
        #expect(KeyDecoder.key(code: KeyDecoder.Code.controlLeft.rawValue) == .controlLeft)
        for code in KeyDecoder.Code.allCases { #expect(code.rawValue > KEY_MAX) }
    }

    @Test func `a terminal tells whether its background is light`() {
        func answer(_ text: String) -> Bool? {
            var answer = TerminalAnswer()
            for scalar in text.unicodeScalars where answer.take(scalar.value) {
                return answer.isLightBackground
            }
            return nil
        }
        #expect(answer("11;rgb:ffff/ffff/ffff\u{7}") == true)
        #expect(answer("11;rgb:fa/f4/ed\u{1B}\\") == true)
        #expect(answer("11;rgb:1e1e/1e1e/2e2e\u{1B}\\") == false)
        #expect(answer("11;rgb:f/f/f\u{7}") == true)
        #expect(answer("10;rgb:ffff/ffff/ffff\u{7}") == nil)
        #expect(answer("11;rgb:zz/ff/ff\u{7}") == nil)
        #expect(answer("11;rgb:" + String(repeating: "f", count: 90)) == nil)
    }

    @Test func `inside a paste no key is a command`() {
        var decoder = KeyDecoder()
        var events: [TerminalEvent?] = [decoder.event(code: KeyDecoder.Code.pasteStart.rawValue)]
        #expect(decoder.isPasting)
        for scalar in "q\rx".unicodeScalars { events.append(decoder.event(character: scalar)) }
        events.append(decoder.event(code: KEY_ENTER))
        events.append(decoder.event(code: KEY_UP))
        #expect(events.allSatisfy { $0 == nil })
        let pasted = decoder.event(code: KeyDecoder.Code.pasteEnd.rawValue)
        #expect(pasted == .paste("q\nx\n"))
        let nothing = decoder.endPaste()
        #expect(nothing == nil && !decoder.isPasting)
        _ = decoder.event(code: KeyDecoder.Code.pasteStart.rawValue)
        let empty = decoder.endPaste()
        #expect(empty == nil)
    }

    @Test func `focus is reported and unknown codes are not`() {
        var decoder = KeyDecoder()
        let events = [KeyDecoder.Code.focusIn, .focusOut].map { decoder.event(code: $0.rawValue) }
        #expect(events == [.focus(true), .focus(false)])
        let unknown = decoder.event(code: 999_999)
        #expect(unknown == nil)
    }
}

@Suite struct ClipboardTests {
    @Test func `base64 is that of RFC 4648`() {
        let vectors = [
            "": "", "f": "Zg==", "fo": "Zm8=", "foo": "Zm9v", "foob": "Zm9vYg==", "fooba": "Zm9vYmE=",
            "foobar": "Zm9vYmFy",
        ]
        for (plain, encoded) in vectors {
            #expect(String(decoding: Clipboard.base64(Array(plain.utf8)), as: UTF8.self) == encoded)
        }
    }

    @Test func `what is longer than terminals take is not sent`() {
        let longest = String(repeating: "x", count: Clipboard.maximumBytes)
        let body = Clipboard.sequence(longest)?.count ?? 0
        #expect(body <= Clipboard.maximumEncodedBytes + 9 && body > Clipboard.maximumEncodedBytes - 9)
        #expect(Clipboard.sequence(longest + "x") == nil)
        #expect(
            Clipboard.sequence("a").map { String(decoding: $0, as: UTF8.self) } == "\u{1B}]52;c;YQ==\u{1B}\\")
    }
}

@Suite struct TerminalKindTests {
    private func kind(
        _ variables: [String: String], codeset: String = "UTF-8",
        _ change: (inout TerminalOptions) -> Void = { _ in }
    ) -> TerminalKind {
        var options = TerminalOptions { variables[$0] }
        change(&options)
        return TerminalKind(options: options, codeset: codeset)
    }

    @Test func `colours follow what is asked, then NO_COLOR, then COLORTERM`() {
        #expect(kind(["TERM": "xterm", "COLORTERM": "truecolor"]).colorDepth == .truecolor)
        #expect(kind(["TERM": "xterm", "COLORTERM": "24bit"]).colorDepth == .truecolor)
        #expect(kind(["TERM": "xterm", "COLORTERM": "truecolor", "NO_COLOR": "1"]).colorDepth == .mono)
        #expect(kind(["TERM": "xterm", "NO_COLOR": ""]).colorDepth == nil)
        #expect(kind(["TERM": "dumb", "COLORTERM": "truecolor"]).colorDepth == .mono)
        #expect(
            kind(["TERM": "xterm", "NO_COLOR": "1"]) { $0.colorDepth = .indexed256 }.colorDepth == .indexed256
        )
    }

    @Test func `glyphs follow the locale and the console of the kernel`() {
        #expect(kind(["TERM": "xterm"]).glyphs(asked: nil) == .braille)
        #expect(kind(["TERM": "xterm"]).glyphs(asked: .block) == .block)
        #expect(kind(["TERM": "linux"]).glyphs(asked: nil) == .ascii)
        #expect(kind(["TERM": "xterm"], codeset: "ANSI_X3.4-1968").glyphs(asked: .braille) == .ascii)
    }

    @Test func `only the xterm family is told private modes`() {
        for type in ["xterm-256color", "tmux-256color", "foot", "alacritty", "st"] {
            #expect(kind(["TERM": type]).isXtermLike)
        }
        for type in ["vt100", "linux", "dumb", ""] { #expect(!kind(["TERM": type]).isXtermLike) }
        #expect(kind([:]) { $0.terminalType = "screen" }.type == "screen")
    }

    @Test func `delays are taken out of capabilities`() {
        #expect(CursesScreen.withoutPadding("\u{1B}[H$<5>\u{1B}[J$<10/>") == "\u{1B}[H\u{1B}[J")
        #expect(CursesScreen.withoutPadding("a$b$<") == "a$b$<")
    }
}
