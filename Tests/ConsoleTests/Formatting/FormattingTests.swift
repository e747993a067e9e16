import Decisions
import Operations
import Testing

@testable import Console

@Suite struct FormattingTests {
    @Test(arguments: [
        (0, "0"), (999, "999"), (1_000, "1,000"), (24_381, "24,381"), (-1_234_567, "-1,234,567"),
    ])
    func `counts have their thousands apart`(_ value: Int, _ text: String) {
        #expect(Quantity.grouped(value) == text)
    }

    @Test(arguments: [
        (0.0, "0"), (0.34, "0.34"), (4.25, "4.3"), (41.26, "41.3"), (412, "412"), (1_234, "1.2k"),
        (38_400, "38k"), (412_000, "412k"), (4_100_000, "4.1M"), (2.5e9, "2.5G"), (.nan, "–"),
    ])
    func `short numbers take at most five characters`(_ value: Double, _ text: String) {
        #expect(Quantity.short(value) == text)
    }

    @Test func `units are told`() {
        #expect(Quantity.microseconds(3.25) == "3.3 µs")
        #expect(Quantity.microseconds(38) == "38 µs")
        #expect(Quantity.microseconds(1_240) == "1.2 ms")
        #expect(Quantity.microseconds(3_400_000) == "3.4 s")
        #expect(Quantity.microseconds(.infinity) == "–")
        #expect(Quantity.bytes(812) == "812 B")
        #expect(Quantity.bytes(23_600_000) == "23.6 MB")
        #expect(Quantity.bytes(2_400_000_000) == "2.4 GB")
        #expect(Quantity.percent(0.061) == "6.1 %")
        #expect(Quantity.percent(0.99996) == "99.99 %")
        #expect(Quantity.percent(1) == "100 %")
        #expect(Quantity.percent(0) == "0 %")
        #expect(Quantity.metric(12, unit: "") == "12")
        #expect(Quantity.metric(1.5, unit: "") == "1.5")
        #expect(Quantity.metric(1_234, unit: "/s") == "1.2k/s")
        #expect(Quantity.metric(3, unit: "V") == "3 V")
        #expect(Quantity.metric(2_000_000, unit: "B") == "2.0 MB")
        #expect(Quantity.counted(1, "tenant") == "1 tenant")
        #expect(Quantity.fixed(-0.004, decimals: 2) == "0.00")
        #expect(Quantity.fixed(1e300, decimals: 2) == "–")
    }

    @Test func `ages name their unit`() {
        #expect(
            [2, 540, 7_200, 3_542_400, 80_000_000].map { Age.short(seconds: $0) } == [
                "2 s", "9 m", "2 h", "41 d", "2 y",
            ])
        #expect(Age.short(seconds: .nan) == "–")
        #expect(
            [0, 42, 80, 7_500, 273_600].map { Age.long(seconds: $0) } == [
                "0 s", "42 s", "1 m 20 s", "2 h 5 m", "3 d 4 h",
            ])
        #expect(Age.long(seconds: .infinity) == "–")
        #expect(Age.watch(seconds: 42) == "00:42")
        #expect(Age.watch(seconds: 3_723) == "1:02:03")
        #expect(Age.short(since: Fixture.now.advanced(bySeconds: 9), now: Fixture.now) == "0 s")
    }

    @Test func `clocks name their zone or day`() {
        let time = Timestamp(seconds: 1_674_844_327)
        #expect(Clock.zoned(time) == "18:32:07 UTC")
        #expect(Clock.stamp(time) == "2023-01-27 18:32Z")
        #expect(Clock.fullStamp(time) == "2023-01-27 18:32:07Z")
        #expect(Clock.near(time, now: time) == "18:32:07")
        #expect(Clock.near(time, now: Fixture.now) == "2023-01-27 18:32Z")
        #expect(
            [300.0, 7_200, 200_000, 9_000_000].map { Clock.axis(time, spanSeconds: $0) } == [
                "18:32:07", "18:32", "01-27 18:32", "01-27",
            ])
    }

    @Test func `counts are gathered without losing the shape`() {
        #expect(Quantity.resampled([1, 3, 5, 7], to: 2) == [2, 6])
        #expect(Quantity.resampled([1, 3], to: 4) == [1, 3])
    }
}
