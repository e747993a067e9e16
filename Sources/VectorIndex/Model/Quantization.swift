/// How small the codes are that searches walk over; what a walk finds is scored again with the exact form.
///
/// The exact form of counts is the counts, that of floats two 8-bit codes, together 16 bits a value.
public enum Quantization: String, Sendable, Hashable, CaseIterable {
    /// No smaller codes: walks compare counts, or 8-bit codes of floats.
    case none
    /// 8 bits a value with a scale for each vector; what counts and floats have anyway.
    case sq8
    /// 4 bits a value with a scale for each vector.
    case sq4
    /// A 4-bit number of a centroid for each four dimensions.
    case pq4
    /// An 8-bit number of a centroid for each eight dimensions.
    case pq8
    /// Two 8-bit numbers for each sixteen dimensions: of a centroid, and of one for what it left over.
    case pq16

    /// The names of all, for messages.
    public static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }

    /// The case with a number, as snapshots keep it.
    init?(number: UInt64) {
        guard number < Quantization.allCases.count else { return nil }
        self = Quantization.allCases[Int(number)]
    }

    /// Whether walks compare codes of their own.
    var hasOwnCodes: Bool { self != .none && self != .sq8 }

    /// Whether the codes name trained centroids.
    public var isTrained: Bool { self == .pq4 || self == .pq8 || self == .pq16 }

    /// How many different vectors there should be before such codes are made: as many as training reads.
    public var vectorsNeeded: Int { isTrained ? ProductCodebook.sampleLimit : 1 }

    /// How many dimensions one number stands for, how many centroids it may name, and how many numbers follow
    /// each other for one stretch of dimensions.
    var parts: (width: Int, entries: Int, stages: Int)? {
        switch self {
        case .none, .sq8, .sq4: nil
        case .pq4: (4, 16, 1)
        case .pq8: (8, 256, 1)
        case .pq16: (16, 256, 2)
        }
    }

    /// Bytes of one vector's code, when its dimensions are padded to `stride`.
    func codeBytes(stride: Int) -> Int {
        switch self {
        case .none, .sq8: stride
        case .sq4: stride / 2
        case .pq4, .pq8, .pq16: stride / 8
        }
    }

    /// Bytes of memory for one vector's code; nil where there is none beside the exact form.
    public func ownBytes(dimension: Int) -> Int? {
        guard hasOwnCodes else { return nil }
        // Four bits a value have a scale for each vector.
        return codeBytes(stride: CodeArena.stride(dimension: dimension)) + (self == .sq4 ? 4 : 0)
    }

    /// How many times smaller than 32-bit floats a code is.
    public func ratio(dimension: Int) -> Double {
        let stride = CodeArena.stride(dimension: dimension)
        return Double(4 * dimension) / Double(codeBytes(stride: stride))
    }
}
