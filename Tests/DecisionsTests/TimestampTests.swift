import Decisions
import Testing

@Suite struct TimestampTests {
    @Test(arguments: [
        ("2026-01-05T09:00:00.120Z", "2026-01-05T09:00:00.120Z"),
        ("2026-01-05t09:00:00z", "2026-01-05T09:00:00Z"),
        ("2026-01-05T09:00:00.5+02:30", "2026-01-05T06:30:00.5Z"),
        ("2026-01-05T23:59:59-00:01", "2026-01-06T00:00:59Z"),
        ("2025-03-04T10:15:01.250517123Z", "2025-03-04T10:15:01.250517123Z"),
        ("2025-03-04T10:15:01.2505171239999Z", "2025-03-04T10:15:01.250517123Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59.999999999Z"),
        ("1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59.5Z"),
        ("2000-02-29T00:00:00Z", "2000-02-29T00:00:00Z"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
        ("2017-01-01T01:59:60+02:00", "2017-01-01T00:00:00Z"),
    ])
    func `times are read and printed in UTC`(text: String, expected: String) throws {
        #expect(try #require(Timestamp(text)).description == expected)
    }

    @Test(arguments: [
        "", "2026", "2026-01-05", "2026-01-05 09:00:00Z", "2026-01-05T09:00:00", "2026-01-05T09:00Z",
        "2026-13-05T09:00:00Z", "2026-00-05T09:00:00Z", "2026-02-29T09:00:00Z", "1900-02-29T09:00:00Z",
        "2026-04-31T09:00:00Z", "2026-01-00T09:00:00Z", "2026-01-05T24:00:00Z", "2026-01-05T09:60:00Z",
        "2026-01-05T09:00:61Z", "2026-01-05T09:00:60Z", "2026-01-05T09:00:00.Z", "2026-01-05T09:00:00+24:00",
        "2026-01-05T09:00:00+0200", "2026-01-05T09:00:00Zx", "0000-01-01T00:00:00Z", "10000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01", "-026-01-05T09:00:00Z",
        "2026-01-05T09:00:00\u{661}Z", "２026-01-05T09:00:00Z",
    ])
    func `what is not a time is refused`(text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test(arguments: [
        ("1741083312.25", "2025-03-04T10:15:12.250000Z"), ("1741083312", "2025-03-04T10:15:12.000000Z"),
        ("1741083312250", "2025-03-04T10:15:12.250000Z"), ("1741083312250001", "2025-03-04T10:15:12.250001Z"),
        ("1741083312250001002", "2025-03-04T10:15:12.250001002Z"), ("0", "1970-01-01T00:00:00.000000Z"),
        ("-1.5", "1969-12-31T23:59:58.500000Z"), ("1.741083312e9", "2025-03-04T10:15:12.000000Z"),
        ("-62135596800", "0001-01-01T00:00:00.000000Z"),
    ])
    func `numbers since 1970 print six digits`(text: String, expected: String) throws {
        #expect(try #require(Timestamp(epoch: text)).description == expected)
    }

    @Test(arguments: [
        "x", "", "-", "1e40", "9e99999", "-62135596801", "1e", "1.5.2", "99999999999999999999999999",
    ])
    func `numbers beyond the calendar are refused`(text: String) {
        #expect(Timestamp(epoch: text) == nil)
    }

    @Test func `the calendar agrees with counting days`() {
        var (year, month, day) = (1999, 12, 31)
        let start: Int64 = 10_956
        for number in start..<(start + 146_097) {
            let date = CivilDate(dayNumber: number)
            guard (date.year, date.month, date.day) == (year, month, day), date.dayNumber == number else {
                Issue.record("day \(number) is \(date), not \(year)-\(month)-\(day)")
                return
            }
            let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            let lengths = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
            day += 1
            if day > lengths[month - 1] { (day, month) = (1, month + 1) }
            if month > 12 { (month, year) = (1, year + 1) }
        }
        #expect((year, month, day) == (2399, 12, 31))
    }

    @Test(arguments: 0..<200) func `printing and reading agree`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let digits = UInt8.random(in: 0...9, using: &random)
        let unit = (0..<(9 - Int(digits))).reduce(Int32(1)) { unit, _ in unit * 10 }
        let time = Timestamp(
            seconds: Int64.random(in: -62_135_596_800...253_402_300_799, using: &random),
            nanoseconds: Int32.random(in: 0..<1_000_000_000, using: &random) / unit * unit,
            fractionDigits: digits)
        let read = try #require(Timestamp(time.description))
        #expect(read == time)
        #expect(read.hashValue == time.hashValue)
        #expect(read.description == time.description)
    }

    @Test func `clock and calendar parts are those of UTC`() throws {
        let time = try #require(Timestamp("2026-11-23T23:30:15+02:00"))
        #expect(time.hourOfDay == 21)
        #expect(time.dayOfWeek == 0)
        #expect(time.secondOfDay == 77_415)
        #expect(time.date == CivilDate(year: 2026, month: 11, day: 23))
        let early = try #require(Timestamp("1969-12-31T01:00:00Z"))
        #expect(early.dayNumber == -1)
        #expect(early.hourOfDay == 1)
        #expect(early.dayOfWeek == 2)
        #expect(early < time)
        #expect(early.secondsSince1970 == -82_800)
        #expect(early.advanced(bySeconds: 82_800).description == "1970-01-01T00:00:00Z")
    }

    @Test func `no instant that 64 bits hold is too far away`() {
        let ends = [Timestamp(seconds: .min), Timestamp(seconds: .max)]
        #expect(ends.map(\.dayNumber) == [-106_751_991_167_301, 106_751_991_167_300])
        #expect(ends.map(\.secondOfDay) == [30_592, 55_807])
        #expect(ends.allSatisfy { !$0.description.isEmpty && (0..<7).contains($0.dayOfWeek) })
        #expect(ends.map { $0.advanced(bySeconds: -1).seconds } == [.min, .max - 1])
        #expect(ends.map { $0.advanced(bySeconds: 1).seconds } == [.min + 1, .max])
    }

    @Test func `differences are exact or absent`() throws {
        let start = try #require(Timestamp("2025-03-04T10:15:01.100000Z"))
        let end = try #require(Timestamp("2025-03-04T10:15:01.104250Z"))
        #expect(end.nanoseconds(since: start) == 4_250_000)
        #expect(start.nanoseconds(since: end) == -4_250_000)
        let first = try #require(Timestamp("0001-01-01T00:00:00Z"))
        #expect(end.nanoseconds(since: first) == nil)
        #expect(Timestamp(seconds: .max).nanoseconds(since: Timestamp(seconds: .min)) == nil)
    }
}

@Suite struct RelativeTimeTests {
    @Test(
        arguments: [
            ("-15m", -900), ("2h", 7200), ("+30d", 2_592_000), ("1w", 604_800), ("90s", 90), ("0s", 0),
        ] as [(String, Int64)])
    func `spans are read`(text: String, seconds: Int64) throws {
        #expect(try #require(RelativeTime(text)).seconds == seconds)
    }

    @Test(arguments: ["", "m", "-", "5", "5y", "1.5h", "--5m", "5 m", "99999999999999999999d", "9999999999d"])
    func `what is not a span is refused`(text: String) {
        #expect(RelativeTime(text) == nil)
    }

    @Test func `spans print in their largest unit and move times`() throws {
        #expect(RelativeTime(seconds: -900).description == "-15m")
        #expect(RelativeTime(seconds: 7200).description == "2h")
        #expect(RelativeTime(seconds: 86_400).description == "1d")
        #expect(RelativeTime(seconds: 1_209_600).description == "2w")
        #expect(RelativeTime(seconds: 61).description == "61s")
        #expect(RelativeTime(seconds: 0).description == "0s")
        let now = try #require(Timestamp("2026-01-05T09:00:00Z"))
        #expect(now.advanced(by: RelativeTime(seconds: -900)).description == "2026-01-05T08:45:00Z")
    }
}
