/// Which glyphs a terminal can show.
public enum GlyphSet: String, Sendable, Hashable, CaseIterable {
    /// Braille graphs and Unicode boxes.
    case braille
    /// Block graphs and Unicode boxes, for fonts without braille.
    case block
    /// Nothing but ASCII.
    case ascii

    /// The next glyph set, for a key that cycles through them.
    public var next: GlyphSet {
        switch self {
        case .braille: .block
        case .block: .ascii
        case .ascii: .braille
        }
    }

    /// The scalar, or its stand-in where only ASCII can be shown.
    func transliterated(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        guard self == .ascii, !scalar.isASCII else { return scalar }
        return GlyphSet.asciiStandIn(scalar) ?? "?"
    }

    /// The ASCII stand-in of a glyph of the console's own drawing; nil for anything else.
    static func asciiStandIn(_ scalar: Unicode.Scalar) -> Unicode.Scalar? {
        switch scalar {
        case "─", "━", "┄", "╌", "–", "—", "‐": "-"
        case "│", "┃", "┆", "┊", "▏", "▎", "▍", "▌", "▐": "|"
        case "╭", "╮", "╰", "╯", "┌", "┐", "└", "┘", "├", "┤", "┬", "┴", "┼": "+"
        case "▲", "△", "↑", "▴": "^"
        case "▼", "▽", "↓", "▾": "v"
        case "▶", "▸", "▹", "›", "→", "»": ">"
        case "◀", "◂", "‹", "←", "«": "<"
        case "●": "*"
        case "◉", "■", "◆", "█", "▇", "▆", "▓": "#"
        case "○", "◌", "□", "◇": "o"
        case "◐", "◑": "%"
        case "·", "•", "∙", "░", "▁", "▂": "."
        case "▃", "▄", "▒": ":"
        case "▅": "+"
        case "✓", "✔": "+"
        case "✗", "✘": "x"
        case "×": "x"
        case "…": "~"
        case "±": "+"
        case "µ", "μ": "u"
        case "≥": ">"
        case "≤": "<"
        case "≈": "~"
        case "⏎", "↵": "<"
        case "Δ", "∆": "d"
        case "Σ": "S"
        case "“", "”": "\""
        case "‘", "’": "'"
        default: nil
        }
    }
}
