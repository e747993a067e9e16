import TerminalUI

/// What a terminal says of itself in an operating system command: `11;rgb:ffff/ffff/ffff`.
struct TerminalAnswer: Equatable {
    /// The character that begins one, after Escape.
    static let start: UInt32 = 0x5D
    /// The longest one that is read; what goes on longer is none.
    static let maximumLength = 64

    private var text = ""
    private var hasEscape = false

    /// Takes a character; true when the answer is over.
    mutating func take(_ value: UInt32) -> Bool {
        if value == 7 || hasEscape { return true }
        if value == 27 {
            hasEscape = true
        } else if let scalar = Unicode.Scalar(value) {
            text.unicodeScalars.append(scalar)
        }
        return text.utf8.count > Self.maximumLength
    }

    /// Whether it tells of a light background; nil when it tells of something else.
    var isLightBackground: Bool? {
        guard text.hasPrefix("11;rgb:") else { return nil }
        let parts = text.dropFirst(7).split(separator: "/")
        let channels = parts.compactMap { part in
            // One to four digits, of which the first two say enough.
            UInt8(part.count == 1 ? "\(part)\(part)" : String(part.prefix(2)), radix: 16)
        }
        guard parts.count == 3, channels.count == 3 else { return nil }
        return RGB(red: channels[0], green: channels[1], blue: channels[2]).luminance > 0.18
    }
}
