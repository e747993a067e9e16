import CVectorKernels
import Glibc

/// One vector made ready: as a signed query, as a stored code, for floats with its residual code, and, on its way
/// into an index that has them, with its smaller code.
///
/// Reused from operation to operation, so preparing allocates nothing.
@safe struct PreparedVector: ~Copyable {
    let dimension: Int
    let stride: Int
    let metric: Metric
    private let element: VectorElement
    /// Signed codes, padded with zeros.
    let signed: UnsafeMutablePointer<Int8>
    /// The same codes biased, padded with 0x80: what a slot holds.
    let stored: UnsafeMutablePointer<UInt8>
    /// The codes as a sparse block, when the layout has blocks and ``fitsBlock`` says so.
    let block: UnsafeMutablePointer<UInt8>
    private(set) var fitsBlock = false
    private let layout: CodeLayout
    /// What the codes left over, biased; floats only.
    let residual: UnsafeMutablePointer<UInt8>
    /// The vector as floats (normalised for cosine), padded with zeros; floats only.
    let floats: UnsafeMutablePointer<Float>
    /// The smaller code, once `QuantizedCodes.encode` has made it: at most half a byte a value.
    let smaller: UnsafeMutablePointer<UInt8>
    private let memory: UnsafeMutableRawPointer

    private(set) var bias: Int32 = 0
    private(set) var scale: Float = 0
    private(set) var residualScale: Float = 0
    /// What the values of the smaller code are multiples of.
    var smallerScale: Float = 0
    /// Half the squared length, when the metric is Euclidean; otherwise 0.
    private(set) var halfSquaredLength: Float = 0

    init(_ configuration: IndexConfiguration, layout: CodeLayout) {
        self.layout = layout
        dimension = configuration.dimension
        metric = configuration.metric
        element = configuration.element
        stride = CodeArena.stride(dimension: dimension)
        let bytes = stride * 7 + layout.blockBytes + stride / 2
        unsafe memory = .allocate(byteCount: bytes, alignment: 64)
        unsafe memory.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
        unsafe signed = memory.assumingMemoryBound(to: Int8.self)
        unsafe stored = (memory + stride).assumingMemoryBound(to: UInt8.self)
        unsafe residual = (memory + 2 * stride).assumingMemoryBound(to: UInt8.self)
        unsafe floats = (memory + 3 * stride).assumingMemoryBound(to: Float.self)
        unsafe block = (memory + 7 * stride).assumingMemoryBound(to: UInt8.self)
        unsafe smaller = block + layout.blockBytes
        unsafe stored.initialize(repeating: 0x80, count: stride)
        unsafe residual.initialize(repeating: 0x80, count: stride)
    }

    deinit { unsafe memory.deallocate() }

    /// What a kernel reads.
    @inline(__always)
    var query: vk_query {
        unsafe vk_query(codes: signed, length: stride, bias: bias, scale: scale, table: nil)
    }

    /// Prepares counts times a scale; for cosine the scale follows from the counts.
    mutating func load(counts: Span<Int8>, scale given: Float) throws(IndexError) {
        guard counts.count == dimension else { throw .dimension(expected: dimension, found: counts.count) }
        guard given.isFinite else { throw .notFinite }
        var sum: Int32 = 0
        var squares: Int32 = 0
        for index in 0..<dimension {
            let count = counts[index]
            unsafe signed[index] = count
            unsafe stored[index] = UInt8(bitPattern: count) ^ 0x80
            sum &+= Int32(count)
            squares &+= Int32(count) &* Int32(count)
        }
        bias = sum &* 128
        residualScale = 0
        if metric == .cosine {
            guard squares > 0 else { throw .zeroVector }
            scale = Float(1 / Double(squares).squareRoot())
        } else {
            scale = given
        }
        halfSquaredLength = metric == .euclidean ? Float(squares) * scale * scale / 2 : 0
        // Smaller codes have scales up to the largest value.
        guard halfSquaredLength.isFinite, (scale * 127).isFinite else { throw .notFinite }
        pack()
    }

    /// Makes the sparse block of the codes.
    private mutating func pack() {
        guard case .sparse(let bytes) = layout else { return }
        fitsBlock = unsafe vk_sparse_pack(signed, stride, scale, block, bytes) != 0
    }

