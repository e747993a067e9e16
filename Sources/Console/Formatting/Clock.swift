import Decisions

/// Instants as a person reads them; every form that can be misread names its zone.
enum Clock {
    /// The time of day: `14:02:31 UTC`.
    static func zoned(_ time: Timestamp) -> String { seconds(time) + " UTC" }

    /// The time of day to the second: `14:02:31`.
    static func seconds(_ time: Timestamp) -> String {
        minutes(time) + ":" + two(Int(time.secondOfDay % 60))
    }

    /// The time of day to the minute, for axes: `14:02`.
    static func minutes(_ time: Timestamp) -> String {
        two(Int(time.secondOfDay / 3_600)) + ":" + two(Int(time.secondOfDay / 60 % 60))
    }

    /// The date: `2023-01-27`.
    static func date(_ time: Timestamp) -> String {
        let date = time.date
        return four(date.year) + "-" + two(date.month) + "-" + two(date.day)
    }

    /// Date and minute: `2023-01-27 18:32Z`.
    static func stamp(_ time: Timestamp) -> String { date(time) + " " + minutes(time) + "Z" }

    /// Date and second: `2023-01-27 18:32:07Z`.
    static func fullStamp(_ time: Timestamp) -> String { date(time) + " " + seconds(time) + "Z" }

    /// The time alone when it is on the same day as now, else the date as well.
    static func near(_ time: Timestamp, now: Timestamp) -> String {
        time.dayNumber == now.dayNumber ? seconds(time) : stamp(time)
    }

    /// A label of a chart's axis: the minute within two days of span, the date beyond.
    static func axis(_ time: Timestamp, spanSeconds: Double) -> String {
        if spanSeconds <= 600 { return seconds(time) }
        if spanSeconds <= 86_400 { return minutes(time) }
        let date = time.date
        let day = two(date.month) + "-" + two(date.day)
        return spanSeconds <= 10 * 86_400 ? day + " " + minutes(time) : day
    }

    /// Two digits.
    static func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }

    private static func four(_ value: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, 4 - text.utf8.count)) + text
    }
}
