/// Numbers in the sentences of a store, as a person reads them.
package enum PrintedNumber {
    /// A count with its thousands apart: `24,381`.
    package static func grouped(_ value: Int) -> String {
        let digits = Array(String(value.magnitude))
        let groups = stride(from: digits.count, to: 0, by: -3).map { String(digits[max(0, $0 - 3)..<$0]) }
        return (value < 0 ? "-" : "") + groups.reversed().joined(separator: ",")
    }

    /// A count with what is counted: `1 decision`, `24,381 decisions`, `2 processes`.
    package static func counted(_ count: Int, _ noun: String) -> String {
        "\(grouped(count)) \(count == 1 ? noun : plural(noun))"
    }

    /// Several of what a noun names: `decisions`, `processes`, `entries`.
    private static func plural(_ noun: String) -> String {
        if ["s", "x", "ch", "sh"].contains(where: { noun.hasSuffix($0) }) { return noun + "es" }
        let isVowelBefore = noun.dropLast().last.map { "aeiou".contains($0) } ?? true
        return noun.hasSuffix("y") && !isVowelBefore ? noun.dropLast() + "ies" : noun + "s"
    }

    /// A number with a fixed number of digits behind its point.
    package static func decimal(_ value: Double, digits: Int) -> String {
        guard value.isFinite, value.magnitude < 1e12 else { return "–" }
        let scale = (0..<digits).reduce(1.0) { scale, _ in scale * 10 }
        let scaled = Int((value.magnitude * scale).rounded())
        let sign = value < 0 && scaled > 0 ? "-" : ""
        guard digits > 0 else { return sign + String(scaled) }
        let fraction = String(scaled % Int(scale))
        return sign + String(scaled / Int(scale)) + "."
            + String(repeating: "0", count: digits - fraction.count) + fraction
    }

    /// Bytes in decimal units, as the console prints them: `80 B`, `1.9 MB`, `812 GB`.
    package static func bytes(_ count: Int) -> String {
        if count < 1_000 { return "\(count) B" }
        let (divisor, unit) =
            count < 999_500 ? (1e3, "kB") : count < 999_500_000 ? (1e6, "MB") : (1e9, "GB")
        let scaled = Double(count) / divisor
        if scaled >= 99.5 { return "\(grouped(Int(scaled.rounded()))) \(unit)" }
        let tenths = Int((scaled * 10).rounded())
        return "\(tenths / 10).\(tenths % 10) \(unit)"
    }
}
