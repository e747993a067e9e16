/// The OSC 52 sequence that asks a terminal to fill the clipboard.
enum Clipboard {
    /// What terminals take: 74,994 bytes of base64.
    static let maximumEncodedBytes = 74_994
    /// The most bytes of text that fit.
    static let maximumBytes = maximumEncodedBytes / 4 * 3

    /// The sequence for a text; nil when it is too long.
    ///
    /// tmux passes it on to the outer terminal.
    static func sequence(_ text: String) -> [UInt8]? {
        guard text.utf8.count <= maximumBytes else { return nil }
        return Array("\u{1B}]52;c;".utf8) + base64(Array(text.utf8)) + Array("\u{1B}\\".utf8)
    }

    /// Base64 with padding (RFC 4648, section 4).
    static func base64(_ bytes: [UInt8]) -> [UInt8] {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var result: [UInt8] = []
        result.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let second = start + 1 < bytes.count ? bytes[start + 1] : 0
            let third = start + 2 < bytes.count ? bytes[start + 2] : 0
            let group = Int(bytes[start]) << 16 | Int(second) << 8 | Int(third)
            result.append(alphabet[group >> 18])
            result.append(alphabet[group >> 12 & 63])
            result.append(start + 1 < bytes.count ? alphabet[group >> 6 & 63] : 0x3D)
            result.append(start + 2 < bytes.count ? alphabet[group & 63] : 0x3D)
        }
        return result
    }
}
