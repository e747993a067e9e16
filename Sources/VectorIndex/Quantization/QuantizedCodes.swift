internal import CVectorKernels

/// The smaller codes of all nodes, which searches walk over.
///
/// Whoever changes the graph stores them under its lock; making one for a vector, and a search, only read.
final class QuantizedCodes {
    let quantization: Quantization
    let stride: Int
    /// Bytes of one code.
    let bytes: Int
    let codes: ReservedArray<UInt8>
    /// What the values of four bits are multiples of; otherwise one unused element.
    let scales: ReservedArray<Float>
    let codebook: ProductCodebook?

    init(_ quantization: Quantization, stride: Int, codebook: ProductCodebook?, capacity: Int)
        throws(IndexError)
    {
        let bytes = quantization.codeBytes(stride: stride)
        let codes = try ReservedArray<UInt8>(capacity: capacity * bytes, part: "quantized codes")
        let scales = try ReservedArray<Float>(
            capacity: quantization == .sq4 ? capacity : 1, part: "quantized scales")
        self.quantization = quantization
        self.stride = stride
        self.bytes = bytes
        self.codes = codes
        self.scales = scales
        self.codebook = codebook
    }

    /// The largest value of four bits.
    private static let largestNibble: Float = 7
    /// By how much a scale may differ from the step that values were rounded by.
    private static let mostChange: Float = 1 / 14

    /// Makes the code of the vector that the scratch has prepared, which carries it from then on.
    func encode(_ scratch: SearchScratch, _ kernel: Kernel) {
        let values = unsafe scratch.floats(count: stride)
        unsafe scratch.vector.writeFloats(to: values)
        let code = unsafe scratch.vector.smaller
        if let codebook {
            unsafe codebook.encode(values, into: code, scores: &scratch.centroidScores, kernel)
            return
        }
        var largest: Float = 0
        for index in 0..<stride { unsafe largest = max(largest, abs(values[index])) }
        let step = max(largest / Self.largestNibble, Float.leastNormalMagnitude * 256)
        let inverse = 1 / step
        let rounded = unsafe scratch.nodeCode
        var product: Float = 0
        var squares: Float = 0
        for index in 0..<stride {
            let value = unsafe values[index] * inverse
            let code = max(-Self.largestNibble, min(Self.largestNibble, value.rounded()))
            unsafe rounded[index] = Int8(code)
            product += value * code
            squares += value * value
        }
        unsafe vk_pack_nibbles(rounded, stride, code)
        // That by which the product of code and vector is right, as of codes of eight bits; not by more than makes
        // half a step of the largest.
        let ratio = product > 0 ? squares / product : 1
        scratch.vector.smallerScale =
            step * max(1 - Self.mostChange, min(1 + Self.mostChange, ratio))
    }

    /// Stores the code that a prepared vector carries.
    func store(_ vector: borrowing PreparedVector, slot: UInt32) {
        unsafe (codes.base + Int(slot) * bytes).update(from: vector.smaller, count: bytes)
        if quantization == .sq4 { scales[slot] = vector.smallerScale }
    }

    /// What a kernel reads of the codes; `offsets` are the graph's.
    @inline(__always)
    @unsafe func view(offsets: UnsafePointer<Float>?) -> vk_codes {
        let form =
            switch quantization {
            case .pq4: VK_LOOKUP_NIBBLES
            case .pq8, .pq16: VK_LOOKUP_BYTES
            case .none, .sq8, .sq4: VK_NIBBLES
            }
        return unsafe vk_codes(
            base: codes.base, scales: scales.base, offsets: offsets, blocks: nil, block_bytes: bytes,
            form: form)
    }

    /// What a kernel reads of the scratch's vector; for centroids its table is filled, which costs as many
    /// products as there are centroids.
    @unsafe func query(_ scratch: SearchScratch, _ kernel: Kernel) -> vk_query {
        var query = unsafe scratch.vector.query
        guard let codebook else {
            // A nibble is biased by 8 where a byte is by 128.
            unsafe query.bias /= 16
            return unsafe query
        }
        let values = unsafe scratch.floats(count: stride)
        let table = unsafe scratch.table(count: codebook.tableCount)
        unsafe scratch.vector.writeFloats(to: values)
        unsafe codebook.fillTable(of: values, into: table, kernel)
        unsafe query.table = UnsafePointer(table)
        return unsafe query
    }

    /// Bytes of memory for one node.
    var bytesPerNode: Int { bytes + (quantization == .sq4 ? 4 : 0) }

    /// Bytes of memory of so many nodes, with the codebook.
    func memory(nodes: Int) -> Int {
        nodes * bytesPerNode + (codebook.map { ($0.tableCount * ($0.width + 1)) * 4 } ?? 0)
    }
}
