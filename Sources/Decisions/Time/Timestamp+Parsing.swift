extension Timestamp {
    /// Reads an RFC 3339 time, converted to UTC; nil when it is not one.
    ///
    /// Years 0001 to 9999, lower-case `t` and `z`, any offset. Fraction digits past the ninth are dropped. A
    /// leap second (`23:59:60` in UTC) is the first instant of the next day, as in POSIX time.
    public init?(_ text: String) {
        self.init(rfc3339: text.utf8Span.span)
    }

    /// Reads an RFC 3339 time from UTF-8 bytes; nil when they are not one.
    public init?(rfc3339 bytes: Span<UInt8>) {
        var scanner = DigitScanner(offset: 0)
        guard let year = scanner.digits(4, in: bytes), scanner.take("-", in: bytes),
            let month = scanner.digits(2, in: bytes), scanner.take("-", in: bytes),
            let day = scanner.digits(2, in: bytes), scanner.take("T", orLower: true, in: bytes),
            let hour = scanner.digits(2, in: bytes), scanner.take(":", in: bytes),
            let minute = scanner.digits(2, in: bytes), scanner.take(":", in: bytes),
            let second = scanner.digits(2, in: bytes),
            let date = CivilDate(year: year, month: month, day: day),
            hour < 24, minute < 60, second <= 60
        else { return nil }
        var nanoseconds: Int32 = 0
        var fractionDigits: UInt8 = 0
        if scanner.take(".", in: bytes) {
            guard let fraction = scanner.fraction(in: bytes) else { return nil }
            (nanoseconds, fractionDigits) = fraction
        }
        guard let offset = scanner.zone(in: bytes), scanner.offset == bytes.count else { return nil }
        let seconds = date.dayNumber * 86_400 + Int64(hour * 3600 + minute * 60 + second) - Int64(offset)
        if second == 60, (seconds % 86_400 + 86_400) % 86_400 != 0 { return nil }
        guard Timestamp.writableSeconds.contains(seconds) else { return nil }
        self.init(seconds: seconds, nanoseconds: nanoseconds, fractionDigits: fractionDigits)
    }

    /// Reads a number of seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by size.
    ///
    /// It prints six fraction digits, unless nanoseconds were given. Nil outside the years 0001 to 9999.
    public init?(epoch text: String) {
        guard let seconds = DecimalText.scaled(text, byPowerOfTen: 9) else { return nil }
        let magnitude = seconds.magnitude / 1_000_000_000
        let divisor: Int128 =
            switch magnitude {
            case ..<100_000_000_000: 1
            case ..<100_000_000_000_000: 1_000
            case ..<100_000_000_000_000_000: 1_000_000
            default: 1_000_000_000
            }
        let (quotient, remainder) = (seconds / divisor).quotientAndRemainder(dividingBy: 1_000_000_000)
        let borrowed = remainder < 0
        guard let whole = Int64(exactly: borrowed ? quotient - 1 : quotient),
            Timestamp.writableSeconds.contains(whole)
        else { return nil }
        let nanoseconds = Int32(borrowed ? remainder + 1_000_000_000 : remainder)
        self.init(
            seconds: whole, nanoseconds: nanoseconds,
            fractionDigits: nanoseconds % 1000 == 0 ? 6 : 9)
    }

    /// The seconds of the years 0001 to 9999, which RFC 3339 can spell.
    package static let writableSeconds: ClosedRange<Int64> = -62_135_596_800...253_402_300_799
}

/// Reads fixed-width digits from bytes.
private struct DigitScanner {
    var offset: Int

    mutating func digits(_ count: Int, in bytes: Span<UInt8>) -> Int? {
        guard offset + count <= bytes.count else { return nil }
        var value = 0
        for index in offset..<(offset + count) {
            let digit = bytes[index] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            value = value * 10 + Int(digit)
        }
        offset += count
        return value
    }

    mutating func take(_ character: UnicodeScalar, orLower: Bool = false, in bytes: Span<UInt8>) -> Bool {
        guard offset < bytes.count else { return false }
        let byte = bytes[offset]
        guard byte == UInt8(ascii: character) || orLower && byte == UInt8(ascii: character) | 0x20 else {
            return false
        }
        offset += 1
        return true
    }

    mutating func fraction(in bytes: Span<UInt8>) -> (Int32, UInt8)? {
        var nanoseconds: Int32 = 0
        var count = 0
        while offset < bytes.count {
            let digit = bytes[offset] &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            if count < 9 { nanoseconds = nanoseconds * 10 + Int32(digit) }
            count += 1
            offset += 1
        }
        guard count > 0 else { return nil }
        for _ in min(count, 9)..<9 { nanoseconds *= 10 }
        return (nanoseconds, UInt8(min(count, 9)))
    }

    /// The offset from UTC in seconds.
    mutating func zone(in bytes: Span<UInt8>) -> Int? {
        if take("Z", orLower: true, in: bytes) { return 0 }
        let sign = take("+", in: bytes) ? 1 : take("-", in: bytes) ? -1 : 0
        guard sign != 0, let hour = digits(2, in: bytes), take(":", in: bytes),
            let minute = digits(2, in: bytes), hour < 24, minute < 60
        else { return nil }
        return sign * (hour * 3600 + minute * 60)
    }
}
