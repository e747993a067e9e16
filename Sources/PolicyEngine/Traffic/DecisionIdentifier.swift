internal import Decisions

/// Makes identifiers that sort by second and never repeat within a run: `d-` and eleven characters.
struct DecisionIdentifier: Sendable {
    // Crockford's alphabet: no I, L, O or U to confuse.
    private static let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)
    private let salt: UInt64
    private var count: UInt64 = 0
    private var bytes: [UInt8]

    init(seed: UInt64) {
        salt = SeededRandom.mix(seed)
        bytes = Array("d-00000000000".utf8)
    }

    /// The next identifier, for a decision at a time: 30 bits of seconds since 2020, 25 of a count.
    mutating func next(at time: Timestamp) -> String {
        let seconds = UInt64(bitPattern: time.seconds &- 1_577_836_800) & 0x3FFF_FFFF
        // An odd multiplier permutes the 25-bit numbers, so that no two counts give one tail.
        let tail = (count &* 0x01F1_2D93 &+ salt) & 0x01FF_FFFF
        count += 1
        var value = seconds << 25 | tail
        for place in (2..<13).reversed() {
            bytes[place] = Self.alphabet[Int(value & 31)]
            value >>= 5
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
