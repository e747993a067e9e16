internal import CVectorKernels

/// A family of instructions that distances are computed with.
public enum KernelLevel: Int32, Sendable, CaseIterable {
    /// Plain C: the reference.
    case scalar = 0
    /// 256-bit integers of x86-64.
    case avx2 = 1
    /// 512-bit byte products of x86-64.
    case avx512VNNI = 2
    /// The same with permutations of bytes, which look up sparse blocks.
    case avx512VBMI = 4
    /// 128-bit integers of ARM.
    case neon = 3

    /// The name shown in statistics and accepted by commands.
    public var name: String {
        switch self {
        case .scalar: "scalar"
        case .avx2: "avx2"
        case .avx512VNNI: "avx512-vnni"
        case .neon: "neon"
        case .avx512VBMI: "avx512-vbmi"
        }
    }

    /// The level with a name, if there is one.
    public init?(name: String) {
        guard let level = KernelLevel.allCases.first(where: { $0.name == name }) else { return nil }
        self = level
    }

    /// Whether this processor can run the level.
    public var isAvailable: Bool { unsafe vk_kernels_for(rawValue) != nil }

    /// The fastest level of this processor.
    public static var best: KernelLevel { KernelLevel(rawValue: vk_best_level()) ?? .scalar }
}
