/// A fragment to look for in identifiers as they are packed: by masks over their two words, never as texts.
struct PackedFragment {
    /// The fragment at one place of a packed identifier.
    private struct Placed {
        var mask: (high: UInt64, low: UInt64) = (0, 0)
        var bits: (high: UInt64, low: UInt64) = (0, 0)

        func matches(_ high: UInt64, _ low: UInt64) -> Bool {
            high & mask.high == bits.high && low & mask.low == bits.low
        }
    }

    let fragment: Fragment
    private let first: UInt8
    /// The first byte eight times, and what makes its capital the same.
    private let firstPattern: EightBytes
    private let firstCase: UInt64
    /// By the place of the first byte in a short text.
    private let inShort: [Placed]
    /// By the digit of a UUID that the fragment begins with; nil where it cannot begin.
    private let atDigit: [Placed?]
    /// Those that begin with a hyphen.
    private let atHyphen: [Placed]

    init(_ fragment: Fragment) {
        self.fragment = fragment
        first = fragment.bytes.first ?? 0
        firstPattern = EightBytes(repeating: first)
        firstCase = EightBytes(repeating: Fragment.caseBit(first)).word
        let count = fragment.bytes.count
        inShort = (0..<max(0, 16 - count)).map { PackedFragment.placedInShort(fragment, at: $0) }
        var atDigit = [Placed?](repeating: nil, count: 32)
        var atHyphen: [Placed] = []
        for place in 0..<max(0, 37 - count) where place < 36 {
            guard let placed = PackedFragment.placedInUUID(fragment, at: place) else { continue }
            if let digit = IdentifierColumn.uuidDigits[place] {
                atDigit[digit] = placed
            } else {
                atHyphen.append(placed)
            }
        }
        self.atDigit = atDigit
        self.atHyphen = atHyphen
    }

    /// Whether a short identifier has the fragment; nil where only its text tells.
    @inline(__always)
    func occurs(inShort high: UInt64, _ low: UInt64) -> Bool? {
        // Most do not even have its first byte, in either case.
        let words = (EightBytes(high | firstCase), EightBytes(low & (1 << 56 - 1) | firstCase))
        let begins = words.0.places(equalTo: firstPattern) | words.1.places(equalTo: firstPattern)
        let isOther = words.0.otherThanASCII | words.1.otherThanASCII
        return begins | isOther == 0 ? false : occursSomewhere(inShort: high, low)
    }

    private func occursSomewhere(inShort high: UInt64, _ low: UInt64) -> Bool? {
        let words = (EightBytes(high), EightBytes(low & (1 << 56 - 1)))
        if words.0.otherThanASCII | words.1.otherThanASCII != 0 { return nil }
        let last = Int(low >> 56) - fragment.bytes.count
        if last < 0 || fragment.bytes.isEmpty { return last >= 0 }
        let small = (words.0.lowercased, words.1.lowercased)
        var places = small.0.places(equalTo: firstPattern)
        var base = 0
        while true {
            while places != 0 {
                let place = base + places.trailingZeroBitCount >> 3
                if place > last { return false }
                if inShort[place].matches(small.0.word, small.1.word) { return true }
                places &= places - 1
            }
            if base == 8 { return false }
            base = 8
            places = small.1.places(equalTo: firstPattern)
        }
    }

    /// Whether a packed UUID has the fragment.
    func occurs(inUUID high: UInt64, _ low: UInt64) -> Bool {
        if fragment.bytes.isEmpty { return true }
        if first == UInt8(ascii: "-") { return atHyphen.contains { $0.matches(high, low) } }
        guard let digit = PackedFragment.value(ofDigit: first) else { return false }
        return begins(at: PackedFragment.digits(equalTo: digit, in: high), after: 0, high, low)
            || begins(at: PackedFragment.digits(equalTo: digit, in: low), after: 16, high, low)
    }

    private func begins(at digits: UInt64, after skipped: Int, _ high: UInt64, _ low: UInt64) -> Bool {
        var digits = digits
        while digits != 0 {
            let digit = skipped + 15 - digits.trailingZeroBitCount >> 2
            if atDigit[digit]?.matches(high, low) ?? false { return true }
            digits &= digits - 1
        }
        return false
    }

    /// The digits of a word that have a value: the lowest bit of each.
    private static func digits(equalTo value: UInt64, in word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x1111_1111_1111_1111
        var difference = word ^ (ones &* value)
        difference |= difference >> 2
        difference |= difference >> 1
        return ~difference & ones
    }

    private static func value(ofDigit byte: UInt8) -> UInt64? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a")) + 10
        default: nil
        }
    }

    private static func placedInShort(_ fragment: Fragment, at start: Int) -> Placed {
        var placed = Placed()
        for (offset, byte) in fragment.bytes.enumerated() {
            let place = start + offset
            let shift = UInt64(place % 8 * 8)
            if place < 8 {
                placed.mask.high |= 0xFF << shift
                placed.bits.high |= UInt64(byte) << shift
            } else {
                placed.mask.low |= 0xFF << shift
                placed.bits.low |= UInt64(byte) << shift
            }
        }
        return placed
    }

    /// The fragment at a place of a UUID's text; nil when a hyphen would be elsewhere than in every UUID.
    private static func placedInUUID(_ fragment: Fragment, at start: Int) -> Placed? {
        var placed = Placed()
        for (offset, byte) in fragment.bytes.enumerated() {
            guard let digit = IdentifierColumn.uuidDigits[start + offset] else {
                if byte == UInt8(ascii: "-") { continue }
                return nil
            }
            guard let value = value(ofDigit: byte) else { return nil }
            let shift = UInt64((15 - digit % 16) * 4)
            if digit < 16 {
                placed.mask.high |= 0xF << shift
                placed.bits.high |= value << shift
            } else {
                placed.mask.low |= 0xF << shift
                placed.bits.low |= value << shift
            }
        }
        return placed
    }
}

extension IdentifierColumn {
    /// Whether a row's stored identifier contains a fragment.
    ///
    /// The identifier the source gave is the beginning of the stored one, so that is looked at with it.
    func contains(_ packed: PackedFragment, row: Int, form: Form) -> Bool {
        switch form {
        case .short:
            packed.occurs(inShort: highs[row], lows[row])
                ?? packed.fragment.occurs(in: text(at: row, form: form))
        case .uuid: packed.occurs(inUUID: highs[row], lows[row])
        case .long: packed.fragment.occurs(in: arena.span.extracting(longRange(at: row)))
        }
    }
}
