import Testing

@testable import Configuration
@testable import TerminalUI

@Suite struct ThemeLoaderTests {
    private static let digits = "0123456789ABCDEF"

    private func colors(_ count: Int, prefix: String = "  ") -> String {
        (0..<count).map { number in
            let label = String(number, radix: 16, uppercase: true)
            return
                "\(prefix)base\(number < 16 ? "0" : "")\(label): \"0000\(number < 16 ? "0" : "")\(label)\"\n"
        }.joined()
    }

    private func problem(_ text: String) throws -> String {
        do throws(ConfigurationError) {
            _ = try ThemeLoader.parse(text, file: "x.yaml")
            return "none"
        } catch {
            return error.description
        }
    }

    @Test func `reads Base16 with its name, author and variant`() throws {
        let text =
            "system: base16\nname: \"Rosé Pine, Moon\"\nauthor: A\nvariant: light\npalette:\n" + colors(16)
        let loaded = try ThemeLoader.parse(text, file: "x.yaml")
        #expect(loaded.slug == "rose-pine-moon")
        #expect(loaded.scheme.name == "Rosé Pine, Moon")
        #expect(loaded.scheme.author == "A")
        #expect(loaded.scheme.variant == .light)
        #expect(loaded.scheme.palette.count == 24)
        #expect(loaded.scheme.palette[15] == RGB(hex: "00000f"))
        #expect(loaded.scheme.palette[0x12] == loaded.scheme.palette[8])
    }

    @Test func `labels are hexadecimal, so base10 is the seventeenth colour`() throws {
        let loaded = try ThemeLoader.parse("system: base24\nname: x\npalette:\n" + colors(24), file: "x.yaml")
        #expect(loaded.scheme.palette[16] == RGB(hex: "000010"))
        #expect(loaded.scheme.palette[23] == RGB(hex: "000017"))
    }

    @Test func `reads the older form with colours at the top`() throws {
        let loaded = try ThemeLoader.parse(
            "scheme: \"Old One\"\nauthor: B\n" + colors(16, prefix: ""), file: "x.yaml")
        #expect(loaded.slug == "old-one")
        #expect(loaded.scheme.name == "Old One")
    }

    @Test func `unquoted colours that look like numbers stay colours`() throws {
        var text = "name: x\npalette:\n  base00: 000000\n  base01: 1e1000\n  base02: '#ABCDEF'\n"
        text += (3..<16).map { "  base0\(String($0, radix: 16)): 111111 # comment\r\n" }.joined()
        let palette = try ThemeLoader.parse(text, file: "x.yaml").scheme.palette
        #expect(palette[0] == RGB(red: 0, green: 0, blue: 0))
        #expect(palette[1] == RGB(red: 0x1E, green: 0x10, blue: 0))
        #expect(palette[2] == RGB(red: 0xAB, green: 0xCD, blue: 0xEF))
        #expect(palette[10] == RGB(red: 0x11, green: 0x11, blue: 0x11))
    }

    @Test func `unknown keys are left alone and the slug is taken when it is given`() throws {
        let text = "name: x\nslug: my-slug\nfuture: [1, 2]\npalette:\n  accent: red\n" + colors(16)
        #expect(try ThemeLoader.parse(text, file: "x.yaml").slug == "my-slug")
    }

    @Test func `says which file, which line and what is wrong`() throws {
        let bad = "name: x\npalette:\n  base00: \"12345\"\n"
        #expect(try problem(bad).hasPrefix("x.yaml:3: base00 is \"12345\", six hexadecimal digits"))
        #expect(try problem("name: x\npalette:\n  base00: [1]\n").contains("base00 is a list"))
        #expect(try problem("name: x\npalette:\n" + colors(15)).contains("the palette lacks base0F"))
        #expect(try problem("system: base24\nname: x\npalette:\n" + colors(16)).contains("base10, base11"))
        #expect(try problem("palette:\n" + colors(16)).contains("has no `name`"))
        #expect(try problem("name: x\npalette: none\n").contains("`palette` must hold"))
        #expect(try problem("- a\n").contains("this is a list"))
        #expect(try problem("system: vim\nname: x\n").contains("unknown scheme system \"vim\""))
        #expect(try problem("a: b: c").hasPrefix("x.yaml:1:"))
        #expect(try problem(String(repeating: "#", count: 70_000)).contains("larger than 64 KiB"))
    }

    @Test func `tinted8 is recognised and refused politely`() throws {
        let text = "scheme:\n  system: tinted8\n  name: x\npalette:\n  black: \"#000000\"\n"
        #expect(try problem(text).contains("tinted8 schemes are not supported yet"))
        #expect(try problem("system: tinted8\nname: x\n").contains("tinted8 schemes are not supported yet"))
    }

    @Test func `a hostile value is shown escaped`() throws {
        #expect(try problem("name: x\npalette:\n  base00: \"\\e[31m\"\n").contains("\\x1b[31m"))
    }

    @Test func `a scheme without a variant is judged by its colours`() throws {
        let light =
            "name: x\npalette:\n"
            + (0..<16).map { "  base0\(String($0, radix: 16)): \($0 == 0 ? "ffffff" : "111111")\n" }.joined()
        #expect(try ThemeLoader.parse(light, file: "").scheme.variant == .light)
    }
}
