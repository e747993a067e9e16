/// Colours by meaning: what roles, heat ramp and exact colours look like on a terminal.
public struct Theme: Sendable, Hashable {
    /// The name it is chosen by.
    public let name: String
    /// Dark or light.
    public let variant: Scheme.Variant
    /// Whether the terminal's own 16 colours are used in place of these.
    public let usesTerminalColors: Bool
    /// One colour per role, in the order of `Role`.
    let colors: [RGB]
    /// Colours from cold to hot.
    let heat: [RGB]

    /// The least contrast of text with every background it is drawn on.
    public static let textContrast = 4.5
    /// The least contrast of lines and graphs with the background.
    public static let lineContrast = 3.0

    /// The theme of a scheme; colours too close to the background are lifted until they can be read.
    public init(name: String, scheme: Scheme) {
        self.init(name: name, scheme: scheme, usesTerminalColors: false)
    }

    private init(name: String, scheme: Scheme, usesTerminalColors: Bool) {
        self.name = name
        self.usesTerminalColors = usesTerminalColors
        let palette = scheme.palette
        let background = palette[0x0]
        // The variant is a label; which way to lift is decided by the colours themselves.
        let lighter = background.luminance < 0.18
        variant = lighter ? .dark : .light
        let bar = Theme.bounded(palette[0x1], near: background, ratio: 1.35)
        let overlay = Theme.bounded(palette[0x1], near: background, ratio: 1.25)
        let selection = Theme.selection(palette[0x2], on: background, text: palette[0x5])
        let grounds = [background, bar, overlay, selection]
        let red = Theme.red(of: palette)
        var colors = [RGB](repeating: palette[0x5], count: Role.allCases.count)
        for role in Role.allCases {
            let color: RGB
            switch role {
            case .background: color = background
            case .bar: color = bar
            case .overlay: color = overlay
            case .selection: color = selection
            case .badgeText: color = background
            default:
                let base = Theme.base(of: role, palette, red)
                color = base.lifted(
                    against: role.isLine ? [background, overlay] : grounds,
                    to: role.isLine ? Theme.lineContrast : Theme.textContrast, lighter: lighter)
            }
            colors[Int(role.rawValue)] = color
        }
        self.colors = colors
        heat = Theme.heatRamp(
            background: background,
            stops: [palette[0xD], palette[0xA], red].map {
                $0.lifted(against: [background], to: Theme.lineContrast, lighter: lighter)
            })
    }

    /// The terminal's own 16 colours; pictures outside a terminal use a plain dark palette.
    public static let terminal = Theme(name: "terminal", scheme: .plainDark, usesTerminalColors: true)

    /// The colour of a role.
    public func color(of role: Role) -> RGB {
        colors[Int(role.rawValue)]
    }

    /// The colour of a paint; nil where nothing or the terminal's default is meant.
    public func color(of paint: Paint) -> RGB? {
        switch paint.kind {
        case .unchanged, .terminalDefault: nil
        case .role(let role): color(of: role)
        case .heat(let step): heat[min(step, heat.count - 1)]
        case .rgb(let color): color
        }
    }

    /// What a role starts from; what warns is red and nearly red, also where a scheme has other colours
    /// in those places.
    private static func base(of role: Role, _ palette: [RGB], _ red: RGB) -> RGB {
        let color = palette[source(of: role)]
        switch role {
        case .deny, .critical: return red
        case .high: return color.redness > 0 ? color : red.mixed(with: palette[0x5], share: 0.4)
        default: return color
        }
    }

    /// The scheme's red: base08, and where that is none the reddest of those that are one elsewhere.
    private static func red(of palette: [RGB]) -> RGB {
        let usual = palette[0x8]
        if usual.redness >= leastRedness { return usual }
        return [0x9, 0xF, 0x12].map { palette[$0] }.reduce(usual) { $1.redness > $0.redness ? $1 : $0 }
    }

    /// Under this much more red than green and blue a colour is not seen as red.
    private static let leastRedness = 40.0

    /// Which colour of the scheme a role starts from (Base16 styling guide 0.4.2).
    private static func source(of role: Role) -> Int {
        switch role {
        case .background, .badgeText: 0x0
        case .bar, .overlay: 0x1
        case .selection: 0x2
        case .border: 0x3
        case .muted: 0x4
        case .text: 0x5
        case .title: 0x5
        case .accent, .borderFocused, .graph1: 0xD
        case .identifier, .graph3: 0xC
        case .allow, .good, .graph4: 0xB
        case .deny, .critical: 0x8
        case .conditional, .graph2: 0xE
        case .warning, .peak: 0xA
        case .high: 0x9
        }
    }

    /// A neighbouring background, drawn back toward the main one where it stands out too far.
    private static func bounded(_ color: RGB, near background: RGB, ratio: Double) -> RGB {
        var color = color
        for _ in 0..<64 where color.contrast(with: background) > ratio {
            color = color.mixed(with: background, share: 0.1)
        }
        return color
    }

    /// The selection's background: seen against the main one, and never so far that text is lost on it.
    private static func selection(_ color: RGB, on background: RGB, text: RGB) -> RGB {
        var color = bounded(color, near: background, ratio: 1.9)
        for _ in 0..<64 where color.contrast(with: background) < 1.25 {
            color = color.mixed(with: text, share: 0.05)
        }
        return color
    }

    private static func heatRamp(background: RGB, stops: [RGB]) -> [RGB] {
        let points = [background.mixed(with: stops[0], share: 0.35)] + stops
        return (0..<Paint.heatSteps).map { step in
            let place = Double(step) / Double(Paint.heatSteps - 1) * Double(points.count - 1)
            let index = min(Int(place), points.count - 2)
            return points[index].mixed(with: points[index + 1], share: place - Double(index))
        }
    }
}

extension Scheme {
    /// What a terminal's own colours are drawn as where there is no terminal.
    static let plainDark: Scheme = {
        let colors: [UInt32] = [
            0x181818, 0x282828, 0x383838, 0x585858, 0xb8b8b8, 0xd8d8d8, 0xe8e8e8, 0xf8f8f8,
            0xd75f5f, 0xd78700, 0xd7af00, 0x87af5f, 0x5fafaf, 0x5f87d7, 0xaf87af, 0xa16946,
        ]
        let palette = colors.map {
            RGB(red: UInt8($0 >> 16), green: UInt8($0 >> 8 & 0xFF), blue: UInt8($0 & 0xFF))
        }
        return Scheme(validName: "terminal", author: "", variant: .dark, sixteen: palette)
    }()

    private init(validName: String, author: String, variant: Variant, sixteen palette: [RGB]) {
        self.name = validName
        self.author = author
        self.variant = variant
        self.palette = palette + [0x0, 0x0, 0x8, 0xA, 0xB, 0xC, 0xD, 0xE].map { palette[$0] }
    }
}
