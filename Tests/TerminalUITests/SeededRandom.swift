/// A generator that gives the same numbers for the same seed (SplitMix64).
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}

extension SeededRandom {
    /// Text of all sorts: letters, wide characters, marks, controls, escapes, bidi, emoji.
    mutating func hostileText() -> String {
        let pieces: [String] = [
            "a", "Z", " ", "é", "名", "前", "e\u{301}", "\u{301}", "\u{1B}[31m", "\u{202E}", "\u{200B}", "\n",
            "\t", "\0", "\u{7F}", "\u{9B}", "😀", "👨‍👩‍👧", "\u{FEFF}", "ｆ", "─", "⣿", "\u{FFFD}", "\u{10FFFF}",
            "\u{AD}", "ä", "Ω", "я", "\u{1100}\u{1161}", "\u{3000}", "\u{A0}", "\u{E000}", "…", "×",
        ]
        return (0..<Int.random(in: 0...24, using: &self)).map { _ in
            pieces.randomElement(using: &self) ?? "a"
        }.joined()
    }
}
