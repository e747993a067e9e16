/// What a colour means; a theme says how it looks.
public enum Role: UInt8, Sendable, Hashable, CaseIterable {
    /// The canvas behind everything.
    case background
    /// The background of bars: header, tabs, hints.
    case bar
    /// The background of dialogs and overlays.
    case overlay
    /// The background of the selected row.
    case selection
    /// Ordinary text.
    case text
    /// Text that may be skipped: units, ages, hints.
    case muted
    /// What has the focus, keys, links.
    case accent
    /// Lines and boxes.
    case border
    /// The box that has the focus.
    case borderFocused
    /// Titles of boxes and columns.
    case title
    /// Names of things: principals, tenants.
    case identifier
    /// Text on a coloured badge.
    case badgeText
    /// An allowed decision.
    case allow
    /// A denied decision.
    case deny
    /// A decision that depends on a condition.
    case conditional
    /// All is well.
    case good
    /// Needs a look.
    case warning
    /// Severity high: between warning and critical.
    case high
    /// Needs action now.
    case critical
    /// First series of a chart.
    case graph1
    /// Second series of a chart.
    case graph2
    /// Third series of a chart.
    case graph3
    /// Fourth series of a chart.
    case graph4
    /// The peak's mark in a chart.
    case peak

    /// Whether the role paints backgrounds; such roles are not lifted in contrast.
    public var isBackground: Bool {
        switch self {
        case .background, .bar, .overlay, .selection: true
        default: false
        }
    }

    /// Whether the role draws lines and areas, for which a contrast of 3:1 is enough.
    public var isLine: Bool {
        switch self {
        case .border, .borderFocused, .graph1, .graph2, .graph3, .graph4, .peak: true
        default: false
        }
    }
}