    /// A hash of the vector within what `seed` stands for.
    func hash(seed: UInt64) -> UInt64 {
        let seed = seed | UInt64(scale.bitPattern)
        return fitsBlock
            ? unsafe vk_hash(seed, block, layout.blockBytes) : unsafe vk_hash(seed, stored, stride)
    }

    /// Prepares floats: an 8-bit code with the vector's own scale, and a second one of what it left over.
    ///
    /// The scale is that by which the product of code and vector is right, not the step that the values were rounded
    /// by: what is left over stands at right angles to the vector then, and hardly counts among near ones (J. Gao, C.
    /// Long, *RaBitQ*, 2024). Where many values are one and the same they are all rounded alike, and the errors of a
    /// product would add up: of near-copies the first code alone ranks 0.997 of the nearest right instead of 0.93, of
    /// decisions 0.989 instead of 0.967.
    mutating func load(floats vector: Span<Float>) throws(IndexError) {
        guard vector.count == dimension else { throw .dimension(expected: dimension, found: vector.count) }
        let squares = PreparedVector.squaredLength(vector)
        guard squares.isFinite else { throw .notFinite }
        if metric == .cosine && squares <= 0 { throw .zeroVector }
        let factor = metric == .cosine ? Float(1 / squares.squareRoot()) : 1
        guard factor.isFinite else { throw .notFinite }
        // Numbers without sign are in order as their bits are, of which several are compared at once.
        var largestBits: UInt32 = 0
        for index in 0..<dimension {
            let value = vector[index] * factor
            unsafe floats[index] = value
            largestBits = max(largestBits, value.magnitude.bitPattern)
        }
        loadCodes(largest: Float(bitPattern: largestBits))
        guard (scale * 127).isFinite else { throw .notFinite }
        halfSquaredLength = metric == .euclidean ? Float(squares / 2) : 0
        guard halfSquaredLength.isFinite else { throw .notFinite }
        pack()
    }

    /// A sum of four, since one would wait for itself at each value.
    private static func squaredLength(_ vector: Span<Float>) -> Double {
        var sums = (0.0, 0.0, 0.0, 0.0)
        var index = 0
        while index &+ 4 <= vector.count {
            let (a, b) = (Double(vector[index]), Double(vector[index &+ 1]))
            let (c, d) = (Double(vector[index &+ 2]), Double(vector[index &+ 3]))
            sums = (sums.0 + a * a, sums.1 + b * b, sums.2 + c * c, sums.3 + d * d)
            index &+= 4
        }
        var rest = 0.0
        while index < vector.count {
            rest += Double(vector[index]) * Double(vector[index])
            index &+= 1
        }
        return sums.0 + sums.1 + (sums.2 + sums.3) + rest
    }

    /// Makes both codes of the floats, the largest of which is given.
    private mutating func loadCodes(largest: Float) {
        // The smallest normal number bounds the step, so that its inverse is finite.
        let step = max(largest / 127, Float.leastNormalMagnitude * 256)
        let inverse = 1 / step
        var sum: Int32 = 0
        var codeSquares: Int32 = 0
        var codeRests: Int32 = 0
        var restSquares: Int32 = 0
        for index in 0..<dimension {
            let value = unsafe floats[index] * inverse
            let code = RoundedValue(value)
            unsafe signed[index] = code.code
            unsafe stored[index] = UInt8(bitPattern: code.code) ^ 0x80
            sum &+= Int32(code.code)
            codeSquares &+= Int32(code.code) &* Int32(code.code)
            // Whole 256ths: sums of them wait for nothing.
            let rest = RoundedValue((value - code.value) * 256).whole
            codeRests &+= Int32(code.code) &* rest
            restSquares &+= rest &* rest
        }
        bias = sum &* 128
        let along = Float(codeSquares) + Float(codeRests) / 256
        let longer = along > 0 ? (Float(codeRests) / 256 + Float(restSquares) / 65_536) / along : 0
        // One great value among many small ones would else leave much of itself over.
        let change = max(-PreparedVector.mostChange, min(PreparedVector.mostChange, longer))
        scale = step * (1 + change)
        // What is left over is half a step at most, and what the largest code has more or less by the change.
        residualScale = step * (0.5 + 127 * abs(change)) / 127
        let residualInverse = 1 / residualScale
        for index in 0..<dimension {
            let rest = unsafe (floats[index] - Float(signed[index]) * scale) * residualInverse
            unsafe residual[index] = UInt8(bitPattern: RoundedValue(max(-127, min(127, rest))).code) ^ 0x80
        }
    }

