import CKernelCheck
import CVectorKernels
import Testing
import VectorIndex

// The check in C keeps its memory between its calls, so only one may run.
@Suite(.serialized) struct KernelTests {
    static let levels = KernelLevel.allCases.filter(\.isAvailable)

    private func table(_ level: KernelLevel) throws -> UnsafePointer<vk_kernels> {
        guard let table = unsafe vk_kernels_for(level.rawValue) else { throw IndexError.kernelMissing(level) }
        return unsafe table
    }

    /// Codes of some vectors and a query, as the index stores them.
    private struct Sample {
        let length: Int
        var stored: [UInt8] = []
        var query: [Int8] = []
        var scales: [Float] = []
        var offsets: [Float] = []
        let count = 37

        init(length: Int, seed: UInt64, extreme: Bool) {
            self.length = length
            var generator = SeededGenerator(seed: seed)
            func value() -> Int8 {
                extreme
                    ? (Bool.random(using: &generator) ? -128 : 127)
                    : Int8.random(in: -128...127, using: &generator)
            }
            query = (0..<length).map { _ in value() }
            stored = (0..<length * count).map { _ in UInt8(bitPattern: value()) ^ 0x80 }
            scales = (0..<count).map { _ in Float.random(in: 0.01...1, using: &generator) }
            offsets = (0..<count).map { _ in Float.random(in: 0...1, using: &generator) }
        }

        var bias: Int32 { 128 * query.reduce(0) { $0 + Int32($1) } }

        /// The plain definition of a score.
        func expected(_ slot: Int, hasOffsets: Bool) -> Float {
            var sum = 0
            for place in 0..<length {
                sum += Int(query[place]) * (Int(stored[slot * length + place]) - 128)
            }
            return Float(Double(sum) * 0.25 * Double(scales[slot])) - (hasOffsets ? offsets[slot] : 0)
        }
    }

    private func isNear(_ left: Float, _ right: Float) -> Bool {
        abs(left - right) <= max(1, abs(right)) * 1e-5
    }

