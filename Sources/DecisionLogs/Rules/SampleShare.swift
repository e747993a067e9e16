/// A share of decisions, chosen by their identifiers.
///
/// Whoever asks at whatever time finds the same ones chosen: a log that is read again, another process, and the stages
/// of one event agree. A smaller share is part of a larger one.
struct SampleShare: Sendable, Hashable {
    /// The hashes below this one are chosen.
    private let bound: UInt64

    /// A share in percent, between 0 and 100; nil when it is not.
    init?(percent: Double) {
        guard percent > 0, percent < 100 else { return nil }
        bound = UInt64(percent / 100 * 0x1p64)
    }

    /// Whether the decision of an identifier is chosen.
    func holds(_ id: String) -> Bool { Self.hash(of: id) < bound }

    /// FNV-1a 64 (Fowler, Noll, Vo; draft-eastlake-fnv) over the UTF-8, then the finaliser of splitmix64 (Steele, Lea,
    /// Flood, OOPSLA 2014), without which identifiers that count up would fall close together.
    private static func hash(of id: String) -> UInt64 {
        var state: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in id.utf8 { state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        var mixed = state &+ 0x9E37_79B9_7F4A_7C15
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
