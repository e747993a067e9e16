internal import CVectorKernels

/// The vectors of all nodes as biased 8-bit codes, each starting on a cache line.
///
/// Float vectors have a second code for what the first left over, used only to rescore.
struct CodeArena: ~Copyable {
    /// The dimension rounded up to whole cache lines.
    let stride: Int
    let codes: ReservedArray<UInt8>
    let scales: ReservedArray<Float>
    /// Half the squared length, for Euclidean distance only; otherwise one unused element.
    let offsets: ReservedArray<Float>
    let residuals: ReservedArray<UInt8>
    let residualScales: ReservedArray<Float>
    let hasOffsets: Bool
    let hasResiduals: Bool

    init(_ configuration: IndexConfiguration, capacity: Int) throws(IndexError) {
        let stride = CodeArena.stride(dimension: configuration.dimension)
        let offsetCapacity = configuration.metric == .euclidean ? capacity : 1
        let residualCapacity = configuration.element == .floats ? capacity : 1
        let codes = try ReservedArray<UInt8>(capacity: capacity * stride, part: "codes")
        let scales = try ReservedArray<Float>(capacity: capacity, part: "scales")
        let offsets = try ReservedArray<Float>(capacity: offsetCapacity, part: "offsets")
        let residuals = try ReservedArray<UInt8>(capacity: residualCapacity * stride, part: "residual codes")
        let residualScales = try ReservedArray<Float>(capacity: residualCapacity, part: "residual scales")
        self.stride = stride
        self.codes = codes
        self.scales = scales
        self.offsets = offsets
        self.residuals = residuals
        self.residualScales = residualScales
        hasOffsets = configuration.metric == .euclidean
        hasResiduals = configuration.element == .floats
    }

    static func stride(dimension: Int) -> Int { (dimension + 63) & ~63 }

    /// What a kernel reads.
    @inline(__always)
    var view: vk_codes {
        unsafe vk_codes(
            base: codes.base, scales: scales.base, offsets: hasOffsets ? UnsafePointer(offsets.base) : nil)
    }

    @inline(__always)
    @unsafe func code(_ slot: UInt32) -> UnsafeMutablePointer<UInt8> {
        unsafe codes.base + Int(slot) * stride
    }

    @inline(__always)
    @unsafe func residual(_ slot: UInt32) -> UnsafeMutablePointer<UInt8> {
        unsafe residuals.base + Int(slot) * stride
    }

    @inline(__always)
    func offset(_ slot: UInt32) -> Float { hasOffsets ? offsets[slot] : 0 }

    /// Stores a prepared vector in a slot.
    func write(_ query: borrowing PreparedVector, slot: UInt32) {
        unsafe code(slot).update(from: query.stored, count: stride)
        scales[slot] = query.scale
        if hasOffsets { offsets[slot] = query.halfSquaredLength }
        if hasResiduals {
            unsafe residual(slot).update(from: query.residual, count: stride)
            residualScales[slot] = query.residualScale
        }
    }

    /// Copies a vector from another arena of the same shape.
    func copy(_ source: UInt32, of other: borrowing CodeArena, to slot: UInt32) {
        unsafe code(slot).update(from: other.code(source), count: stride)
        scales[slot] = other.scales[source]
        if hasOffsets { offsets[slot] = other.offsets[source] }
        if hasResiduals {
            unsafe residual(slot).update(from: other.residual(source), count: stride)
            residualScales[slot] = other.residualScales[source]
        }
    }

    /// Bytes of memory for one node.
    var bytesPerNode: Int {
        stride + 4 + (hasOffsets ? 4 : 0) + (hasResiduals ? stride + 4 : 0)
    }
}