    @Test(arguments: levels, [64, 128, 192, 384, 448, 1_024])
    func `every level scores as plainly as defined`(level: KernelLevel, length: Int) throws {
        let kernels = try unsafe table(level)
        for (seed, extreme) in [(UInt64(1), false), (2, true), (3, false)] {
            let sample = Sample(length: length, seed: seed, extreme: extreme)
            var generator = SeededGenerator(seed: seed)
            let slots = (0..<31).map { _ in UInt32.random(in: 0..<UInt32(sample.count), using: &generator) }
            for hasOffsets in [false, true] {
                var listed = [Float](repeating: 0, count: slots.count)
                var ranged = [Float](repeating: 0, count: 30)
                unsafe sample.query.withUnsafeBufferPointer { query in
                    unsafe sample.stored.withUnsafeBufferPointer { stored in
                        unsafe sample.scales.withUnsafeBufferPointer { scales in
                            unsafe sample.offsets.withUnsafeBufferPointer { offsets in
                                let prepared = unsafe vk_query(
                                    codes: query.baseAddress, length: length, bias: sample.bias, scale: 0.25,
                                    table: nil)
                                let codes = unsafe vk_codes(
                                    base: stored.baseAddress, scales: scales.baseAddress,
                                    offsets: hasOffsets ? offsets.baseAddress : nil, blocks: nil,
                                    block_bytes: 0, form: VK_BYTES)
                                for count in [0, 1, 3, 4, 5, 30, 31] {
                                    unsafe vk_score_slots(kernels, prepared, codes, slots, count, &listed)
                                }
                                unsafe vk_score_range(kernels, prepared, codes, 5, ranged.count, &ranged)
                            }
                        }
                    }
                }
                #expect(
                    slots.indices.allSatisfy {
                        isNear(listed[$0], sample.expected(Int(slots[$0]), hasOffsets: hasOffsets))
                    })
                #expect(
                    ranged.indices.allSatisfy {
                        isNear(ranged[$0], sample.expected($0 + 5, hasOffsets: hasOffsets))
                    })
            }
        }
    }

    @Test(arguments: levels, [64, 384, 832])
    func `every level undoes the bias and sums`(level: KernelLevel, length: Int) throws {
        let kernels = try unsafe table(level)
        for extreme in [false, true] {
            let sample = Sample(length: length, seed: 9, extreme: extreme)
            var plain = [Int8](repeating: 0, count: length)
            let sum = unsafe vk_unbias(kernels, sample.stored, length, &plain)
            #expect(plain == sample.stored.prefix(length).map { Int8(bitPattern: $0 ^ 0x80) })
            #expect(sum == plain.reduce(0) { $0 + Int32($1) })
        }
    }

    @Test(arguments: levels)
    func `every level multiplies floats of any length`(level: KernelLevel) throws {
        let kernels = try unsafe table(level)
        var generator = SeededGenerator(seed: 4)
        for length in [0, 1, 7, 8, 31, 33, 100, 384, 385] {
            let left = (0..<length).map { _ in Float.random(in: -1...1, using: &generator) }
            let right = (0..<length).map { _ in Float.random(in: -1...1, using: &generator) }
            let expected = zip(left, right).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
            let found = unsafe vk_dot_floats(kernels, left, right, length)
            #expect(isNear(found, Float(expected)))
        }
        for length in [64, 384] {
            let sample = Sample(length: length, seed: 5, extreme: false)
            let query = (0..<length).map { _ in Float.random(in: -1...1, using: &generator) }
            let second = Array(sample.stored[length..<2 * length])
            var expected = 0.0
            for place in 0..<length {
                let value = 0.5 * (Double(sample.stored[place]) - 128) + 0.002 * (Double(second[place]) - 128)
                expected += Double(query[place]) * value
            }
            let found = unsafe vk_dot_two_codes(kernels, query, sample.stored, 0.5, second, 0.002, length)
            #expect(abs(Double(found) - expected) < 1e-2)
        }
    }

    @Test func `every table of kernels this processor can run gives what is plainly defined`() {
        let failures = kernel_check(nil, 0)
        #expect(failures == 0)
    }

    @Test func `a table that is wanted and not to be had is a failure`() {
        let failures = unsafe "abacus".withCString { name in
            unsafe withUnsafePointer(to: Optional(name)) { unsafe kernel_check($0, 1) }
        }
        #expect(failures == 1)
    }

    @Test func `levels have names and one is best`() {
        #expect(KernelLevel.best.isAvailable)
        #expect(KernelLevel.scalar.isAvailable)
        for level in KernelLevel.allCases { #expect(KernelLevel(name: level.name) == level) }
        #expect(KernelLevel(name: "abacus") == nil)
        let unknown = unsafe vk_kernels_for(99) == nil
        #expect(unknown)
    }

    @Test func `a level this processor lacks is refused`() throws {
        for level in KernelLevel.allCases where !level.isAvailable {
            var configuration = IndexConfiguration()
            configuration.kernel = level
            #expect(throws: IndexError.kernelMissing(level)) { try HNSWIndex(configuration) }
        }
        #expect(!KernelLevel.avx2.isAvailable || !KernelLevel.neon.isAvailable)
    }

    @Test func `the checksum is CRC-32C with and without hardware`() {
        let digits = Array("123456789".utf8)
        let known = unsafe vk_crc32c(0, digits, digits.count)
        #expect(known == 0xE306_9283)
        var generator = SeededGenerator(seed: 6)
        for length in [0, 1, 7, 8, 9, 100, 1_001] {
            let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
            let (fast, plain) = unsafe (vk_crc32c(0, bytes, length), vk_crc32c_table(0, bytes, length))
            #expect(fast == plain)
        }
    }

    @Test(arguments: levels)
    func `every level finds the same rows`(level: KernelLevel) throws {
        var configuration = IndexConfiguration(dimension: TestVectors.dimension)
        configuration.kernel = level
        var pair = try IndexedPair(configuration)
        for (row, vector) in TestVectors.decisions(400, duplicates: 20).enumerated() {
            try pair.insert(vector, row: row)
        }
        #expect(pair.index.statistics().kernel == level)
        #expect(
            try pair.recall(TestVectors.decisions(20, seed: 2), options: SearchOptions(strategy: .graph))
                >= 0.95)
    }
}
