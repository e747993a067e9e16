internal import CVectorKernels
import Glibc

/// The vectors of all nodes as 8-bit codes, dense and biased or in sparse blocks, each starting on a cache
/// line.
///
/// Float vectors have a second code for what the first left over, used only to rescore.
struct CodeArena: ~Copyable {
    /// The dimension rounded up to whole cache lines.
    let stride: Int
    let layout: CodeLayout
    /// Dense codes, or sparse blocks.
    let codes: ReservedArray<UInt8>
    /// The scales of dense codes; blocks hold their own.
    let scales: ReservedArray<Float>
    /// Half the squared length, for Euclidean distance only; otherwise one unused element.
    let offsets: ReservedArray<Float>
    let residuals: ReservedArray<UInt8>
    let residualScales: ReservedArray<Float>
    let overflow: CodeOverflow
    let hasOffsets: Bool
    let hasResiduals: Bool

    init(_ configuration: IndexConfiguration, layout: CodeLayout, capacity: Int) throws(IndexError) {
        let stride = CodeArena.stride(dimension: configuration.dimension)
        let isDense = layout == .dense
        let offsetCapacity = configuration.metric == .euclidean ? capacity : 1
        let residualCapacity = configuration.element == .floats ? capacity : 1
        let width = isDense ? stride : layout.blockBytes
        let codes = try ReservedArray<UInt8>(capacity: capacity * width, part: "codes")
        let scales = try ReservedArray<Float>(capacity: isDense ? capacity : 1, part: "scales")
        let offsets = try ReservedArray<Float>(capacity: offsetCapacity, part: "offsets")
        let residuals = try ReservedArray<UInt8>(capacity: residualCapacity * stride, part: "residual codes")
        let residualScales = try ReservedArray<Float>(capacity: residualCapacity, part: "residual scales")
        let overflow = try CodeOverflow(stride: stride, capacity: isDense ? 1 : capacity)
        self.stride = stride
        self.layout = layout
        self.codes = codes
        self.scales = scales
        self.offsets = offsets
        self.residuals = residuals
        self.residualScales = residualScales
        self.overflow = overflow
        hasOffsets = configuration.metric == .euclidean
        hasResiduals = configuration.element == .floats
    }

    static func stride(dimension: Int) -> Int { (dimension + 63) & ~63 }

    /// What a kernel reads.
    @inline(__always)
    var view: vk_codes {
        let offsets = unsafe hasOffsets ? UnsafePointer(offsets.base) : nil
        return switch layout {
        case .dense:
            unsafe vk_codes(
                base: codes.base, scales: scales.base, offsets: offsets, blocks: nil, block_bytes: 0,
                form: VK_BYTES)
        case .sparse(let bytes):
            unsafe vk_codes(
                base: overflow.codes.base, scales: nil, offsets: offsets, blocks: codes.base,
                block_bytes: bytes, form: VK_BYTES)
        }
    }

    /// The dense code or the sparse block of a node.
    @inline(__always)
    @unsafe private func record(_ slot: UInt32) -> UnsafeMutablePointer<UInt8> {
        unsafe codes.base + Int(slot) * recordBytes
    }

    @inline(__always)
    private var recordBytes: Int { layout == .dense ? stride : layout.blockBytes }

    @inline(__always)
    @unsafe func residual(_ slot: UInt32) -> UnsafeMutablePointer<UInt8> {
        unsafe residuals.base + Int(slot) * stride
    }

    /// The place in the overflow of a node whose vector does not fit its block.
    private func spill(_ slot: UInt32) -> UInt32? {
        guard layout != .dense, unsafe vk_sparse_is_spilled(record(slot), layout.blockBytes) != 0 else {
            return nil
        }
        return unsafe vk_sparse_spill(record(slot))
    }

    /// The biased dense code of a node; nil when it is in a sparse block.
    @unsafe func denseCode(_ slot: UInt32) -> UnsafeMutablePointer<UInt8>? {
        if layout == .dense { return unsafe record(slot) }
        guard let place = spill(slot) else { return nil }
        return unsafe overflow.code(place)
    }

    @inline(__always)
    func scale(_ slot: UInt32) -> Float {
        guard layout != .dense else { return scales[slot] }
        return unsafe UnsafeRawPointer(record(slot)).loadUnaligned(
            fromByteOffset: layout.blockBytes - 4, as: Float.self)
    }

