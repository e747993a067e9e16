/// A small seeded random generator, the same on every machine and in every release.
///
/// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014,
/// figure 16). The standard library's distributions may change, so the draws are made here.
public struct SeededRandom: Sendable, RandomNumberGenerator {
    private var state: UInt64

    /// Creates a generator.
    public init(seed: UInt64) { state = seed }

    /// The next 64 random bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Self.mix(state)
    }

    /// Scatters the bits of a number; equal numbers give equal results.
    static func mix(_ value: UInt64) -> UInt64 {
        var mixed = value
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to, not including, `bound`.
    mutating func below(_ bound: Int) -> Int {
        precondition(bound > 0, "a draw needs at least one outcome")
        return Int(next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// One of the elements.
    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[below(elements.count)]
    }

    /// Whether an event with a chance in a thousand happens.
    mutating func chance(perMille: Int) -> Bool { below(1_000) < perMille }

    /// A multiplier in 1/1024 with a long tail: median about 1, one in 64 above 8.
    mutating func longTail() -> Int {
        let bits = next()
        let tail = min((bits >> 32).trailingZeroBitCount / 2, 5)
        return (640 + Int(bits & 1_023)) << tail
    }
}
