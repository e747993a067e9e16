import Testing

@testable import Operations

@Suite struct LatencyHistogramTests {
    @Test func `an empty histogram has no quantile`() {
        #expect(LatencyHistogram().quantile(0.5) == nil)
    }

    @Test func `quantiles are within five percent of the sorted values`() throws {
        var generator = SplitMix(state: 42)
        var histogram = LatencyHistogram()
        var values: [Double] = []
        for _ in 0..<5_000 {
            let value = 0.5 + Double(generator.next() % 1_000_000) / 100
            values.append(value)
            histogram.record(microseconds: value)
        }
        values.sort()
        for share in [0.01, 0.25, 0.5, 0.9, 0.99, 1.0] {
            let exact = values[max(0, Int((share * 5_000).rounded(.up)) - 1)]
            let measured = try #require(histogram.quantile(share))
            #expect(abs(measured - exact) <= exact * 0.05, "share \(share)")
        }
        #expect(histogram.count == 5_000)
    }

    @Test func `values beyond the range are kept at its ends`() throws {
        var histogram = LatencyHistogram()
        histogram.record(microseconds: 0)
        histogram.record(microseconds: 1e15)
        #expect(try #require(histogram.quantile(0.1)) < 0.2)
        #expect(try #require(histogram.quantile(1)) > 1e6)
    }
}

/// A seeded generator for tests.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
