/// How many colours a terminal shows.
public enum ColorDepth: String, Sendable, Hashable, CaseIterable {
    /// None: bold, dim, underline and reverse only.
    case mono
    /// The terminal's own eight or sixteen.
    case ansi16 = "16"
    /// The xterm palette.
    case indexed256 = "256"
    /// Red, green and blue, eight bits each.
    case truecolor
}

/// A colour as a terminal is told it.
public enum TerminalColor: Sendable, Hashable {
    /// The terminal's default.
    case terminalDefault
    /// An entry of the terminal's palette.
    case indexed(UInt8)
    /// An exact colour.
    case rgb(RGB)
}

/// A style as a terminal is told it.
public struct ResolvedStyle: Sendable, Hashable {
    /// Colour of the strokes.
    public let foreground: TerminalColor
    /// Colour behind.
    public let background: TerminalColor
    /// Bold and the like.
    public let attributes: Attributes
}

/// A theme made ready for a terminal's colour depth; resolving a style is two table look-ups.
public struct Palette: Sendable, Hashable {
    /// The theme's name.
    public let themeName: String
    /// How many colours are used.
    public let depth: ColorDepth
    private let theme: Theme
    private let roles: [TerminalColor]
    private let heat: [TerminalColor]

    /// The theme for this colour depth.
    public init(_ theme: Theme, depth: ColorDepth) {
        themeName = theme.name
        self.theme = theme
        let depth = theme.usesTerminalColors && depth != .mono ? .ansi16 : depth
        self.depth = depth
        roles = Role.allCases.map { role in
            switch depth {
            case .mono: .terminalDefault
            case .ansi16: Palette.ansi(role)
            case .indexed256: .indexed(XtermPalette.nearest(to: theme.color(of: role)))
            case .truecolor: .rgb(theme.color(of: role))
            }
        }
        heat = theme.heat.indices.map { step in
            switch depth {
            case .mono: .terminalDefault
            case .ansi16: .indexed([4, 6, 2, 3, 1][step * 5 / theme.heat.count])
            case .indexed256: .indexed(XtermPalette.nearest(to: theme.heat[step]))
            case .truecolor: .rgb(theme.heat[step])
            }
        }
    }

    /// What the terminal is told for a style.
    public func resolve(_ style: Style) -> ResolvedStyle {
        var attributes = style.attributes
        var foreground = color(style.foreground)
        if depth == .mono || depth == .ansi16 {
            attributes.formUnion(standIn(for: style))
            // Reversed, each colour would be a patch of its own behind the text.
            if case .role(.selection) = style.background.kind { foreground = .terminalDefault }
        }
        return ResolvedStyle(
            foreground: foreground, background: color(style.background), attributes: attributes)
    }

    private func color(_ paint: Paint) -> TerminalColor {
        switch paint.kind {
        case .unchanged, .terminalDefault: .terminalDefault
        case .role(let role): roles[Int(role.rawValue)]
        case .heat(let step): heat[min(step, heat.count - 1)]
        case .rgb(let color):
            switch depth {
            case .mono: .terminalDefault
            case .ansi16: .indexed(XtermPalette.nearestBasic(to: color))
            case .indexed256: .indexed(XtermPalette.nearest(to: color))
            case .truecolor: .rgb(color)
            }
        }
    }

    /// Attributes that say what colours cannot say at this depth.
    private func standIn(for style: Style) -> Attributes {
        var attributes: Attributes = []
        switch style.background.kind {
        case .role(.selection): attributes.insert(.reverse)
        case .role(let role) where !role.isBackground && depth == .mono: attributes.insert(.reverse)
        default: break
        }
        switch style.foreground.kind {
        // Dimmed text on a reversed row would be a patch as well.
        case .role(.muted), .role(.border): if !attributes.contains(.reverse) { attributes.insert(.dim) }
        case .role(.critical), .role(.title): attributes.insert(.bold)
        case .role(.accent) where depth == .mono: attributes.insert(.bold)
        default: break
        }
        return attributes
    }

    /// The terminal's own colour of a role; only 0 to 7, since some terminals have no more.
    private static func ansi(_ role: Role) -> TerminalColor {
        switch role {
        case .background, .bar, .overlay, .selection, .text, .muted, .border, .title: .terminalDefault
        case .badgeText: .indexed(0)
        case .accent, .borderFocused, .graph1: .indexed(4)
        case .identifier, .graph3: .indexed(6)
        case .allow, .good, .graph4: .indexed(2)
        case .deny, .critical: .indexed(1)
        case .conditional, .graph2: .indexed(5)
        case .warning, .high, .peak: .indexed(3)
        }
    }
}

/// The fixed part of xterm's 256 colours; the first sixteen belong to the user and are never chosen.
enum XtermPalette {
    /// The colours 16 to 255.
    static let colors: [RGB] = {
        let levels: [UInt8] = [0, 95, 135, 175, 215, 255]
        var colors: [RGB] = []
        for red in levels {
            for green in levels {
                for blue in levels { colors.append(RGB(red: red, green: green, blue: blue)) }
            }
        }
        for step in 0..<24 {
            let level = UInt8(8 + 10 * step)
            colors.append(RGB(red: level, green: level, blue: level))
        }
        return colors
    }()

    private static let places = colors.map { OKLab($0) }
    private static let basicPlaces = [
        0x000000, 0xCD0000, 0x00CD00, 0xCDCD00, 0x0000EE, 0xCD00CD, 0x00CDCD, 0xE5E5E5,
    ].map { OKLab(RGB(red: UInt8($0 >> 16), green: UInt8($0 >> 8 & 0xFF), blue: UInt8($0 & 0xFF))) }

    /// The entry, 16 to 255, nearest in OKLab.
    static func nearest(to color: RGB) -> UInt8 {
        UInt8(16 + index(of: OKLab(color), in: places))
    }

    /// The entry, 0 to 7, nearest in OKLab.
    static func nearestBasic(to color: RGB) -> UInt8 {
        UInt8(index(of: OKLab(color), in: basicPlaces))
    }

    private static func index(of target: OKLab, in places: [OKLab]) -> Int {
        var best = (index: 0, distance: Double.infinity)
        for (index, place) in places.enumerated() {
            let distance = place.squaredDistance(to: target)
            if distance < best.distance { best = (index, distance) }
        }
        return best.index
    }
}