    /// By how much the scale may differ from the step: the largest code then leaves a step and a half over.
    private static let mostChange: Float = 1 / 127

    /// Takes a stored vector as the query.
    mutating func load(_ slot: UInt32, of arena: borrowing CodeArena, _ kernel: Kernel) {
        bias = unsafe arena.unpack(slot, into: signed, kernel) &* 128
        for index in 0..<stride { unsafe stored[index] = UInt8(bitPattern: signed[index]) ^ 0x80 }
        scale = arena.scale(slot)
        halfSquaredLength = arena.offset(slot)
        pack()
        guard arena.hasResiduals else { return }
        residualScale = arena.residualScales[slot]
        for index in 0..<stride {
            let code = unsafe arena.residual(slot)[index]
            unsafe residual[index] = code
            unsafe floats[index] =
                Float(signed[index]) * scale + Float(Int8(bitPattern: code ^ 0x80)) * residualScale
        }
    }

    /// Writes the vector as `stride` floats: counts times the scale, or the floats.
    @unsafe func writeFloats(to values: UnsafeMutablePointer<Float>) {
        guard element == .counts else {
            unsafe values.update(from: floats, count: stride)
            return
        }
        for index in 0..<stride { unsafe values[index] = Float(signed[index]) * scale }
    }

    /// The length of what the first code left over, of a vector of floats; costs a look at each value.
    var codeError: Float {
        var squares: Float = 0
        for index in 0..<dimension {
            let rest = unsafe floats[index] - Float(signed[index]) * scale
            squares += rest * rest
        }
        return squares.squareRoot()
    }

    /// The sum of the values of a vector of floats, without their signs; costs a look at each.
    var absoluteSum: Float {
        var sum: Float = 0
        for index in 0..<dimension { sum += unsafe abs(floats[index]) }
        return sum
    }

    /// The score as the metric defines it, from what the kernels compute.
    @inline(__always)
    func presented(_ score: Float) -> Float { presentation(score) }

    /// How scores are presented, to be asked for once where many are.
    var presentation: ScorePresentation {
        ScorePresentation(isEuclidean: metric == .euclidean, halfSquaredLength: halfSquaredLength)
    }
}

/// Makes of a score that the kernels compute the one that a metric defines.
struct ScorePresentation {
    let isEuclidean: Bool
    let halfSquaredLength: Float

    @inline(__always)
    func callAsFunction(_ score: Float) -> Float { isEuclidean ? 2 * (score - halfSquaredLength) : score }

    /// A score as the kernels compute it that is presented as the given one, or a hair below.
    @inline(__always)
    func score(_ presented: Float) -> Float {
        guard isEuclidean, presented.isFinite else { return presented }
        let score = presented / 2 + halfSquaredLength
        // What is presented was rounded where the squared length is, however small the score.
        return score - (abs(score) + halfSquaredLength) * 1e-6
    }
}

/// A value of a few millions at most rounded to a whole number, ties to even; as a code one of -127...127.
///
/// One and a half times 2^23 leaves no room for a fraction: the sum's low bits are the whole number. A search loads
/// its vector this way, and several values are done at once, which a call to round is not.
private struct RoundedValue {
    private static let shift: Float = 12_582_912
    private let shifted: Float

    @inline(__always)
    init(_ value: Float) { shifted = value + RoundedValue.shift }

    @inline(__always)
    var value: Float { shifted - RoundedValue.shift }
    @inline(__always)
    var code: Int8 { Int8(truncatingIfNeeded: shifted.bitPattern) }
    @inline(__always)
    var whole: Int32 { Int32(bitPattern: shifted.bitPattern &- RoundedValue.shift.bitPattern) }
}
