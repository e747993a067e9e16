/// A text to look for in others without regard to case, byte by byte.
///
/// Only texts with other characters than those of ASCII are made lower-case first.
struct Fragment: Sendable {
    /// The lower-case text.
    let bytes: [UInt8]

    init(_ text: String) {
        bytes = Array(text.lowercased().utf8)
    }

    /// Whether a text contains the fragment.
    func occurs(in text: String) -> Bool { occurs(in: text.utf8Span.span) }

    /// Whether a text, given as its bytes, contains the fragment.
    func occurs(in text: Span<UInt8>) -> Bool {
        if isFound(in: text) { return true }
        for place in text.indices where text[place] >= 0x80 { return occursLowercased(text) }
        return false
    }

    /// Whether the fragment stands at a place of a text.
    @inline(__always)
    func stands(at start: Int, of text: Span<UInt8>) -> Bool {
        guard start + bytes.count <= text.count else { return false }
        for place in bytes.indices where Fragment.lowercased(text[start + place]) != bytes[place] {
            return false
        }
        return true
    }

    /// Looks for the bytes, capital letters of ASCII taken as small ones.
    private func isFound(in text: Span<UInt8>) -> Bool {
        guard let first = bytes.first else { return true }
        var start = 0
        while start + bytes.count <= text.count {
            if Fragment.lowercased(text[start]) == first, stands(at: start, of: text) { return true }
            start += 1
        }
        return false
    }

    /// What makes a capital the same as a lower-case byte: 0x20 for a letter of ASCII, else 0.
    static func caseBit(_ byte: UInt8) -> UInt8 { byte &- UInt8(ascii: "a") < 26 ? 0x20 : 0 }

    private func occursLowercased(_ text: Span<UInt8>) -> Bool {
        let lowercased = String(decoding: text.indices.map { text[$0] }, as: UTF8.self).lowercased()
        return isFound(in: lowercased.utf8Span.span)
    }

    @inline(__always)
    private static func lowercased(_ byte: UInt8) -> UInt8 {
        byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte
    }
}
