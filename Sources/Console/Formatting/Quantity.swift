import VectorStores

/// Numbers as a person reads them, always with their unit.
enum Quantity {
    /// What stands where nothing was measured.
    static let absent = "–"

    /// A count with its thousands apart: `24,381`.
    static func grouped(_ value: Int) -> String { PrintedNumber.grouped(value) }

    /// A count with its thousands apart where it has room for that, else in at most five characters.
    static func grouped(_ value: Int, within cells: Int) -> String {
        let text = grouped(value)
        return text.count <= cells ? text : short(value)
    }

    /// A number with a fixed count of decimals; no locale, no exponent.
    static func fixed(_ value: Double, decimals: Int) -> String {
        guard value.isFinite else { return absent }
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        let scaled = (value.magnitude * scale).rounded()
        guard scaled < 9e15 else { return absent }
        let whole = Int(scaled / scale)
        let sign = value < 0 && scaled > 0 ? "-" : ""
        guard decimals > 0 else { return sign + String(whole) }
        let fraction = String(Int(scaled) - whole * Int(scale))
        let zeros = String(repeating: "0", count: max(0, decimals - fraction.utf8.count))
        return sign + String(whole) + "." + zeros + fraction
    }

    /// A number in at most five characters: `412`, `1.2k`, `38k`, `4.1M`, `0.34`.
    static func short(_ value: Double) -> String {
        guard value.isFinite else { return absent }
        let size = value.magnitude
        let units: [(limit: Double, divisor: Double, suffix: String)] = [
            (999.5, 1, ""), (999_500, 1e3, "k"), (999_500_000, 1e6, "M"), (.infinity, 1e9, "G"),
        ]
        for unit in units where size < unit.limit {
            let scaled = value / unit.divisor
            let decimals: Int
            if scaled.magnitude >= 99.5 || (unit.divisor == 1 && scaled == scaled.rounded()) {
                decimals = 0
            } else if scaled.magnitude >= 9.95 {
                decimals = unit.divisor == 1 ? 1 : 0
            } else {
                decimals = scaled.magnitude < 0.995 && unit.divisor == 1 ? 2 : 1
            }
            return fixed(scaled, decimals: decimals) + unit.suffix
        }
        return absent
    }

    /// A count in at most five characters.
    static func short(_ value: Int) -> String { short(Double(value)) }

    /// A share of 1 as percent: `6.1 %`; two decimals just under 100 so that loss is visible.
    static func percent(_ share: Double) -> String {
        let value = share * 100
        if value > 99.9, value < 100 { return fixed(min(value, 99.99), decimals: 2) + " %" }
        return fixed(value, decimals: value.magnitude >= 99.95 || value == 0 ? 0 : 1) + " %"
    }

    /// Microseconds as a duration: `38 µs`, `1.2 ms`, `3.4 s`.
    static func microseconds(_ value: Double) -> String {
        guard value.isFinite else { return absent }
        if value < 999.5 { return fixed(value, decimals: value < 9.95 ? 1 : 0) + " µs" }
        if value < 999_500 { return fixed(value / 1e3, decimals: value < 99_500 ? 1 : 0) + " ms" }
        return fixed(value / 1e6, decimals: 1) + " s"
    }

    /// Bytes in decimal units, as the contracts count them: `36.9 MB`.
    static func bytes(_ count: Int) -> String {
        let value = Double(count)
        let units: [(limit: Double, divisor: Double, name: String)] = [
            (999.5, 1, "B"), (999_500, 1e3, "kB"), (999_500_000, 1e6, "MB"), (.infinity, 1e9, "GB"),
        ]
        for unit in units where value.magnitude < unit.limit {
            let scaled = value / unit.divisor
            let decimals = unit.divisor == 1 || scaled.magnitude >= 99.5 ? 0 : 1
            return fixed(scaled, decimals: decimals) + " " + unit.name
        }
        return absent
    }

    /// A value of a metric in its own unit.
    static func metric(_ value: Double, unit: String) -> String {
        switch unit {
        case "µs": microseconds(value)
        case "B": bytes(value.isFinite && value.magnitude < 9e15 ? Int(value) : 0)
        case "%": percent(value / 100)
        case "": value == value.rounded() && value.magnitude < 1e15 ? grouped(Int(value)) : short(value)
        default: unit.hasPrefix("/") ? short(value) + unit : short(value) + " " + unit
        }
    }

    /// Counts gathered into at most so many columns, so that a whole past fits a sparkline.
    static func resampled(_ counts: [Int], to columns: Int) -> [Double?] {
        guard counts.count > columns, columns > 0 else { return counts.map { Double($0) } }
        return (0..<columns).map { column in
            let part = counts[(column * counts.count / columns)..<((column + 1) * counts.count / columns)]
            return Double(part.reduce(0, +)) / Double(max(1, part.count))
        }
    }

    /// A noun with its count: `1 decision`, `2 decisions`.
    static func counted(_ count: Int, _ noun: String) -> String {
        PrintedNumber.counted(count, noun)
    }
}
