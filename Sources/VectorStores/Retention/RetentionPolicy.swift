import Decisions

/// How much a store keeps: `30d`, `2M`, or both; nothing said keeps everything.
public struct RetentionPolicy: Sendable, Hashable {
    /// Entries older than this, counted from the newest decision's time, are removed.
    public var maximumAgeSeconds: Int64?
    /// Entries past this many, oldest first, are removed.
    public var maximumRows: Int?

    /// Creates a policy; the default keeps everything.
    public init(maximumAgeSeconds: Int64? = nil, maximumRows: Int? = nil) {
        self.maximumAgeSeconds = maximumAgeSeconds
        self.maximumRows = maximumRows
    }

    /// Keeps everything.
    public static let keepEverything = RetentionPolicy()

    /// Reads an age (`90m`, `12h`, `30d`, `8w`) or a number of rows (`5000`, `500k`, `2M`).
    public init(parsing text: String) throws(StoreError) {
        if let age = RelativeTime(text), age.seconds > 0, !text.hasPrefix("+") {
            self.init(maximumAgeSeconds: age.seconds)
            return
        }
        let (digits, factor): (Substring, Int) =
            switch text.last {
            case "k", "K": (text.dropLast(), 1_000)
            case "M": (text.dropLast(), 1_000_000)
            default: (text[...], 1)
            }
        if digits.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }), let number = Int(digits), number > 0 {
            let (rows, overflow) = number.multipliedReportingOverflow(by: factor)
            if !overflow {
                self.init(maximumRows: rows)
                return
            }
        }
        throw StoreError(
            .usage,
            "`\(PrintedText.escaped(text, limit: 40))` is neither an age nor a number of rows: "
                + "use 30d, 12h, 500k or 2M")
    }

    /// Whether nothing is ever removed.
    public var keepsEverything: Bool { maximumAgeSeconds == nil && maximumRows == nil }

    /// The time before which nothing is kept; `nil` when age does not count.
    func cutoff(newest: Timestamp) -> Timestamp? {
        maximumAgeSeconds.map { newest.advanced(bySeconds: -$0) }
    }
}

extension RetentionPolicy: CustomStringConvertible {
    /// The policy in the words it is written with.
    public var description: String {
        let age = maximumAgeSeconds.map { RelativeTime(seconds: $0).description }
        let rows = maximumRows.map { "\($0) rows" }
        let parts = [age, rows].compactMap { $0 }
        return parts.isEmpty ? "everything" : parts.joined(separator: ", ")
    }
}

extension RetentionPolicy {
    /// When a store that grows as it does now is full.
    public struct Budget: Sendable, Hashable {
        /// Rows held.
        public var rows: Int
        /// Rows that fit; `nil` when the policy does not count rows.
        public var capacityRows: Int?
        /// Rows per day of event time, over the whole of what is held.
        public var rowsPerDay: Double
        /// Days until rows begin to be removed; `nil` when that never happens or growth is unknown.
        public var daysUntilFull: Double?
    }

    /// Foretells when the policy begins to remove rows.
    func budget(rows: Int, times: ClosedRange<Timestamp>?) -> Budget {
        guard let times, rows > 1 else {
            return Budget(rows: rows, capacityRows: maximumRows, rowsPerDay: 0, daysUntilFull: nil)
        }
        let spanDays = (times.upperBound.secondsSince1970 - times.lowerBound.secondsSince1970) / 86_400
        let rowsPerDay = spanDays > 0 ? Double(rows) / spanDays : 0
        var days: [Double] = []
        if let maximumRows, rowsPerDay > 0 {
            days.append(max(0, Double(maximumRows - rows)) / rowsPerDay)
        }
        if let maximumAgeSeconds { days.append(max(0, Double(maximumAgeSeconds) / 86_400 - spanDays)) }
        return Budget(
            rows: rows, capacityRows: maximumRows, rowsPerDay: rowsPerDay, daysUntilFull: days.min())
    }
}

extension RetentionPolicy.Budget: CustomStringConvertible {
    /// One sentence for health and overview: `full in about 12 days`.
    public var description: String {
        guard let daysUntilFull else {
            return capacityRows == nil ? "keeps everything" : "growth unknown yet"
        }
        if daysUntilFull <= 0 { return "full: the oldest entries make room" }
        if daysUntilFull < 2 { return "full in about \(Int((daysUntilFull * 24).rounded(.up))) hours" }
        let days = daysUntilFull.rounded()
        return days > 36_500 ? "full in more than 100 years" : "full in about \(Int(days)) days"
    }
}
