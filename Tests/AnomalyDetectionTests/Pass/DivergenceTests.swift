import Testing

@testable import AnomalyDetection

@Suite struct DivergenceTests {
    typealias Pair = Divergence.Pair

    @Test func `the same mix is not apart, and one that has nothing in common is wholly so`() {
        #expect(
            Divergence([Pair(recent: 50, past: 500), Pair(recent: 50, past: 500)], pastTotal: 1_000).value
                == 0)
        let apart = Divergence([Pair(recent: 1_000, past: 0)], pastTotal: 100_000).value
        #expect(apart > 0.998 && apart < 1)
        #expect(Divergence([], pastTotal: 100).value == 0)
        #expect(Divergence([Pair(recent: 0, past: 0)], pastTotal: 0).value == 0)
    }

    @Test func `it is the mean of the relative entropies to the middle, in bits`() {
        // Half of what is done is new: 0.5 log2(1 / 0.75) + 0.25 log2(0.5 / 0.75) + 0.25 log2(0.5 / 0.25).
        let divergence = Divergence(
            [Pair(recent: 500_000, past: 1_000_000), Pair(recent: 500_000, past: 0)], pastTotal: 1_000_000)
        #expect(abs(divergence.value - 0.3113) < 0.0001)
        #expect(divergence.shares[1] > divergence.shares[0])
    }

    @Test func `what is no longer done counts, although no recent decision has it`() {
        let listed = Divergence(
            [Pair(recent: 100_000, past: 500_000), Pair(recent: 0, past: 500_000)], pastTotal: 1_000_000)
        let left = Divergence([Pair(recent: 100_000, past: 500_000)], pastTotal: 1_000_000)
        #expect(abs(listed.value - left.value) < 1e-9 && left.value > 0.3)
    }

    @Test func `what chance makes of few decisions is no drift`() {
        var random = SplitMix64(seed: 7)
        var (sum, largest) = (0.0, 0.0)
        for _ in 0..<200 {
            var pairs = Array(repeating: Pair(recent: 0, past: 0), count: 8)
            for _ in 0..<50 { pairs[Int.random(in: 0..<8, using: &random)].recent += 1 }
            for _ in 0..<200 { pairs[Int.random(in: 0..<8, using: &random)].past += 1 }
            let value = Divergence(pairs, pastTotal: 200).value
            sum += value
            largest = max(largest, value)
        }
        #expect(sum / 200 < 0.012)
        #expect(largest < PassConfiguration().driftThreshold / 3)
    }
}
