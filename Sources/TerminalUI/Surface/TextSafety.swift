/// How one scalar of text is shown; the single place that decides what may reach a terminal.
enum ScalarClass: Equatable {
    /// Drawn as it is, one or two cells wide.
    case printable(width: Int)
    /// Drawn over the character before it.
    case combining
    /// Never drawn: its escape is shown instead.
    case escaped

    /// Classifies a scalar: controls, bidi marks, zero-width characters, unassigned code points and
    /// emoji (whose width terminals disagree about) are escaped.
    init(_ scalar: Unicode.Scalar) {
        let value = scalar.value
        if value < 0x300 {
            let visible = value >= 0x20 && value < 0x7F || value > 0xA0 && value != 0xAD
            self = visible ? .printable(width: 1) : .escaped
        } else if value >= 0x2500 && value < 0x25FD || value >= 0x2800 && value < 0x2900 {
            // Boxes, blocks, geometric shapes, braille: the console's own drawing.
            self = .printable(width: 1)
        } else {
            self = ScalarClass.classify(scalar)
        }
    }

    private static func classify(_ scalar: Unicode.Scalar) -> ScalarClass {
        let properties = scalar.properties
        if properties.isDefaultIgnorableCodePoint { return .escaped }
        let value = scalar.value
        switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator:
            return .escaped
        case .spaceSeparator:
            return value == 0x3000 ? .printable(width: 2) : .escaped
        case .nonspacingMark, .enclosingMark:
            return .combining
        default:
            break
        }
        if properties.isEmojiPresentation || properties.isEmojiModifier { return .escaped }
        // The vowels and finals of decomposed Korean join the consonant before them.
        if value >= 0x1160 && value < 0x1200 || value >= 0xD7B0 && value < 0xD800 { return .combining }
        return .printable(width: isWide(value) ? 2 : 1)
    }

    /// Whether the scalar takes two cells (East Asian Width W or F).
    private static func isWide(_ value: UInt32) -> Bool {
        switch value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x4DBF, 0x4E00...0xA4CF, 0xA960...0xA97C,
            0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6B, 0xFF01...0xFF60,
            0xFFE0...0xFFE6, 0x16FE0...0x18D08, 0x1AFF0...0x1B2FB, 0x1F200...0x1F265,
            0x20000...0x3FFFD:
            true
        case 0x2329, 0x232A: true
        default: false
        }
    }
}

extension Unicode.Scalar {
    /// The visible escape of a scalar that must not reach a terminal: `\n`, `\x1b`, `\u{202e}`.
    var visibleEscape: String {
        switch value {
        case 0x09: return "\\t"
        case 0x0A: return "\\n"
        case 0x0D: return "\\r"
        case 0..<0x20, 0x7F: return "\\x" + (value < 16 ? "0" : "") + String(value, radix: 16)
        default: return "\\u{" + String(value, radix: 16) + "}"
        }
    }
}

extension String {
    /// The text with everything that may not reach a terminal escaped, for lines printed outside a surface.
    public var terminalSafe: String {
        if utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return self }
        var result = ""
        var mayCombine = false
        for scalar in unicodeScalars {
            switch ScalarClass(scalar) {
            case .printable:
                result.unicodeScalars.append(scalar)
                mayCombine = true
            case .combining where mayCombine:
                result.unicodeScalars.append(scalar)
            case .combining, .escaped:
                result += scalar.visibleEscape
                mayCombine = false
            }
        }
        return result
    }

    /// How many cells the text takes when drawn, escapes included.
    public var displayWidth: Int {
        var width = 0
        var mayCombine = false
        for scalar in unicodeScalars {
            if scalar.value >= 0x20 && scalar.value < 0x7F {
                width += 1
                mayCombine = true
                continue
            }
            switch ScalarClass(scalar) {
            case .printable(let cells):
                width += cells
                mayCombine = true
            case .combining where mayCombine:
                break
            case .combining, .escaped:
                width += scalar.visibleEscape.utf8.count
                mayCombine = false
            }
        }
        return width
    }
}
