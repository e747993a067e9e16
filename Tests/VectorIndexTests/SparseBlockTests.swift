import CVectorKernels
import Testing
import VectorIndex

/// Codes in sparse blocks: the same vectors and the same scores as dense ones.
@Suite struct SparseBlockTests {
    private static let lengths = [64, 256, 320, 384, 512]

    /// A vector with some values, at places that may be told.
    private func vector(_ length: Int, values: Int, _ generator: inout SeededGenerator) -> [Int8] {
        var codes = [Int8](repeating: 0, count: length)
        for place in (0..<length).shuffled(using: &generator).prefix(values) {
            codes[place] = [-127, -3, -1, 1, 2, 60, 127].randomElement(using: &generator) ?? 1
        }
        return codes
    }

    @Test(arguments: lengths, [64, 128])
    func `what fits a block comes out as it went in`(length: Int, blockBytes: Int) {
        var generator = SeededGenerator(seed: UInt64(length + blockBytes))
        var packed = 0
        for values in 0..<70 {
            let codes = vector(length, values: min(values, length), &generator)
            var block = [UInt8](repeating: 0, count: blockBytes)
            guard unsafe vk_sparse_pack(codes, length, 0.5, &block, blockBytes) != 0 else {
                #expect(values > blockBytes / 8)
                continue
            }
            packed += 1
            var found = [Int8](repeating: 7, count: length)
            let sum = unsafe vk_sparse_unpack(block, length, blockBytes, &found)
            #expect(found == codes)
            #expect(sum == codes.reduce(0) { $0 + Int32($1) })
            let spilled = unsafe vk_sparse_is_spilled(block, blockBytes)
            #expect(spilled == 0)
        }
        #expect(packed > blockBytes / 8)
    }

    @Test func `a vector with more values than places, or with the mark of a spill, does not fit`() {
        var block = [UInt8](repeating: 0, count: 64)
        let full = [Int8](repeating: 1, count: 384)
        var marked = [Int8](repeating: 0, count: 384)
        marked[5] = -128
        var crowded = [Int8](repeating: 0, count: 384)
        for place in 0..<16 { crowded[place] = 1 }
        for codes in [full, marked, crowded] {
            let fits = unsafe vk_sparse_pack(codes, 384, 1, &block, 64)
            #expect(fits == 0)
        }
        unsafe vk_sparse_set_spill(&block, 64, 70_000, 0.25)
        let (isSpilled, place) = unsafe (vk_sparse_is_spilled(block, 64), vk_sparse_spill(block))
        #expect(isSpilled != 0 && place == 70_000)
    }

    @Test(arguments: KernelTests.levels, lengths)
    func `blocks and spilled vectors score as dense ones do`(level: KernelLevel, length: Int) throws {
        guard let kernels = unsafe vk_kernels_for(level.rawValue) else {
            throw IndexError.kernelMissing(level)
        }
        for blockBytes in [64, 128] {
            var generator = SeededGenerator(seed: UInt64(length))
            let count = 67
            var (blocks, overflow) = ([UInt8](), [UInt8]())
            let scales = (0..<count).map { _ in Float.random(in: 0.01...1, using: &generator) }
            var vectors: [[Int8]] = []
            for slot in 0..<count {
                let codes = vector(length, values: min(length, slot), &generator)
                vectors.append(codes)
                var block = [UInt8](repeating: 0, count: blockBytes)
                if unsafe vk_sparse_pack(codes, length, scales[slot], &block, blockBytes) == 0 {
                    unsafe vk_sparse_set_spill(
                        &block, blockBytes, UInt32(overflow.count / length), scales[slot])
                    overflow += codes.map { UInt8(bitPattern: $0) ^ 0x80 }
                }
                blocks += block
            }
            #expect(!overflow.isEmpty || length <= blockBytes / 2)
            let query = (0..<length).map { _ in Int8.random(in: -127...127, using: &generator) }
            let slots = (0..<UInt32(count)).shuffled(using: &generator)
            var listed = [Float](repeating: 0, count: count)
            var ranged = [Float](repeating: 0, count: count)
            let prepared = (bias: 128 * query.reduce(Int32(0)) { $0 + Int32($1) }, scale: Float(0.5))
            unsafe query.withUnsafeBufferPointer { codes in
                unsafe blocks.withUnsafeBufferPointer { blocks in
                    unsafe overflow.withUnsafeBufferPointer { overflow in
                        let asked = unsafe vk_query(
                            codes: codes.baseAddress, length: length, bias: prepared.bias,
                            scale: prepared.scale, table: nil)
                        let stored = unsafe vk_codes(
                            base: overflow.baseAddress, scales: nil, offsets: nil, blocks: blocks.baseAddress,
                            block_bytes: blockBytes, form: VK_BYTES)
                        unsafe vk_score_slots(kernels, asked, stored, slots, count, &listed)
                        unsafe vk_score_range(kernels, asked, stored, 0, count, &ranged)
                    }
                }
            }
            for (place, slot) in slots.enumerated() {
                let sum = zip(query, vectors[Int(slot)]).reduce(0) { $0 + Int($1.0) * Int($1.1) }
                let expected = Float(sum) * (prepared.scale * scales[Int(slot)])
                #expect(abs(listed[place] - expected) <= max(1, abs(expected)) * 1e-5)
                #expect(ranged[Int(slot)] == listed[place])
            }
        }
    }

    /// Vectors of which about half spill.
    private func mixed(_ count: Int, seed: UInt64) -> [[Int8]] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { number in
            vector(96, values: number % 2 == 0 ? 12 : 60, &generator)
        }
    }

    @Test func `an index of vectors that fit and vectors that do not is exact, through deletes and files`()
        throws
    {
        var pair = try IndexedPair(IndexConfiguration(dimension: 96))
        for (row, vector) in mixed(900, seed: 1).enumerated() { try pair.insert(vector, row: row) }
        for row in 0..<500 { _ = pair.remove(row) }
        for (row, vector) in mixed(500, seed: 2).enumerated() { try pair.insert(vector, row: 2_000 + row) }
        #expect(pair.index.checkInvariants() == [])
        let queries = mixed(40, seed: 3)
        #expect(try pair.recall(queries, options: SearchOptions(strategy: .exact)) == 1)
        try pair.index.rebuild()
        #expect(try pair.recall(queries, options: SearchOptions(strategy: .exact)) == 1)
        #expect(try pair.recall(queries, options: SearchOptions(breadth: 200, strategy: .graph)) >= 0.95)
        for (row, vector) in mixed(500, seed: 2).enumerated() {
            #expect(pair.index.counts(of: Row(rawValue: UInt32(2_000 + row))) == vector)
        }
    }
}
