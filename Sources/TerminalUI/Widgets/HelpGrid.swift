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

/// The help overlay: groups of keys in as many columns as fit; what does not fit is scrolled to.
public struct HelpGrid: Widget {
    /// The groups.
    public var groups: [HelpGroup]
    /// The number of the chosen entry, counted over all groups, which is always in sight; nil for none.
    public var selected: Int?

    /// An overlay of groups.
    public init(_ groups: [HelpGroup], selected: Int? = nil) {
        self.groups = groups
        self.selected = selected
    }

    /// Under this many cells a column cannot be read.
    private static let leastColumnWidth = 38

    private enum Row {
        case title(String)
        /// A line of an entry; the keys stand before its first, later ones have none.
        case entry(keys: String?, text: String, isEnabled: Bool, index: Int)
        case blank

        var index: Int? {
            if case .entry(_, _, _, let index) = self { index } else { nil }
        }

        /// Whether it begins an entry.
        var isFirst: Bool {
            if case .entry(let keys, _, _, _) = self { keys != nil } else { false }
        }
    }

    /// Draws into the rectangle.
    public func draw(in rect: Rect, on surface: inout Surface) {
        guard !rect.isEmpty else { return }
        let most = max(1, rect.width / Self.leastColumnWidth)
        var packed: [[Row]] = []
        for count in 1...most {
            packed = pack(rows(width: (rect.width - 2 * (count - 1)) / count), height: rect.height)
            if packed.count <= count {
                draw(packed, in: rect, from: 0, on: &surface)
                return
            }
        }
        // Not even in all columns: they are made as long as is needed, and scrolled together.
        let rows = rows(width: (rect.width - 2 * (most - 1)) / most)
        var length = rect.height
        while packed.count > most {
            length += 1
            packed = pack(rows, height: length)
        }
        drawScrolled(packed, length: length, in: rect, on: &surface)
    }

    /// Draws the part of the columns around the chosen entry, and how many entries are below.
    private func drawScrolled(
        _ columns: [[Row]], length: Int, in rect: Rect, on surface: inout Surface
    ) {
        let room = rect.inset(bottom: 1)
        let chosen = columns.lazy.compactMap { rows in rows.firstIndex { $0.index == selected } }.first ?? 0
        let offset = max(0, min(chosen - room.height / 2, length - room.height))
        draw(columns, in: room, from: offset, on: &surface)
        let below = columns.reduce(0) { $0 + $1.dropFirst(offset + room.height).count { $0.isFirst } }
        surface.draw(
            below > 0 ? "\(below) more below" : "the end", in: rect.row(rect.height - 1), style: .muted,
            alignment: .right)
    }

    private func draw(_ columns: [[Row]], in rect: Rect, from offset: Int, on surface: inout Surface) {
        let keyWidth = keyWidth
        let places = rect.columns(Array(repeating: .flexible, count: columns.count), gap: 2)
        for (rows, place) in zip(columns, places) {
            for (line, row) in rows.dropFirst(offset).prefix(place.height).enumerated() {
                draw(row, keyWidth: keyWidth, in: place.row(line), on: &surface)
            }
        }
    }

    private var keyWidth: Int { min(18, groups.flatMap(\.entries).map(\.keys.displayWidth).max() ?? 0) }

    /// Every row at a width; a sentence that is longer goes on in the next row.
    private func rows(width: Int) -> [Row] {
        var rows: [Row] = []
        var index = 0
        let room = max(8, width - keyWidth - 3)
        for group in groups {
            if !rows.isEmpty { rows.append(.blank) }
            rows.append(.title(group.title))
            for entry in group.entries {
                let text = entry.text + (entry.disabledReason.map { "  (\($0))" } ?? "")
                for (part, line) in Paragraph(text).wrapped(width: room).enumerated() {
                    rows.append(
                        .entry(
                            keys: part == 0 ? entry.keys : nil, text: line.text,
                            isEnabled: entry.disabledReason == nil, index: index))
                }
                index += 1
            }
        }
        return rows
    }

    /// The rows in columns of a height: no column ends on a title, none begins with a blank, and no
    /// entry is torn apart where a column can hold it.
    private func pack(_ rows: [Row], height: Int) -> [[Row]] {
        var columns: [[Row]] = [[]]
        var start = 0
        while start < rows.count {
            var end = start + 1
            if case .title = rows[start] { end = min(rows.count, end + 1) }
            while end < rows.count, rows[end].index != nil, !rows[end].isFirst { end += 1 }
            let block = rows[start..<end]
            start = end
            if let last = columns.last, !last.isEmpty, last.count + block.count > height {
                columns.append([])
            }
            if case .blank? = block.first, columns.last?.isEmpty ?? true { continue }
            columns[columns.count - 1] += block
        }
        return columns
    }

    private func draw(_ row: Row, keyWidth: Int, in line: Rect, on surface: inout Surface) {
        switch row {
        case .blank: break
        case .title(let title): surface.draw(title, in: line, style: Style(.title, .bold))
        case .entry(let keys, let text, let isEnabled, let index):
            if index == selected { surface.highlight(line, .selection) }
            surface.draw(
                keys ?? "", in: line.inset(left: 1).columns([.fixed(keyWidth), .flexible])[0],
                style: Style(isEnabled ? .accent : .muted, isEnabled ? .bold : []))
            surface.draw(text, in: line.inset(left: keyWidth + 3), style: isEnabled ? .text : .muted)
        }
    }
}
