import Foundation
import Testing

@testable import Configuration
@testable import TerminalUI

@Suite struct ThemeCatalogTests {
    private static let scheme =
        "name: Mine\npalette:\n"
        + (0..<16).map { "  base0\(String($0, radix: 16)): \(10 + $0)20\(30 + $0)\n" }.joined()

    private func problem(_ catalog: ThemeCatalog, _ name: String) -> String {
        do throws(ConfigurationError) {
            return "found " + (try catalog.theme(name)).name
        } catch {
            return error.description
        }
    }

    @Test func `the themes compiled in are the files as published`() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("themes")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter {
            $0.hasSuffix(".yaml")
        }
        #expect(files.sorted() == BuiltInThemes.files.map { $0.name + ".yaml" })
        #expect(files.count >= 8)
        for (name, text) in BuiltInThemes.files {
            let published = try String(
                contentsOf: folder.appendingPathComponent(name + ".yaml"), encoding: .utf8)
            #expect(published == text || published == text + "\n", "run scripts/embed-themes: \(name)")
        }
    }

    @Test func `every theme compiled in keeps the contrast of text and lines`() throws {
        for name in ThemeCatalog.builtInNames {
            let theme = try ThemeCatalog().theme(name)
            let grounds = Role.allCases.filter(\.isBackground).map { theme.color(of: $0) }
            for role in Role.allCases where !role.isBackground && role != .badgeText {
                let needed = role.isLine ? Theme.lineContrast : Theme.textContrast
                let against = role.isLine ? [theme.color(of: .background)] : grounds
                for ground in against {
                    #expect(theme.color(of: role).contrast(with: ground) >= needed, "\(name) \(role)")
                }
            }
            for role in [Role.allow, .deny, .conditional, .warning, .high, .critical, .good, .accent] {
                #expect(
                    theme.color(of: .badgeText).contrast(with: theme.color(of: role)) >= Theme.textContrast)
            }
            #expect(theme.color(of: .selection) != theme.color(of: .background), "\(name)")
        }
    }

    @Test func `dark and light themes say so`() throws {
        for entry in ThemeCatalog().entries() where entry.name != "terminal" {
            let theme = try ThemeCatalog().theme(entry.name)
            #expect(entry.isUsable)
            #expect(entry.file == nil)
            #expect(theme.variant == entry.variant, "\(entry.name)")
        }
    }

    @Test func `auto follows the background and terminal uses the terminal's colours`() throws {
        #expect(try ThemeCatalog().theme("auto").variant == .dark)
        #expect(try ThemeCatalog().theme("auto", onLightBackground: true).variant == .light)
        #expect(try ThemeCatalog().theme("terminal").usesTerminalColors)
        #expect(try ThemeCatalog().theme("Nord").name == "nord")
    }

    @Test func `a file of the user comes before a theme of the same name`() throws {
        let folder = try TemporaryFolder()
        try folder.write(ThemeCatalogTests.scheme, to: "deep/er/nord.yaml")
        let catalog = ThemeCatalog(directories: [folder.path + "/"])
        #expect(try catalog.theme("nord").color(of: .background) == RGB(hex: "102030"))
        #expect(try catalog.theme("mine").name == "mine")
        #expect(try catalog.theme(folder.path + "/deep/er/nord.yaml").name == "mine")
    }

    @Test func `broken files are listed with the reason and disturb no others`() throws {
        let folder = try TemporaryFolder()
        try folder.write(ThemeCatalogTests.scheme, to: "good.yml")
        try folder.write("name: x\n", to: "broken.yaml")
        try folder.write("name: x\n", to: ".hidden.yaml")
        try folder.write(Data([0xFF, 0xFE, 0x00]), to: "binary.yaml")
        try folder.write(String(repeating: "a", count: 70_000), to: "huge.yaml")
        try FileManager.default.createDirectory(
            atPath: folder.path + "/folder.yaml", withIntermediateDirectories: true)
        let catalog = ThemeCatalog(directories: [folder.path, folder.path + "/absent"])
        let entries = catalog.entries().filter { $0.file != nil }
        #expect(entries.map(\.name) == ["binary", "broken", "folder", "mine", "huge"])
        #expect(entries.filter(\.isUsable).map(\.name) == ["mine"])
        #expect(entries.first { $0.name == "binary" }?.problem?.contains("not UTF-8") == true)
        #expect(entries.first { $0.name == "huge" }?.problem?.contains("larger than 64 KiB") == true)
        #expect(entries.first { $0.name == "folder" }?.problem?.contains("is not a file") == true)
        #expect(problem(catalog, "mine") == "found mine")
        #expect(problem(catalog, "broken").contains("the palette lacks"))
    }

    @Test func `an unknown name is answered with the nearest and the places searched`() {
        #expect(problem(ThemeCatalog(), "drakula").contains("did you mean dracula?"))
        #expect(
            problem(ThemeCatalog(directories: ["/etc/x"]), "zzzzzz").contains("/etc/x, the built-in themes"))
        #expect(problem(ThemeCatalog(), "/nowhere/x.yaml").contains("cannot be read: No such file"))
    }
}
