extension JSONReader {
    /// Takes a string and unescapes it; a lone surrogate, which no text can hold, becomes U+FFFD.
    package mutating func string() throws(JSONError) -> String {
        var isExact = true
        return try string(isExact: &isExact)
    }

    /// Takes a string and unescapes it; `isExact` becomes false where U+FFFD stands for a lone surrogate.
    package mutating func string(isExact: inout Bool) throws(JSONError) -> String {
        skipSpace()
        guard offset < end else { throw JSONError(.truncated, at: offset) }
        guard byte(offset) == UInt8(ascii: "\"") else { throw JSONError(.unexpectedType, at: offset) }
        let start = offset + 1
        let escaped = try skipString()
        if escaped { return unescape(start..<(offset - 1), isExact: &isExact) }
        return text(start..<(offset - 1))
    }

    /// Takes a number and returns it as written.
    package mutating func number() throws(JSONError) -> String {
        guard try peek() == .number else { throw JSONError(.unexpectedType, at: offset) }
        let start = offset
        try skipNumber()
        return text(start..<offset)
    }

    /// The bytes of a range, known to be UTF-8, as text.
    package func text(_ range: Range<Int>) -> String {
        let bytes = unsafe UnsafeBufferPointer(start: base + range.lowerBound, count: range.count)
        return unsafe String(decoding: bytes, as: UTF8.self)
    }

    /// Passes over a string that starts here; returns whether it holds escapes.
    @discardableResult
    mutating func skipString() throws(JSONError) -> Bool {
        offset += 1
        var escaped = false
        while true {
            skipPlain()
            guard offset < end else { throw JSONError(.truncated, at: offset) }
            switch byte(offset) {
            case UInt8(ascii: "\""):
                offset += 1
                return escaped
            case UInt8(ascii: "\\"):
                escaped = true
                try skipEscape()
            case 0..<0x20: throw JSONError(.controlCharacter, at: offset)
            default: offset += 1
            }
        }
    }

    /// Passes eight bytes at a time over text without quotes, backslashes and control characters, with the
    /// zero-byte test of Mycroft (1987).
    @inline(__always)
    private mutating func skipPlain() {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs: UInt64 = 0x8080_8080_8080_8080
        while offset + 8 <= end {
            let word = unsafe UnsafeRawPointer(base + offset).loadUnaligned(as: UInt64.self)
            let quote = word ^ (ones &* 0x22)
            let backslash = word ^ (ones &* 0x5C)
            let control = (word &- (ones &* 0x20)) & ~word
            let found = ((quote &- ones) & ~quote) | ((backslash &- ones) & ~backslash) | control
            let hits = found & highs
            guard hits == 0 else {
                // Exact up to the first hit, which is all that is used.
                offset += hits.trailingZeroBitCount / 8
                return
            }
            offset += 8
        }
    }

    private mutating func skipEscape() throws(JSONError) {
        let start = offset
        guard offset + 1 < end else { throw JSONError(.truncated, at: end) }
        switch byte(offset + 1) {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
            UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            offset += 2
        case UInt8(ascii: "u"):
            guard offset + 6 <= end else { throw JSONError(.truncated, at: end) }
            guard hexadecimal(at: offset + 2) != nil else { throw JSONError(.malformedEscape, at: start) }
            offset += 6
        default: throw JSONError(.malformedEscape, at: start)
        }
    }

    private func hexadecimal(at place: Int) -> UInt32? {
        var value: UInt32 = 0
        for index in place..<(place + 4) {
            guard let digit = Character(UnicodeScalar(byte(index))).hexDigitValue, byte(index) < 0x80 else {
                return nil
            }
            value = value << 4 | UInt32(digit)
        }
        return value
    }

    /// Resolves the escapes of a string already validated.
    private func unescape(_ range: Range<Int>, isExact: inout Bool) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(range.count)
        var place = range.lowerBound
        while place < range.upperBound {
            guard byte(place) == UInt8(ascii: "\\") else {
                bytes.append(byte(place))
                place += 1
                continue
            }
            place += 2
            switch byte(place - 1) {
            case UInt8(ascii: "b"): bytes.append(0x08)
            case UInt8(ascii: "f"): bytes.append(0x0C)
            case UInt8(ascii: "n"): bytes.append(0x0A)
            case UInt8(ascii: "r"): bytes.append(0x0D)
            case UInt8(ascii: "t"): bytes.append(0x09)
            case UInt8(ascii: "u"):
                let scalar = unicodeScalar(at: &place, before: range.upperBound)
                if scalar == nil { isExact = false }
                bytes.append(contentsOf: String(Character(scalar ?? "\u{FFFD}")).utf8)
            case let plain: bytes.append(plain)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The character of an escape; `nil` for a lone surrogate.
    private func unicodeScalar(at place: inout Int, before limit: Int) -> UnicodeScalar? {
        let high = hexadecimal(at: place) ?? 0xFFFD
        place += 4
        if (0xD800..<0xDC00).contains(high), place + 6 <= limit, byte(place) == UInt8(ascii: "\\"),
            byte(place + 1) == UInt8(ascii: "u"), let low = hexadecimal(at: place + 2),
            (0xDC00..<0xE000).contains(low)
        {
            place += 6
            return UnicodeScalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
        }
        return UnicodeScalar(high)
    }

    /// Passes over a number, checked against the grammar of RFC 8259 section 6.
    mutating func skipNumber() throws(JSONError) {
        let start = offset
        if offset < end, byte(offset) == UInt8(ascii: "-") { offset += 1 }
        let integer = offset
        let digits = try skipDigits(from: start)
        if digits > 1, byte(integer) == UInt8(ascii: "0") { throw JSONError(.malformedNumber, at: start) }
        if offset < end, byte(offset) == UInt8(ascii: ".") {
            offset += 1
            _ = try skipDigits(from: start)
        }
        if offset < end, byte(offset) | 0x20 == UInt8(ascii: "e") {
            offset += 1
            if offset < end, byte(offset) == UInt8(ascii: "+") || byte(offset) == UInt8(ascii: "-") {
                offset += 1
            }
            _ = try skipDigits(from: start)
        }
    }

    private mutating func skipDigits(from start: Int) throws(JSONError) -> Int {
        let first = offset
        while offset < end, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte(offset)) { offset += 1 }
        if offset == first { throw JSONError(.malformedNumber, at: start) }
        return offset - first
    }
}
