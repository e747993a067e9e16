/// The hash of one token, fed piece by piece.
///
/// FNV-1a 64 (Fowler, Noll, Vo; draft-eastlake-fnv) over the UTF-8 of `name=value`, then the finaliser of
/// splitmix64 (Steele, Lea, Flood: "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014). Hashing
/// with a sign is feature hashing after Weinberger et al., ICML 2009.
struct TokenHash: TokenBuilder {
    private var state: UInt64 = 0xCBF2_9CE4_8422_2325

    /// The hash of a text that is no token of an embedding.
    init() {}

    init(_ kind: TokenKind) {
        add(kind.rawValue)
        add(UInt8(ascii: "="))
    }

    mutating func separate() { add(0x1F) }

    @inline(__always)
    mutating func add(_ byte: UInt8) {
        state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
    }

    /// The finished hash.
    var value: UInt64 {
        var mixed = state &+ 0x9E37_79B9_7F4A_7C15
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// The dimension the token falls on.
    static func slot(_ hash: UInt64) -> Int { Int(hash % UInt64(Embedding.dimension)) }

    /// Whether the token counts down.
    static func isNegative(_ hash: UInt64) -> Bool { hash >> 63 == 1 }
}
