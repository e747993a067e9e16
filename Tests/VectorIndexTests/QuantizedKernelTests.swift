import CVectorKernels
import Testing
import VectorIndex

/// Codes of fewer bits than eight a value, against their plain definition.
@Suite struct QuantizedKernelTests {
    private func table(_ level: KernelLevel) throws -> UnsafePointer<vk_kernels> {
        guard let table = unsafe vk_kernels_for(level.rawValue) else { throw IndexError.kernelMissing(level) }
        return unsafe table
    }

    @Test(arguments: KernelTests.levels, [64, 192, 384, 448])
    func `codes of four bits score as plainly as defined`(level: KernelLevel, length: Int) throws {
        let kernels = try unsafe table(level)
        for extreme in [false, true] {
            var generator = SeededGenerator(seed: UInt64(length))
            let count = 19
            let vectors = (0..<count).map { _ in
                (0..<length).map { _ -> Int8 in
                    extreme
                        ? (Bool.random(using: &generator) ? 7 : -7)
                        : Int8.random(in: -7...7, using: &generator)
                }
            }
            let query = (0..<length).map { _ -> Int8 in
                extreme
                    ? (Bool.random(using: &generator) ? -128 : 127)
                    : Int8.random(in: -128...127, using: &generator)
            }
            let scales = (0..<count).map { _ in Float.random(in: 0.01...1, using: &generator) }
            let offsets = (0..<count).map { _ in Float.random(in: 0...1, using: &generator) }
            var codes = [UInt8](repeating: 0, count: count * length / 2)
            unsafe codes.withUnsafeMutableBufferPointer { codes in
                for (number, vector) in vectors.enumerated() {
                    unsafe vk_pack_nibbles(
                        vector, length, codes.baseAddress.map { unsafe $0 + number * length / 2 })
                }
            }
            let slots = (0..<UInt32(count)).shuffled(using: &generator)
            var scores = [Float](repeating: 0, count: count)
            unsafe query.withUnsafeBufferPointer { query in
                unsafe codes.withUnsafeBufferPointer { codes in
                    unsafe scales.withUnsafeBufferPointer { scales in
                        unsafe offsets.withUnsafeBufferPointer { offsets in
                            let asked = unsafe vk_query(
                                codes: query.baseAddress, length: length,
                                bias: 8 * query.reduce(Int32(0)) { $0 + Int32($1) }, scale: 0.5, table: nil)
                            let stored = unsafe vk_codes(
                                base: codes.baseAddress, scales: scales.baseAddress,
                                offsets: offsets.baseAddress,
                                blocks: nil, block_bytes: length / 2, form: VK_NIBBLES)
                            unsafe vk_score_slots(kernels, asked, stored, slots, count, &scores)
                        }
                    }
                }
            }
            for (place, slot) in slots.enumerated() {
                let sum = zip(query, vectors[Int(slot)]).reduce(0) { $0 + Int($1.0) * Int($1.1) }
                let expected = Float(sum) * 0.5 * scales[Int(slot)] - offsets[Int(slot)]
                #expect(abs(scores[place] - expected) <= max(1, abs(expected)) * 1e-5)
            }
        }
    }

    @Test(arguments: [VK_LOOKUP_BYTES, VK_LOOKUP_NIBBLES], [1, 2, 5, 8, 48])
    func `codes of centroids sum what the table says`(form: vk_form, bytes: Int) throws {
        let kernels = try unsafe table(.scalar)
        var generator = SeededGenerator(seed: UInt64(bytes))
        let count = 37
        let entries = form == VK_LOOKUP_BYTES ? 256 : 16
        let parts = form == VK_LOOKUP_BYTES ? bytes : 2 * bytes
        let table = (0..<parts * entries).map { _ in Float.random(in: -1...1, using: &generator) }
        let codes = (0..<count * bytes).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let slots = (0..<UInt32(count)).shuffled(using: &generator)
        var scores = [Float](repeating: 0, count: count)
        unsafe table.withUnsafeBufferPointer { table in
            unsafe codes.withUnsafeBufferPointer { codes in
                let asked = unsafe vk_query(
                    codes: nil, length: 0, bias: 0, scale: 0, table: table.baseAddress)
                let stored = unsafe vk_codes(
                    base: codes.baseAddress, scales: nil, offsets: nil, blocks: nil, block_bytes: bytes,
                    form: form)
                unsafe vk_score_slots(kernels, asked, stored, slots, count, &scores)
            }
        }
        for (place, slot) in slots.enumerated() {
            let expected = (0..<parts).reduce(Float(0)) { sum, part in
                let byte = codes[Int(slot) * bytes + (entries == 256 ? part : part / 2)]
                let number = entries == 256 ? byte : (part % 2 == 0 ? byte & 15 : byte >> 4)
                return sum + table[part * entries + Int(number)]
            }
            #expect(abs(scores[place] - expected) < 1e-4)
        }
    }

    @Test(arguments: KernelTests.levels)
    func `every level adds a scaled row of any length`(level: KernelLevel) throws {
        let kernels = try unsafe table(level)
        for length in [0, 1, 7, 8, 16, 33, 256] {
            let row = (0..<length).map { Float($0) - 3 }
            var sums = (0..<length).map { Float($0) * 0.25 }
            unsafe vk_add_scaled(kernels, &sums, row, -1.5, length)
            #expect(sums.indices.allSatisfy { abs(sums[$0] - (Float($0) * 0.25 - 1.5 * row[$0])) < 1e-4 })
        }
    }
}
