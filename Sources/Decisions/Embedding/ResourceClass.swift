/// The class of a resource's name: what is left when the parts that only count or identify are collapsed.
///
/// Each of these becomes one `#`: a UUID; a run of eight or more hexadecimal digits with a digit among them; a
/// generated suffix after the last hyphens, as Kubernetes gives to pods and replica sets; a run of digits.
enum ResourceClass {
    /// Feeds the collapsed bytes of a name, one by one, to `body`.
    @inline(__always)
    static func forEachByte(of name: String, _ body: (UInt8) -> Void) {
        let bytes = name.utf8Span.span
        var place = 0
        while place < bytes.count {
            guard isWord(bytes[place]) else {
                body(bytes[place])
                place += 1
                continue
            }
            if place + 36 <= bytes.count, isUUID(bytes, at: place),
                place + 36 == bytes.count || !isWord(bytes[place + 36])
            {
                body(UInt8(ascii: "#"))
                place += 36
                continue
            }
            var end = place + 1
            while end < bytes.count, isWord(bytes[end]) { end += 1 }
            if isGenerated(bytes, place..<end) {
                body(UInt8(ascii: "#"))
            } else {
                collapseDigits(bytes, place..<end, body)
            }
            place = end
        }
    }

    @inline(__always)
    private static func collapseDigits(_ bytes: Span<UInt8>, _ word: Range<Int>, _ body: (UInt8) -> Void) {
        var inDigits = false
        for index in word {
            let digit = isDigit(bytes[index])
            if !digit { body(bytes[index]) } else if !inDigits { body(UInt8(ascii: "#")) }
            inDigits = digit
        }
    }

    private static func isGenerated(_ bytes: Span<UInt8>, _ word: Range<Int>) -> Bool {
        var digits = 0
        var hexadecimals = 0
        var safe = 0
        for index in word {
            let byte = bytes[index]
            if isDigit(byte) { digits += 1 }
            if isHexadecimal(byte) { hexadecimals += 1 }
            if isSafe(byte) { safe += 1 }
        }
        if word.count >= 8, hexadecimals == word.count, digits > 0 { return true }
        // Kubernetes spells its random suffixes without vowels and without 0, 1 and 3.
        guard safe == word.count, word.lowerBound > 0, bytes[word.lowerBound - 1] == UInt8(ascii: "-") else {
            return false
        }
        if word.count == 5 { return endsName(bytes, word.upperBound) }
        return (8...10).contains(word.count) && digits > 0
    }

    /// Whether a word that ends here closes a name or one of its path parts.
    private static func endsName(_ bytes: Span<UInt8>, _ end: Int) -> Bool {
        end == bytes.count || bytes[end] == UInt8(ascii: "/")
    }

    private static func isUUID(_ bytes: Span<UInt8>, at start: Int) -> Bool {
        for index in 0..<36 {
            let byte = bytes[start + index]
            switch index {
            case 8, 13, 18, 23: if byte != UInt8(ascii: "-") { return false }
            default: if !isHexadecimal(byte) { return false }
            }
        }
        return true
    }

    @inline(__always)
    private static func isWord(_ byte: UInt8) -> Bool {
        isDigit(byte) || ASCII.lowercased(byte) &- UInt8(ascii: "a") < 26
    }

    @inline(__always)
    private static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

    @inline(__always)
    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        isDigit(byte) || ASCII.lowercased(byte) &- UInt8(ascii: "a") < 6
    }

    /// Whether a byte is one of `bcdfghjklmnpqrstvwxz2456789`, the alphabet of generated suffixes.
    @inline(__always)
    private static func isSafe(_ byte: UInt8) -> Bool {
        if isDigit(byte) { return safeDigits & (1 << UInt32(byte - UInt8(ascii: "0"))) != 0 }
        let letter = byte &- UInt8(ascii: "a")
        return letter < 26 && safeLetters & (1 << UInt32(letter)) != 0
    }

    private static let safeDigits: UInt32 = 0b11_1111_0100 & ~(1 << 3)
    private static let safeLetters: UInt32 = "bcdfghjklmnpqrstvwxz".utf8.reduce(0) {
        $0 | 1 << UInt32($1 - UInt8(ascii: "a"))
    }
}
