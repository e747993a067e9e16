import Testing

@testable import AnomalyDetection

@Suite struct PercentileSketchTests {
    @Test func `an empty past says one half`() {
        let sketch = PercentileSketch(scale: .linear(upper: 1))
        #expect(sketch.percentile(ofBin: 0) == 0.5)
        #expect(sketch.total == 0)
    }

    @Test(arguments: [PercentileSketch.Scale.linear(upper: 2), .logarithmic(lower: 1e-3, upper: 2)])
    func `percentiles are those of an exact oracle within half a bin`(scale: PercentileSketch.Scale) {
        var random = SplitMix64(seed: 7)
        var sketch = PercentileSketch(scale: scale)
        var values: [Double] = []
        for round in 0..<1_500 {
            // Many ties at first, so that the sparse form is seen, then all over the range.
            let value =
                round < 400
                ? Double(Int.random(in: 0..<20, using: &random)) / 10
                : Double.random(in: 0..<2, using: &random)
            let bin = sketch.bin(of: value)
            let below = values.count { sketch.bin(of: $0) < bin }
            let equal = values.count { sketch.bin(of: $0) == bin }
            let expected = (Double(below) + Double(equal) / 2 + 0.5) / (Double(values.count) + 1)
            #expect(sketch.percentile(ofBin: bin) == expected)
            let exactlyBelow = values.count { $0 < value }
            let share = Double(equal) / Double(max(1, values.count)) + 1 / Double(values.count + 1)
            let exact = Double(exactlyBelow) / Double(max(1, values.count))
            #expect(abs(sketch.percentile(ofBin: bin) - exact) <= share)
            values.append(value)
            sketch.add(bin: bin)
        }
        #expect(sketch.total == 1_500)
        #expect(sketch.contents.reduce(0) { $0 + Int($1.count) } == 1_500)
    }

    @Test func `values past the bounds fall into the outermost bins`() {
        let linear = PercentileSketch(scale: .linear(upper: 1))
        #expect(linear.bin(of: -0.3) == 0)
        #expect(linear.bin(of: 17) == PercentileSketch.bins - 1)
        #expect(linear.bin(of: .infinity) == PercentileSketch.bins - 1)
        let logarithmic = PercentileSketch(scale: .logarithmic(lower: 0.1, upper: 10))
        #expect(logarithmic.bin(of: 0) == 0)
        #expect(logarithmic.bin(of: 1) == PercentileSketch.bins / 2)
        #expect(logarithmic.bin(of: 11) == PercentileSketch.bins - 1)
    }

    @Test func `the sparse and the spread form answer alike`() {
        var one = PercentileSketch(scale: .linear(upper: 1))
        var other = PercentileSketch(scale: .linear(upper: 1))
        let bins = Array(0...PercentileSketch.sparseLimit + 40)
        for bin in bins { one.add(bin: bin * 3) }
        for bin in bins.reversed() { other.add(bin: bin * 3) }
        #expect(one.contents.map(\.bin) == other.contents.map(\.bin))
        #expect(one.percentile(ofBin: 300) == other.percentile(ofBin: 300))
    }

    @Test func `a full sketch halves its bins and keeps the order`() {
        var sketch = PercentileSketch(scale: .linear(upper: 1))
        sketch.add(bin: 5, count: PercentileSketch.maximumTotal - 10)
        sketch.add(bin: 9, count: 10)
        sketch.add(bin: 9)
        #expect(sketch.total < PercentileSketch.maximumTotal)
        #expect(sketch.percentile(ofBin: 5) < sketch.percentile(ofBin: 9))
    }
}

@Suite struct FenwickTreeTests {
    @Test func `sums and ranks are those of a plain array`() {
        var random = SplitMix64(seed: 3)
        var tree = FenwickTree(bins: 37)
        var plain = [UInt32](repeating: 0, count: 37)
        for _ in 0..<500 {
            let bin = Int.random(in: 0..<37, using: &random)
            if plain[bin] > 0, Bool.random(using: &random) {
                plain[bin] -= 1
                tree.subtract(1, from: bin)
            } else {
                plain[bin] += 2
                tree.add(2, to: bin)
            }
            let place = Int.random(in: 0...37, using: &random)
            #expect(tree.sum(before: place) == plain[..<place].reduce(0, +))
            let total = plain.reduce(0, +)
            let rank = UInt32.random(in: 1...max(1, total), using: &random)
            var sum: UInt32 = 0
            let expected = plain.firstIndex { count in
                sum += count
                return sum >= rank
            }
            #expect(tree.bin(reaching: rank) == expected ?? 36)
        }
        #expect(tree.bins == 37)
    }
}

@Suite struct ThresholdWindowTests {
    @Test func `a score exceeds exactly when it is above the quantile of the window`() {
        var random = SplitMix64(seed: 11)
        var window = ThresholdWindow(capacity: 50)
        var kept: [UInt16] = []
        for _ in 0..<400 {
            let score = Double.random(in: 0...1, using: &random)
            if kept.isEmpty {
                let exceeds = window.exceeds(score, alpha: 0.1)
                #expect(!exceeds)
            } else {
                let sorted = kept.sorted()
                let rank = max(1, Int((Double(sorted.count) * 0.9).rounded(.up)))
                let expected = ThresholdWindow.step(of: score) > sorted[rank - 1]
                let exceeds = window.exceeds(score, alpha: 0.1)
                #expect(exceeds == expected)
            }
            window.add(score)
            kept.append(ThresholdWindow.step(of: score))
            if kept.count > 50 { kept.removeFirst() }
        }
        #expect(window.ring.count == 50)
    }

    @Test func `scores that all tie never exceed`() {
        var window = ThresholdWindow(capacity: 100)
        for _ in 0..<200 { window.add(0.7) }
        let exceeds = window.exceeds(0.7, alpha: 0.02)
        #expect(!exceeds)
    }

    @Test func `scores outside 0 to 1 count as the nearest`() {
        #expect(ThresholdWindow.step(of: -1) == 0)
        #expect(ThresholdWindow.step(of: 2) == UInt16(ThresholdWindow.steps - 1))
    }
}
