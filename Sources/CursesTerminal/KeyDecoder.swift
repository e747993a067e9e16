import CCurses
import TerminalUI

/// Turns what ncurses reads into events; knows nothing of descriptors.
struct KeyDecoder {
    /// Codes for sequences that terminal descriptions do not have; above all of ncurses' own.
    enum Code: Int32, CaseIterable {
        case pasteStart = 1_001
        case pasteEnd
        case focusIn
        case focusOut
        case home
        case end
        case insert
        case delete
        case pageUp
        case pageDown
        case up
        case down
        case left
        case right
        case f1
        case f2
        case f3
        case f4
        case backTab
        case shiftUp
        case shiftDown
        case shiftLeft
        case shiftRight
        case controlLeft
        case controlRight
        case synchronizedSupported
        case synchronizedUnsupported
    }

    /// The sequences of the xterm family, beyond what a description may say.
    static let sequences: [(text: String, code: Code)] = [
        ("[200~", .pasteStart), ("[201~", .pasteEnd), ("[I", .focusIn), ("[O", .focusOut),
        ("[H", .home), ("OH", .home), ("[1~", .home), ("[7~", .home),
        ("[F", .end), ("OF", .end), ("[4~", .end), ("[8~", .end),
        ("[2~", .insert), ("[3~", .delete), ("[5~", .pageUp), ("[6~", .pageDown),
        ("[A", .up), ("[B", .down), ("[C", .right), ("[D", .left),
        ("OA", .up), ("OB", .down), ("OC", .right), ("OD", .left),
        ("OP", .f1), ("OQ", .f2), ("OR", .f3), ("OS", .f4),
        ("[11~", .f1), ("[12~", .f2), ("[13~", .f3), ("[14~", .f4), ("[Z", .backTab),
        ("[1;2A", .shiftUp), ("[1;2B", .shiftDown), ("[1;2C", .shiftRight), ("[1;2D", .shiftLeft),
        ("[1;5C", .controlRight), ("[1;5D", .controlLeft),
        ("[?2026;1$y", .synchronizedSupported), ("[?2026;2$y", .synchronizedSupported),
        ("[?2026;0$y", .synchronizedUnsupported), ("[?2026;3$y", .synchronizedUnsupported),
        ("[?2026;4$y", .synchronizedUnsupported),
    ]

    /// The most characters of one paste that are kept.
    static let maximumPaste = 1 << 20

    /// What was pasted so far; nil outside a paste.
    private(set) var paste: String?
    /// How many characters that are: counting them anew for each one would take for ever.
    private var pasteCount = 0

    /// Whether a paste has begun and not ended.
    var isPasting: Bool { paste != nil }

    /// The event of a function key or of one of the codes above; nil when it has none.
    mutating func event(code: Int32) -> TerminalEvent? {
        if let known = Code(rawValue: code) {
            if known == .pasteEnd { return endPaste() }
            if known == .pasteStart {
                paste = ""
                pasteCount = 0
                return nil
            }
        }
        if isPasting {
            if code == KEY_ENTER { append("\n") }
            return nil
        }
        if code == Code.focusIn.rawValue { return .focus(true) }
        if code == Code.focusOut.rawValue { return .focus(false) }
        return KeyDecoder.key(code: code).map { .key($0) }
    }

    /// The event of a character.
    mutating func event(character: Unicode.Scalar, isMeta: Bool = false) -> TerminalEvent? {
        if isPasting {
            append(character == "\r" ? "\n" : character)
            return nil
        }
        return .key(KeyDecoder.key(character: character, isMeta: isMeta))
    }

    /// Ends a paste whose end never came, or came.
    mutating func endPaste() -> TerminalEvent? {
        guard let text = paste else { return nil }
        paste = nil
        return text.isEmpty ? nil : .paste(text)
    }

    private mutating func append(_ scalar: Unicode.Scalar) {
        guard pasteCount < KeyDecoder.maximumPaste else { return }
        paste?.unicodeScalars.append(scalar)
        pasteCount += 1
    }

    static func key(character: Unicode.Scalar, isMeta: Bool) -> Key {
        switch character.value {
        case 13, 10: return .enter
        case 9: return .tab
        case 27: return .escape
        case 127, 8: return .backspace
        case 0: return .control(" ")
        case 1...26:
            return .control(Character(Unicode.Scalar(UInt8(character.value + 96))))
        case 28...31:
            return .control(Character(Unicode.Scalar(UInt8(character.value + 64))))
        default:
            return isMeta ? .alt(Character(character)) : .character(Character(character))
        }
    }

    private static let keys: [Int32: Key] = [
        KEY_UP: .up, KEY_DOWN: .down, KEY_LEFT: .left, KEY_RIGHT: .right, KEY_HOME: .home, KEY_END: .end,
        KEY_PPAGE: .pageUp, KEY_NPAGE: .pageDown, KEY_IC: .insert, KEY_DC: .delete, KEY_BTAB: .backTab,
        KEY_BACKSPACE: .backspace, KEY_ENTER: .enter, KEY_SR: .shiftUp, KEY_SF: .shiftDown,
        KEY_SLEFT: .shiftLeft, KEY_SRIGHT: .shiftRight, KEY_FIND: .home, KEY_SELECT: .end,
        KEY_A1: .home, KEY_A3: .pageUp, KEY_C1: .end, KEY_C3: .pageDown,
        Code.home.rawValue: .home, Code.end.rawValue: .end, Code.insert.rawValue: .insert,
        Code.delete.rawValue: .delete, Code.pageUp.rawValue: .pageUp, Code.pageDown.rawValue: .pageDown,
        Code.up.rawValue: .up, Code.down.rawValue: .down, Code.left.rawValue: .left,
        Code.right.rawValue: .right, Code.f1.rawValue: .function(1), Code.f2.rawValue: .function(2),
        Code.f3.rawValue: .function(3), Code.f4.rawValue: .function(4), Code.backTab.rawValue: .backTab,
        Code.shiftUp.rawValue: .shiftUp, Code.shiftDown.rawValue: .shiftDown,
        Code.shiftLeft.rawValue: .shiftLeft, Code.shiftRight.rawValue: .shiftRight,
        Code.controlLeft.rawValue: .controlLeft, Code.controlRight.rawValue: .controlRight,
    ]

    static func key(code: Int32) -> Key? {
        if let key = keys[code] { return key }
        // KEY_F0 is followed by 63 function keys.
        return code > KEY_F0 && code <= KEY_F0 + 63 ? .function(Int(code - KEY_F0)) : nil
    }
}
