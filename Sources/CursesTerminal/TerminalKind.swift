import TerminalUI

/// What is decided about a terminal before it is opened; a pure function of names and variables.
struct TerminalKind: Equatable {
    /// The type asked for.
    let type: String
    /// Whether it understands the private modes of xterm: paste, focus, synchronized output, titles.
    let isXtermLike: Bool
    /// How many colours it is asked to show; nil when its description decides.
    let colorDepth: ColorDepth?
    /// Whether the locale's characters are Unicode.
    let isUnicode: Bool

    private static let xtermFamilies = [
        "xterm", "tmux", "screen", "foot", "alacritty", "kitty", "wezterm", "ghostty", "contour",
        "konsole", "vte", "gnome", "iterm", "mintty", "rio", "st-", "verdict-",
    ]

    init(options: TerminalOptions, codeset: String) {
        let type = options.terminalType ?? options.environment("TERM") ?? ""
        self.type = type
        isXtermLike = TerminalKind.xtermFamilies.contains { type.hasPrefix($0) } || type == "st"
        isUnicode = ["UTF-8", "UTF8", "utf-8", "utf8"].contains(codeset)
        if let asked = options.colorDepth {
            colorDepth = asked
        } else if options.environment("NO_COLOR")?.isEmpty == false || type == "dumb" {
            colorDepth = .mono
        } else if ["truecolor", "24bit"].contains(options.environment("COLORTERM") ?? "") {
            colorDepth = .truecolor
        } else {
            colorDepth = nil
        }
    }

    /// The glyphs to use: those asked for where the locale can show them.
    func glyphs(asked: GlyphSet?) -> GlyphSet {
        if !isUnicode { return .ascii }
        // The kernel's console has 512 glyphs at most, and no braille among them.
        return asked ?? (type == "linux" ? .ascii : .braille)
    }

    /// The types to try when the terminal's own is unknown, each with what it costs.
    static let fallbackTypes = ["xterm-256color", "xterm", "ansi", "vt100"]
}
