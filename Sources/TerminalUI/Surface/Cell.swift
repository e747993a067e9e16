/// What stands in one cell: a character and up to two combining marks in eight bytes.
///
/// Three Unicode scalars of 21 bits fit one word, so that a surface is one flat array and comparing
/// two frames never touches a string.
public struct Glyph: Sendable, Hashable {
    let bits: UInt64

    private static let mask: UInt64 = 0x1F_FFFF

    /// A glyph of one scalar.
    public init(_ scalar: Unicode.Scalar) {
        bits = UInt64(scalar.value)
    }

    private init(bits: UInt64) { self.bits = bits }

    /// A blank.
    public static let space = Glyph(" ")
    /// The right half of a double-width character.
    public static let continuation = Glyph(bits: 0)

    /// The glyph with one more combining mark; a third mark is dropped.
    func adding(_ mark: Unicode.Scalar) -> Glyph {
        if bits >> 21 & Glyph.mask == 0 { return Glyph(bits: bits | UInt64(mark.value) << 21) }
        if bits >> 42 == 0 { return Glyph(bits: bits | UInt64(mark.value) << 42) }
        return self
    }

    /// Whether this is the right half of a double-width character.
    public var isContinuation: Bool { bits == 0 }

    /// The first scalar.
    public var base: Unicode.Scalar {
        Unicode.Scalar(UInt32(truncatingIfNeeded: bits & Glyph.mask)) ?? " "
    }

    /// The scalars, base first, then combining marks.
    public var scalars: [Unicode.Scalar] {
        if bits == 0 { return [] }
        return [bits & Glyph.mask, bits >> 21 & Glyph.mask, bits >> 42].enumerated().compactMap {
            index, value in
            index > 0 && value == 0 ? nil : Unicode.Scalar(UInt32(truncatingIfNeeded: value))
        }
    }

    /// Appends the scalars to text.
    func append(to text: inout String) {
        if bits == 0 { return }
        if bits >> 21 == 0 {
            text.unicodeScalars.append(base)
        } else {
            text.unicodeScalars.append(contentsOf: scalars)
        }
    }
}

/// One place of a surface: a glyph and its style.
public struct Cell: Sendable, Hashable {
    /// What stands there.
    public var glyph: Glyph
    /// How it is painted.
    public var style: Style

    /// A cell of this glyph and style.
    public init(_ glyph: Glyph, _ style: Style) {
        self.glyph = glyph
        self.style = style
    }
}
