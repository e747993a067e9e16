/// A key in the help overlay.
public struct HelpEntry: Sendable, Hashable {
    /// The keys.
    public var keys: String
    /// What they do.
    public var text: String
    /// Why it cannot be used now; nil when it can.
    public var disabledReason: String?

    /// An entry.
    public init(keys: String, text: String, disabledReason: String? = nil) {
        self.keys = keys
        self.text = text
        self.disabledReason = disabledReason
    }
}

/// Keys that belong together.
public struct HelpGroup: Sendable, Hashable {
    /// What they have in common.
    public var title: String
    /// The keys.
    public var entries: [HelpEntry]

    /// A group of keys.
    public init(_ title: String, _ entries: [HelpEntry]) {
        self.title = title
        self.entries = entries
    }
}

/// The help overlay: groups of keys in as many columns as fit.
public struct HelpGrid: Widget {
    /// The groups.
    public var groups: [HelpGroup]
    /// The number of the chosen entry, counted over all groups; nil for none.
    public var selected: Int?
    /// Rows scrolled away.
    public var offset: Int

    /// An overlay of groups.
    public init(_ groups: [HelpGroup], selected: Int? = nil, offset: Int = 0) {
        self.groups = groups
        self.selected = selected
        self.offset = max(0, offset)
    }

    private enum Row {
        case title(String)
        case entry(HelpEntry, index: Int)
        case blank
    }

    /// Draws into the rectangle.
    public func draw(in rect: Rect, on surface: inout Surface) {
        guard !rect.isEmpty else { return }
        let rows = rows
        let keyWidth = min(18, groups.flatMap(\.entries).map(\.keys.displayWidth).max() ?? 0)
        let columnCount = max(1, min(rect.width / 38, (rows.count + rect.height - 1) / rect.height))
        let columns = rect.columns(Array(repeating: .flexible, count: columnCount), gap: 2)
        let perColumn = max(
            rect.height, columnCount == 1 ? rect.height : (rows.count + columnCount - 1) / columnCount)
        for (number, column) in columns.enumerated() {
            let start = number * perColumn + offset
            guard start < rows.count else { break }
            for (line, row) in rows[start..<min(rows.count, start + column.height)].enumerated() {
                draw(row, keyWidth: keyWidth, in: column.row(line), on: &surface)
            }
        }
    }

    private var rows: [Row] {
        var rows: [Row] = []
        var index = 0
        for group in groups {
            if !rows.isEmpty { rows.append(.blank) }
            rows.append(.title(group.title))
            for entry in group.entries {
                rows.append(.entry(entry, index: index))
                index += 1
            }
        }
        return rows
    }

    private func draw(_ row: Row, keyWidth: Int, in line: Rect, on surface: inout Surface) {
        switch row {
        case .blank: break
        case .title(let title): surface.draw(title, in: line, style: Style(.title, .bold))
        case .entry(let entry, let index):
            if index == selected { surface.highlight(line, .selection) }
            let enabled = entry.disabledReason == nil
            surface.draw(
                entry.keys, in: line.inset(left: 1).columns([.fixed(keyWidth), .flexible])[0],
                style: Style(enabled ? .accent : .muted, enabled ? .bold : []))
            let text = entry.text + (entry.disabledReason.map { "  (\($0))" } ?? "")
            surface.draw(text, in: line.inset(left: keyWidth + 3), style: enabled ? .text : .muted)
        }
    }
}
