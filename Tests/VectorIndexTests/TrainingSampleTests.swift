import Testing

@testable import VectorIndex

/// Which vectors product codes are trained on.
@Suite struct TrainingSampleTests {
    @Test(arguments: [1, 9_999, 10_000, 10_001, 17_884, 19_999, 100_000, 1_000_003])
    func `as many vectors are trained on as may be, at even distances`(count: Int) {
        let sampled = (0..<count).filter { ProductCodebook.isSampled($0, of: count) }
        #expect(sampled.count == min(count, ProductCodebook.sampleLimit))
        let distances = zip(sampled, sampled.dropFirst()).map { $1 - $0 }
        #expect((distances.max() ?? 1) - (distances.min() ?? 1) <= 1)
    }
}
