import Decisions

/// How long ago or how long something took, in its two or three most telling characters.
enum Age {
    /// A span of seconds in one unit: `2 s`, `9 m`, `3 h`, `41 d`, `2 y`.
    static func short(seconds: Double) -> String {
        guard seconds.isFinite else { return Quantity.absent }
        let value = max(0, seconds)
        if value < 60 { return "\(Int(value)) s" }
        if value < 3_600 { return "\(Int(value / 60)) m" }
        if value < 86_400 { return "\(Int(value / 3_600)) h" }
        if value < 730 * 86_400 { return "\(Int(min(value / 86_400, 9_999))) d" }
        return "\(Int(min(value / (365.25 * 86_400), 9_999))) y"
    }

    /// The age of an instant; an instant that is still to come is `0 s` old.
    static func short(since time: Timestamp, now: Timestamp) -> String {
        short(seconds: now.secondsSince1970 - time.secondsSince1970)
    }

    /// A span in its two largest units: `42 s`, `1 m 20 s`, `2 h 5 m`, `3 d 4 h`.
    static func long(seconds: Double) -> String {
        guard seconds.isFinite, seconds < 1e12 else { return Quantity.absent }
        let value = Int(max(0, seconds.rounded()))
        let units = [(86_400, "d"), (3_600, "h"), (60, "m"), (1, "s")]
        guard let first = units.firstIndex(where: { value >= $0.0 }) else { return "0 s" }
        var text = "\(value / units[first].0) \(units[first].1)"
        if first + 1 < units.count {
            let rest = value % units[first].0 / units[first + 1].0
            if rest > 0 { text += " \(rest) \(units[first + 1].1)" }
        }
        return text
    }

    /// A running watch: `00:42`, `1:02:03`.
    static func watch(seconds: Double) -> String {
        let value = Int(max(0, min(seconds, 1e9)))
        let minutes = Clock.two(value / 60 % 60) + ":" + Clock.two(value % 60)
        return value < 3_600 ? minutes : "\(value / 3_600):" + minutes
    }
}
