/// Numbers in the sentences of a store, as a person reads them.
package enum PrintedNumber {
    /// A count with its thousands apart: `24,381`.
    package static func grouped(_ value: Int) -> String {
        let digits = Array(String(value.magnitude))
        let groups = stride(from: digits.count, to: 0, by: -3).map { String(digits[max(0, $0 - 3)..<$0]) }
        return (value < 0 ? "-" : "") + groups.reversed().joined(separator: ",")
    }

    /// A count with what is counted: `1 decision`, `24,381 decisions`.
    package static func counted(_ count: Int, _ noun: String) -> String {
        "\(grouped(count)) \(noun)\(count == 1 ? "" : "s")"
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