    @inline(__always)
    func offset(_ slot: UInt32) -> Float { hasOffsets ? offsets[slot] : 0 }

    /// Writes a node's code as a signed dense query and returns the sum of its values.
    @inline(__always)
    @unsafe func unpack(_ slot: UInt32, into signed: UnsafeMutablePointer<Int8>, _ kernel: Kernel) -> Int32 {
        if let dense = unsafe denseCode(slot) {
            return unsafe kernel.unbias(dense, length: stride, into: signed)
        }
        return unsafe vk_sparse_unpack(record(slot), stride, layout.blockBytes, signed)
    }

    /// A hash of a node's vector; that of `PreparedVector.hash` for the same one.
    func hash(_ slot: UInt32, seed: UInt64) -> UInt64 {
        let seed = seed | UInt64(scale(slot).bitPattern)
        if let dense = unsafe denseCode(slot) { return unsafe vk_hash(seed, dense, stride) }
        return unsafe vk_hash(seed, record(slot), layout.blockBytes)
    }

    /// Whether a node has just the vector that is prepared.
    @inline(__always)
    func holds(_ vector: borrowing PreparedVector, at slot: UInt32) -> Bool {
        guard vector.scale == scale(slot), holdsCode(of: vector, at: slot) else { return false }
        // Floats that differ by less than the first code tells are told apart by what it left over.
        guard hasResiduals else { return true }
        guard vector.residualScale == residualScales[slot] else { return false }
        return unsafe memcmp(vector.residual, residual(slot), stride) == 0
    }

    /// Whether a node has just the code or the sparse block that is prepared.
    @inline(__always)
    private func holdsCode(of vector: borrowing PreparedVector, at slot: UInt32) -> Bool {
        if layout != .dense, vector.fitsBlock {
            return unsafe memcmp(vector.block, record(slot), layout.blockBytes) == 0
        }
        guard let dense = unsafe denseCode(slot) else { return false }
        return unsafe memcmp(vector.stored, dense, stride) == 0
    }

    /// Stores a prepared vector in a slot, a new one or one whose vector is forgotten.
    func write(_ vector: borrowing PreparedVector, slot: UInt32) {
        switch layout {
        case .dense:
            unsafe record(slot).update(from: vector.stored, count: stride)
            scales[slot] = vector.scale
        case .sparse(let bytes):
            let former = spill(slot)
            if vector.fitsBlock {
                unsafe record(slot).update(from: vector.block, count: bytes)
                if let former { overflow.giveBack(former) }
            } else {
                let place = former ?? overflow.take()
                unsafe overflow.code(place).update(from: vector.stored, count: stride)
                unsafe vk_sparse_set_spill(record(slot), bytes, place, vector.scale)
            }
        }
        if hasOffsets { offsets[slot] = vector.halfSquaredLength }
        if hasResiduals {
            unsafe residual(slot).update(from: vector.residual, count: stride)
            residualScales[slot] = vector.residualScale
        }
    }

    /// Copies a vector from another arena of the same layout.
    func copy(_ source: UInt32, of other: borrowing CodeArena, to slot: UInt32) {
        unsafe record(slot).update(from: other.record(source), count: recordBytes)
        if layout == .dense {
            scales[slot] = other.scales[source]
        } else if let place = other.spill(source) {
            let own = overflow.take()
            unsafe overflow.code(own).update(from: other.overflow.code(place), count: stride)
            unsafe vk_sparse_set_spill(record(slot), recordBytes, own, other.scale(source))
        }
        if hasOffsets { offsets[slot] = other.offsets[source] }
        if hasResiduals {
            unsafe residual(slot).update(from: other.residual(source), count: stride)
            residualScales[slot] = other.residualScales[source]
        }
    }

    /// Bytes of memory for what walks compare of one node, without the overflow.
    var bytesPerWalkedNode: Int { recordBytes + (layout == .dense ? 4 : 0) }

    /// Bytes of memory for one node, without the overflow.
    var bytesPerNode: Int {
        bytesPerWalkedNode + (hasOffsets ? 4 : 0) + (hasResiduals ? stride + 4 : 0)
    }

    /// Bytes of so many nodes, those in a file included.
    func bytes(nodes: Int) -> Int { nodes * bytesPerNode + overflow.count * stride }

    /// Bytes that are pages of a snapshot's file and no memory of the process.
    var mappedBytes: Int { codes.mappedBytes + residuals.mappedBytes }
}
