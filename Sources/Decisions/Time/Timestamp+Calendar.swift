extension Timestamp: CustomStringConvertible {
    /// The time in RFC 3339, UTC, with as many fraction digits as it was written with.
    public var description: String {
        let date = CivilDate(dayNumber: dayNumber)
        let second = Int(secondOfDay)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(30)
        Self.append(date.year, width: 4, to: &bytes)
        bytes.append(UInt8(ascii: "-"))
        Self.append(date.month, width: 2, to: &bytes)
        bytes.append(UInt8(ascii: "-"))
        Self.append(date.day, width: 2, to: &bytes)
        bytes.append(UInt8(ascii: "T"))
        Self.append(second / 3600, width: 2, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        Self.append(second / 60 % 60, width: 2, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        Self.append(second % 60, width: 2, to: &bytes)
        if fractionDigits > 0 {
            bytes.append(UInt8(ascii: "."))
            var fraction = Int(nanoseconds)
            for _ in fractionDigits..<9 { fraction /= 10 }
            Self.append(fraction, width: Int(fractionDigits), to: &bytes)
        }
        bytes.append(UInt8(ascii: "Z"))
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func append(_ value: Int, width: Int, to bytes: inout [UInt8]) {
        let digits = String(max(0, value)).utf8
        for _ in 0..<max(0, width - digits.count) { bytes.append(UInt8(ascii: "0")) }
        bytes.append(contentsOf: digits)
    }
}

extension Timestamp {
    /// The number of the day in UTC, counted from 1970-01-01.
    public var dayNumber: Int64 {
        seconds / 86_400 - (seconds % 86_400 < 0 ? 1 : 0)
    }

    /// Whole seconds since midnight UTC, 0 to 86,399.
    public var secondOfDay: Int64 {
        let rest = seconds % 86_400
        return rest < 0 ? rest + 86_400 : rest
    }

    /// The hour of the day in UTC, 0 to 23.
    public var hourOfDay: Int { Int(secondOfDay / 3600) }

    /// The day of the week in UTC, 0 for Monday to 6 for Sunday.
    public var dayOfWeek: Int { Int(((dayNumber + 3) % 7 + 7) % 7) }

    /// The date in UTC.
    public var date: CivilDate { CivilDate(dayNumber: dayNumber) }

    /// The time moved by a relative one.
    public func advanced(by relative: RelativeTime) -> Timestamp {
        advanced(bySeconds: relative.seconds)
    }

    /// How many nanoseconds this time is after another; nil when that does not fit.
    public func nanoseconds(since other: Timestamp) -> Int64? {
        let (difference, overflow) = seconds.subtractingReportingOverflow(other.seconds)
        if overflow { return nil }
        let (product, tooLarge) = difference.multipliedReportingOverflow(by: 1_000_000_000)
        if tooLarge { return nil }
        let (sum, tooFar) = product.addingReportingOverflow(Int64(nanoseconds) - Int64(other.nanoseconds))
        return tooFar ? nil : sum
    }
}
