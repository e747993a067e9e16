import Testing

@testable import AnomalyDetection

@Suite struct RankingMetricsTests {
    @Test func `both figures are those of plain definitions, ties included`() {
        var random = SplitMix64(seed: 1)
        var compared = 0
        for _ in 0..<50 {
            let events = (0..<60).map { _ in
                (
                    score: Double(Int.random(in: 0..<12, using: &random)) / 12,
                    isAttack: Int.random(in: 0..<4, using: &random) == 0
                )
            }
            let attacks = events.filter(\.isAttack)
            let benign = events.filter { !$0.isAttack }
            guard !attacks.isEmpty, !benign.isEmpty else { continue }
            var wins = 0.0
            for attack in attacks {
                for other in benign {
                    wins += attack.score > other.score ? 1 : attack.score == other.score ? 0.5 : 0
                }
            }
            var precision = 0.0
            for attack in attacks {
                let above = events.filter { $0.score >= attack.score }
                precision += Double(above.count(where: \.isAttack)) / Double(above.count)
            }
            let metrics = RankingMetrics(events)
            #expect(abs(metrics.areaUnderCurve - wins / Double(attacks.count * benign.count)) < 1e-12)
            #expect(abs(metrics.averagePrecision - precision / Double(attacks.count)) < 1e-12)
            compared += 1
        }
        #expect(compared > 40)
    }

    @Test func `a perfect ranking scores 1, and one side alone 0`() {
        let perfect = RankingMetrics([(score: 0.9, isAttack: true), (score: 0.1, isAttack: false)])
        #expect(perfect.areaUnderCurve == 1 && perfect.averagePrecision == 1)
        let none = RankingMetrics([(score: 0.9, isAttack: false)])
        #expect(none.areaUnderCurve == 0 && none.averagePrecision == 0)
        #expect(RankingMetrics([]).areaUnderCurve == 0)
    }
}

@Suite struct SplitMix64Tests {
    @Test func `the numbers are the published ones`() {
        var random = SplitMix64(seed: 1_234_567)
        let first = random.next()
        #expect(first == 6_457_827_717_110_365_317)
        let second = random.next()
        #expect(second == 3_203_168_211_198_807_973)
    }
}
