/// Eight bytes compared at once; what is found is the high bit of a byte.
struct EightBytes {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highBits: UInt64 = 0x8080_8080_8080_8080

    let word: UInt64

    init(_ word: UInt64) { self.word = word }

    init(repeating byte: UInt8) { word = EightBytes.ones &* UInt64(byte) }

    /// The bytes that are no characters of ASCII.
    var otherThanASCII: UInt64 { word & EightBytes.highBits }

    /// Capital letters of ASCII as small ones.
    var lowercased: EightBytes {
        let low = word & ~EightBytes.highBits
        let atLeastA = low &+ EightBytes.ones &* UInt64(0x80 - UInt8(ascii: "A"))
        let beyondZ = low &+ EightBytes.ones &* UInt64(0x7F - UInt8(ascii: "Z"))
        return EightBytes(word | (atLeastA & ~beyondZ & ~word & EightBytes.highBits) >> 2)
    }

    /// The bytes that are the same as those of another.
    func places(equalTo other: EightBytes) -> UInt64 {
        let difference = word ^ other.word
        let notZero = (difference & ~EightBytes.highBits) &+ ~EightBytes.highBits
        return ~(notZero | difference) & EightBytes.highBits
    }
}
