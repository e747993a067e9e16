/// Exact arithmetic on numbers as JSON writes them.
package enum DecimalText {
    /// The number times a power of ten as an integer, rounded half away from zero.
    ///
    /// Nil when the text is not a JSON number or the result has more than 36 digits.
    package static func scaled(_ text: String, byPowerOfTen power: Int) -> Int128? {
        var digits: Int128 = 0
        var exponent = power
        var bytes = text.utf8[...]
        let negative = bytes.first == UInt8(ascii: "-")
        if negative { bytes.removeFirst() }
        var inFraction = false
        var any = false
        while let byte = bytes.first, byte | 0x20 != UInt8(ascii: "e") {
            bytes.removeFirst()
            if byte == UInt8(ascii: "."), !inFraction {
                inFraction = true
                continue
            }
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            any = true
            // Past 36 digits a fraction no longer matters and a whole number is out of range anyway.
            if digits >= limit {
                guard inFraction else { return nil }
                continue
            }
            digits = digits * 10 + Int128(byte - UInt8(ascii: "0"))
            if inFraction { exponent -= 1 }
        }
        guard any else { return nil }
        if !bytes.isEmpty {
            guard
                let shift = Int(
                    bytes.dropFirst().first == UInt8(ascii: "+")
                        ? String(Substring(bytes.dropFirst(2))) : String(Substring(bytes.dropFirst())))
            else { return nil }
            guard shift.magnitude < 10_000 else { return digits == 0 || shift < 0 ? 0 : nil }
            exponent += shift
        }
        guard let value = shift(digits, by: exponent) else { return nil }
        return negative ? -value : value
    }

    private static let limit: Int128 = 1_000_000_000_000_000_000 * 1_000_000_000_000_000_000

    private static func shift(_ digits: Int128, by exponent: Int) -> Int128? {
        var value = digits
        if exponent >= 0 {
            for _ in 0..<exponent {
                if value == 0 { return 0 }
                guard value < limit else { return nil }
                value *= 10
            }
            return value
        }
        for _ in 0..<(-exponent - 1) {
            if value == 0 { return 0 }
            value /= 10
        }
        return (value + 5) / 10
    }

    /// The decimal text of an integer divided by a power of ten, without trailing zeros: `310.5`.
    package static func text(_ value: Int64, dividedByPowerOfTen power: Int) -> String {
        let digits = String(value.magnitude)
        let padded = String(repeating: "0", count: max(0, power + 1 - digits.utf8.count)) + digits
        var fraction = padded.suffix(power)
        while fraction.last == "0" { fraction.removeLast() }
        let whole = (value < 0 ? "-" : "") + padded.dropLast(power)
        return fraction.isEmpty ? whole : whole + "." + fraction
    }
}
