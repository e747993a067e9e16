extension Interner {
    /// Looks for a fragment in all values at once; a mark for each number says whether it is in its value.
    ///
    /// Goes over the arena eight bytes at a time, looking for the fragment's first.
    func marks(of fragment: Fragment) -> [Bool] {
        guard let first = fragment.bytes.first else { return [Bool](repeating: true, count: count) }
        var marks = [Bool](repeating: false, count: count)
        let arena = arena.span
        var number = 0
        var start = 0
        var asked = -1
        /// Looks closer at a place where a value may have it.
        func look(at place: Int) {
            while Int(ends[number]) <= place {
                start = Int(ends[number])
                number += 1
            }
            if marks[number] || asked == number { return }
            let value = arena.extracting(start..<Int(ends[number]))
            if arena[place] >= 0x80 {
                // Letters that are not of ASCII have capitals of their own.
                asked = number
                marks[number] = fragment.occurs(in: value)
            } else {
                marks[number] = fragment.stands(at: place - start, of: value)
            }
        }
        let pattern = EightBytes(repeating: first)
        let whole = arena.count & ~7
        unsafe arena.withUnsafeBytes { bytes in
            for offset in stride(from: 0, to: whole, by: 8) {
                let word = EightBytes(
                    UInt64(littleEndian: unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
                var places = word.lowercased.places(equalTo: pattern) | word.otherThanASCII
                while places != 0 {
                    look(at: offset + places.trailingZeroBitCount >> 3)
                    places &= places - 1
                }
            }
        }
        for place in whole..<arena.count { look(at: place) }
        return marks
    }
}

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
