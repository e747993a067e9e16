/// One entry of a line of tabs.
public struct Tab: Sendable, Hashable {
    /// The key that opens it.
    public var key: String
    /// Its name.
    public var title: String
    /// A count shown beside it, empty for none.
    public var badge: String
    /// Whether it can be opened.
    public var isEnabled: Bool

    /// A tab.
    public init(key: String, title: String, badge: String = "", isEnabled: Bool = true) {
        self.key = key
        self.title = title
        self.badge = badge
        self.isEnabled = isEnabled
    }
}

/// A line of tabs that shortens its names where there is little room.
public struct TabsLine: Widget {
    /// The tabs, left to right.
    public var tabs: [Tab]
    /// The number of the open one.
    public var selected: Int
    /// What stands at the right end.
    public var trailing: Line

    /// A line of tabs.
    public init(tabs: [Tab], selected: Int, trailing: Line = .empty) {
        self.tabs = tabs
        self.selected = selected
        self.trailing = trailing
    }

    /// Draws into the rectangle.
    public func draw(in rect: Rect, on surface: inout Surface) {
        let line = rect.row(0)
        surface.fill(line, style: Style(.text, on: .bar))
        for (shown, place) in places(in: rect) {
            let tab = tabs[shown.tab]
            let isOpen = shown.tab == selected
            var style = Style(isOpen ? .accent : tab.isEnabled ? .text : .muted)
            if isOpen { style = style.on(.selection).adding(.bold) }
            if isOpen { surface.fill(place, style: style) }
            var x = place.x + 1
            x += surface.draw(tab.key, at: Point(x: x, y: place.y), style: isOpen ? style : Style(.muted))
            x += surface.draw(shown.title, at: Point(x: x, y: place.y), style: style)
            if shown.hasBadge {
                // As a plain dot it would read as the point of a decimal.
                let sign = surface.glyphs == .ascii ? ":" : "·"
                surface.draw(sign + tab.badge, at: Point(x: x, y: place.y), style: Style(.critical, .bold))
            }
        }
        let used = places(in: rect).last?.rect.endX ?? line.x
        if used + trailing.displayWidth + 1 <= line.endX {
            surface.draw(trailing, in: line.inset(right: 1), alignment: .right)
        }
    }

    /// Which tab lies at a column; nil between them.
    public func tabIndex(atX x: Int, in rect: Rect) -> Int? {
        places(in: rect).first { $0.rect.x <= x && x < $0.rect.endX }?.shown.tab
    }

    /// What is left of the tabs as room gets scarce; whole names are worth more than the counts.
    private static let forms: [(length: Int, isSpaced: Bool, hasBadges: Bool)] = [
        (.max, true, true), (.max, false, true), (.max, false, false), (4, false, true), (2, false, true),
        (0, false, true),
    ]

    private typealias Place = (shown: (tab: Int, title: String, hasBadge: Bool), rect: Rect)

    private func places(in rect: Rect) -> [Place] {
        let reserved = trailing.displayWidth + (trailing.spans.isEmpty ? 0 : 2)
        var places: [Place] = []
        for form in Self.forms {
            var x = rect.x
            places = tabs.enumerated().map { index, tab in
                let name = String(tab.title.prefix(form.length))
                let title = form.isSpaced ? " " + name : name
                let hasBadge = form.hasBadges && !tab.badge.isEmpty
                let badge = hasBadge ? tab.badge.displayWidth + 1 : 0
                let width = tab.key.displayWidth + title.displayWidth + badge + (form.isSpaced ? 2 : 1)
                defer { x += width }
                return ((index, title, hasBadge), Rect(x: x, y: rect.y, width: width, height: 1))
            }
            if x + reserved <= rect.endX { return places }
        }
        return places
    }
}

/// One fact of a header line.
public struct HeaderItem: Sendable, Hashable {
    /// What is shown.
    public var line: Line
    /// Where there is little room, those with the highest number go first; 0 always stays.
    public var dropOrder: Int
    /// What is shown instead where there is less room; nil for a fact that has no shorter form.
    public var short: Line?
    /// When the shorter form is taken, counted like `dropOrder`.
    public var shortOrder: Int

    /// A fact.
    public init(_ line: Line, dropOrder: Int = 0, short: Line? = nil, shortOrder: Int = 0) {
        self.line = line
        self.dropOrder = dropOrder
        self.short = short
        self.shortOrder = shortOrder
    }

    /// When it gives way next.
    fileprivate var nextOrder: Int { short == nil ? dropOrder : max(shortOrder, dropOrder) }

