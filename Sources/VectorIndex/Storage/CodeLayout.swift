internal import CVectorKernels

/// How the 8-bit codes of vectors lie in memory.
///
/// An embedded decision sets about 26 of its 384 dimensions, so a sparse block of one cache line holds it
/// where a dense code takes six; a walk waits for memory more than for arithmetic. Measured at 100,000
/// vectors on two busy cores (Zen 3, AVX2): 22 ns a comparison instead of 66, the same answers. The layout
/// of the block is told in `sparse.c`.
enum CodeLayout: Equatable {
    case dense
    /// Blocks of 64 or 128 bytes, and a dense overflow for vectors that do not fit.
    case sparse(blockBytes: Int)

    /// The longest code whose positions fit two bytes of a block.
    static let longestSparse = 512

    /// The layout of an element: counts are sparse, of foreign floats nothing is known.
    init(_ configuration: IndexConfiguration) {
        let stride = CodeArena.stride(dimension: configuration.dimension)
        let isSparse = configuration.element == .counts && stride <= CodeLayout.longestSparse
        self = isSparse ? .sparse(blockBytes: 64) : .dense
    }

    /// The layout for float vectors that are known: sparse if a sample of them nearly all fits.
    init(_ configuration: IndexConfiguration, suiting vectors: VectorFile) {
        self.init(configuration)
        let stride = CodeArena.stride(dimension: configuration.dimension)
        guard configuration.element == .floats, stride <= CodeLayout.longestSparse, vectors.count > 0 else {
            return
        }
        let step = max(1, vectors.count / CodeLayout.sampleSize)
        var asked = 0
        var fitting = 0
        for number in Swift.stride(from: 0, to: vectors.count, by: step) {
            let values = vectors.withVector(number) { vector in
                vector.indices.reduce(0) { $0 + (vector[$1] != 0 ? 1 : 0) }
            }
            asked += 1
            fitting += values <= CodeLayout.longBlockValues ? 1 : 0
        }
        if fitting * 100 >= asked * 99 { self = .sparse(blockBytes: 128) }
    }

    private static let sampleSize = 1_000
    /// How many values a block of 128 bytes surely holds, however their positions are spread.
    private static let longBlockValues = 56

    /// Bytes of a block; 0 when codes are dense.
    var blockBytes: Int {
        switch self {
        case .dense: 0
        case .sparse(let bytes): bytes
        }
    }
}

/// The vectors that do not fit their sparse blocks, dense.
struct CodeOverflow: ~Copyable {
    /// Which places are taken; a class, so that the arena itself never changes.
    private final class Places {
        var count = 0
        var free: [UInt32] = []
    }

    let stride: Int
    let codes: ReservedArray<UInt8>
    private let places = Places()

    init(stride: Int, capacity: Int) throws(IndexError) {
        self.stride = stride
        codes = try ReservedArray(capacity: capacity * stride, part: "overflow")
    }

    /// How many places were ever taken.
    var count: Int { places.count }

    @inline(__always)
    @unsafe func code(_ place: UInt32) -> UnsafeMutablePointer<UInt8> {
        unsafe codes.base + Int(place) * stride
    }

    /// A place to write to.
    func take() -> UInt32 {
        if let place = places.free.popLast() { return place }
        places.count += 1
        return UInt32(places.count - 1)
    }

    func giveBack(_ place: UInt32) { places.free.append(place) }

    /// Takes over places that a file brought; those that no node has are used again.
    func adopt(isTaken: [Bool]) {
        places.count = isTaken.count
        places.free = isTaken.indices.filter { !isTaken[$0] }.map { UInt32($0) }
    }
}
