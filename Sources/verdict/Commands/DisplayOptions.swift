import ArgumentParser
import Configuration
import TerminalUI

/// How pictures look.
struct DisplayOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp("A theme's name or file; auto looks at the terminal.", valueName: "theme"))
    var theme: String?

    @Option(name: .long, help: ArgumentHelp("braille, block or ascii.", valueName: "glyphs"))
    var glyphs: String?

    @Option(
        name: .long, help: ArgumentHelp("auto, truecolor, 256, 16, or never (also mono).", valueName: "color")
    )
    var color: String?

    /// The theme that is asked for.
    func theme(_ settings: Settings) throws -> Theme {
        do {
            return try Self.catalog(settings).theme(theme ?? settings.theme ?? ThemeCatalog.defaultName)
        } catch {
            throw CommandFailure.usage("\(error)")
        }
    }

    /// The theme that is asked for, and after it every other usable one.
    func themes(_ settings: Settings) throws -> [Theme] {
        let first = try theme(settings)
        let catalog = Self.catalog(settings)
        let others = catalog.entries().filter { $0.isUsable && $0.name != first.name }
        return [first] + others.compactMap { try? catalog.theme($0.name) }
    }

    /// The theme for a light background, where the terminal's own is to decide.
    func lightTheme(_ settings: Settings) -> Theme? {
        guard (theme ?? settings.theme)?.lowercased() == "auto" else { return nil }
        return try? Self.catalog(settings).theme("auto", onLightBackground: true)
    }

    /// The glyphs that are asked for; `nil` leaves the choice to the terminal.
    func glyphSet(_ settings: Settings) throws -> GlyphSet? {
        guard let glyphs else { return settings.glyphs }
        guard let set = GlyphSet(rawValue: glyphs) else {
            throw CommandFailure.usage("--glyphs takes braille, block or ascii, not '\(printable(glyphs))'")
        }
        return set
    }

    /// The colours that are asked for; `nil` leaves the choice to the terminal.
    func colorDepth(_ settings: Settings) throws -> ColorDepth? {
        guard let color else { return settings.color?.depth }
        if color == "mono" { return .mono }
        guard let choice = Settings.ColorChoice(rawValue: color) else {
            let known = Settings.ColorChoice.allCases.map(\.rawValue).joined(separator: ", ")
            throw CommandFailure.usage("--color takes one of \(known), not '\(printable(color))'")
        }
        return choice.depth
    }

    private static func catalog(_ settings: Settings) -> ThemeCatalog {
        var directories = settings.themeDirectories
        if let base = ConfigurationFile.defaultDirectory(environment: EnvironmentVariables.value) {
            directories.append(base + "/themes")
        }
        return ThemeCatalog(directories: directories)
    }
}
