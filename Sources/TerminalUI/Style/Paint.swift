/// A colour as a drawing names it: a role, a place on the heat ramp, or exact red, green, blue.
public struct Paint: Sendable, Hashable {
    /// Kind in the upper byte, value in the lower three: four bytes, since every cell holds two.
    let code: UInt32

    private init(kind: UInt32, value: UInt32) {
        code = kind << 24 | value
    }

    /// Keeps what the cell already has.
    public static let unchanged = Paint(kind: 0, value: 0)
    /// The terminal's own default colour.
    public static let terminalDefault = Paint(kind: 4, value: 0)

    /// The colour of a role.
    public static func role(_ role: Role) -> Paint {
        Paint(kind: 1, value: UInt32(role.rawValue))
    }

    /// A place on the heat ramp: 0 is cold, 1 is hot.
    public static func heat(_ share: Double) -> Paint {
        let bounded = share.isNaN ? 0 : min(max(share, 0), 1)
        return Paint(kind: 2, value: UInt32((bounded * Double(heatSteps - 1)).rounded()))
    }

    /// An exact colour.
    public static func rgb(_ color: RGB) -> Paint {
        Paint(kind: 3, value: UInt32(color.red) << 16 | UInt32(color.green) << 8 | UInt32(color.blue))
    }

    /// Steps of the heat ramp.
    public static let heatSteps = 64

    /// What a paint can be, to be told apart when a theme resolves it.
    public enum Kind: Sendable, Hashable {
        /// Nothing is said.
        case unchanged
        /// A role of the theme.
        case role(Role)
        /// A step of the heat ramp, 0 to 63.
        case heat(Int)
        /// An exact colour.
        case rgb(RGB)
        /// The terminal's own.
        case terminalDefault
    }

    /// Which kind of paint this is.
    public var kind: Kind {
        let value = code & 0xFF_FFFF
        switch code >> 24 {
        case 1: return .role(Role(rawValue: UInt8(truncatingIfNeeded: value)) ?? .text)
        case 2: return .heat(Int(value))
        case 3:
            return .rgb(
                RGB(
                    red: UInt8(truncatingIfNeeded: value >> 16), green: UInt8(truncatingIfNeeded: value >> 8),
                    blue: UInt8(truncatingIfNeeded: value)))
        case 4: return .terminalDefault
        default: return .unchanged
        }
    }
}

/// Bold, dim, underline and reverse, in any mixture.
public struct Attributes: OptionSet, Sendable, Hashable {
    /// One bit per attribute.
    public let rawValue: UInt8

    /// Attributes of these bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Heavier strokes.
    public static let bold = Attributes(rawValue: 1)
    /// Fainter.
    public static let dim = Attributes(rawValue: 2)
    /// A line below.
    public static let underline = Attributes(rawValue: 4)
    /// Foreground and background exchanged.
    public static let reverse = Attributes(rawValue: 8)
}

/// How text is painted.
public struct Style: Sendable, Hashable {
    /// Colour of the strokes.
    public var foreground: Paint
    /// Colour behind; `unchanged` keeps what is there, so that a selected row stays selected.
    public var background: Paint
    /// Bold and the like.
    public var attributes: Attributes

    /// A style of explicit paints.
    public init(foreground: Paint, background: Paint = .unchanged, attributes: Attributes = []) {
        self.foreground = foreground
        self.background = background
        self.attributes = attributes
    }

    /// A style of roles; without a background what is there stays.
    public init(_ foreground: Role, on background: Role? = nil, _ attributes: Attributes = []) {
        self.foreground = .role(foreground)
        self.background = background.map { .role($0) } ?? .unchanged
        self.attributes = attributes
    }

    /// Ordinary text on whatever is there.
    public static let text = Style(.text)
    /// Text that may be skipped.
    public static let muted = Style(.muted)

    /// The style with more attributes.
    public func adding(_ attributes: Attributes) -> Style {
        Style(
            foreground: foreground, background: background, attributes: self.attributes.union(attributes))
    }

    /// The style on another background.
    public func on(_ role: Role) -> Style {
        Style(foreground: foreground, background: .role(role), attributes: attributes)
    }

    /// The style laid over another: what it leaves unchanged comes from below.
    func over(_ below: Style) -> Style {
        Style(
            foreground: foreground == .unchanged ? below.foreground : foreground,
            background: background == .unchanged ? below.background : background,
            attributes: attributes)
    }
}