    /// Gives way: becomes shorter, or says that it is to go.
    fileprivate mutating func giveWay() -> Bool {
        guard let short else { return true }
        line = short
        self.short = nil
        return false
    }
}

/// The first line: facts on the left, the clock on the right; the least important go when it is narrow.
public struct HeaderLine: Widget {
    /// Facts, left to right.
    public var leading: [HeaderItem]
    /// Facts at the right end.
    public var trailing: [HeaderItem]
    /// Cells between facts.
    public var gap: Int

    /// A line of facts.
    public init(leading: [HeaderItem], trailing: [HeaderItem] = [], gap: Int = 3) {
        self.leading = leading
        self.trailing = trailing
        self.gap = gap
    }

    /// Draws into the rectangle.
    public func draw(in rect: Rect, on surface: inout Surface) {
        let line = rect.row(0)
        surface.fill(line, style: Style(.text, on: .bar))
        var left = leading
        var right = trailing
        var gap = gap
        func needed() -> Int {
            (left + right).reduce(1) { $0 + $1.line.displayWidth + gap }
        }
        if needed() > line.width { gap = min(gap, 2) }
        while needed() > line.width, let worst = (left + right).map(\.nextOrder).max(), worst > 0 {
            if let index = right.lastIndex(where: { $0.nextOrder == worst }) {
                if right[index].giveWay() { right.remove(at: index) }
            } else if let index = left.lastIndex(where: { $0.nextOrder == worst }) {
                if left[index].giveWay() { left.remove(at: index) }
            }
        }
        var x = line.x + 1
        for item in left where x < line.endX {
            x += surface.draw(item.line, at: Point(x: x, y: line.y), maxWidth: line.endX - x) + gap
        }
        var end = line.endX - 1
        for item in right.reversed() {
            let start = end - item.line.displayWidth
            guard start >= x - gap else { break }
            surface.draw(item.line, at: Point(x: start, y: line.y))
            end = start - gap
        }
    }
}

/// A key and what it does.
public struct KeyHint: Sendable, Hashable {
    /// The key's name.
    public var key: String
    /// What it does, in a word or two.
    public var label: String
    /// Whether it can be used now.
    public var isEnabled: Bool

    /// A hint.
    public init(_ key: String, _ label: String, isEnabled: Bool = true) {
        self.key = key
        self.label = label
        self.isEnabled = isEnabled
    }
}

extension KeyHint {
    /// How many cells it takes with these glyphs.
    fileprivate func width(_ glyphs: GlyphSet) -> Int {
        glyphs.width(of: key) + 1 + glyphs.width(of: label)
    }
}

/// The last line: what can be done here; what does not fit is left out whole.
public struct KeyHintsLine: Widget {
    /// The hints, the most useful first.
    public var hints: [KeyHint]
    /// The hints that always have room, behind the others.
    public var lasting: [KeyHint]
    /// What stands at the right end.
    public var trailing: Line

    /// A line of hints.
    public init(_ hints: [KeyHint], lasting: [KeyHint] = [], trailing: Line = .empty) {
        self.hints = hints
        self.lasting = lasting
        self.trailing = trailing
    }

    /// How many cells the lasting hints take with these glyphs.
    public func lastingWidth(_ glyphs: GlyphSet) -> Int {
        lasting.reduce(0) { $0 + $1.width(glyphs) + 3 }
    }

    /// Draws into the rectangle.
    public func draw(in rect: Rect, on surface: inout Surface) {
        let line = rect.row(0)
        surface.fill(line, style: Style(.text, on: .bar))
        let reserved = trailing.displayWidth
        let end = reserved > 0 && reserved + 20 < line.width ? line.endX - reserved - 2 : line.endX
        let glyphs = surface.glyphs
        func width(_ hint: KeyHint) -> Int { hint.width(glyphs) }
        let kept = lastingWidth(glyphs)
        var x = line.x + 1
        var shown: [KeyHint] = []
        var used = x
        for hint in hints {
            guard used + width(hint) + kept <= end else { break }
            used += width(hint) + 3
            shown.append(hint)
        }
        for hint in shown + lasting where x + width(hint) <= end {
            let key = Style(hint.isEnabled ? .accent : .muted, hint.isEnabled ? .bold : [])
            x += surface.draw(hint.key, at: Point(x: x, y: line.y), style: key) + 1
            x += surface.draw(hint.label, at: Point(x: x, y: line.y), style: .muted) + 3
        }
        if end < line.endX { surface.draw(trailing, in: line.inset(right: 1), alignment: .right) }
    }
}
