/// A column of a table.
public struct TableColumn: Sendable, Hashable {
    /// What stands above it.
    public let title: String
    /// How wide it is.
    public let width: Constraint
    /// Where text stands in it.
    public let alignment: Alignment
    /// Where text too wide for it is cut.
    public let truncation: Truncation
    /// When columns do not fit, those with the highest number go first; 0 always stays.
    public let dropOrder: Int

    /// A column; without a width it takes an equal share.
    public init(
        _ title: String, _ width: Constraint = .flexible, alignment: Alignment = .left,
        truncation: Truncation = .tail, dropOrder: Int = 0
    ) {
        self.title = title
        self.width = width
        self.alignment = alignment
        self.truncation = truncation
        self.dropOrder = dropOrder
    }

    /// The least room that makes sense.
    var leastWidth: Int {
        switch width {
        case .fixed(let cells), .minimum(let cells): max(0, cells)
        case .fraction, .flexible: min(8, max(3, title.displayWidth))
        }
    }
}

/// A row of a table.
public struct TableRow: Sendable, Hashable {
    /// One line per column.
    public var cells: [Line]

    /// A row of styled cells.
    public init(_ cells: [Line]) { self.cells = cells }

    /// A row of plain cells in one style.
    public init(_ texts: [String], style: Style = .text) {
        self.init(texts.map { Line($0, style) })
    }
}

/// Which column a table is sorted by.
public struct SortOrder: Sendable, Hashable {
    /// The column's number.
    public var column: Int
    /// Smallest first.
    public var isAscending: Bool

    /// An order by a column.
    public init(column: Int, isAscending: Bool) {
        self.column = column
        self.isAscending = isAscending
    }
}

/// Rows under column titles; only the rows in the window are asked for.
public struct Table: Widget {
    /// The columns, left to right.
    public var columns: [TableColumn]
    /// How many rows there are.
    public var count: Int
    /// The selected row's number; nil shows none.
    public var selectedIndex: Int?
    /// The first row shown.
    public var offset: Int
    /// Which column carries the sort sign.
    public var sort: SortOrder?
    /// Whether the table has the focus; without it the selection is only hinted at.
    public var isFocused: Bool
    /// Whether titles are drawn.
    public var showsHeader: Bool
    /// What is said when there are no rows.
    public var emptyText: String
    /// Gives the row of a number.
    public var row: (Int) -> TableRow

    /// A table whose rows are made as they are drawn.
    public init(
        columns: [TableColumn], count: Int, selectedIndex: Int? = nil, offset: Int = 0,
        sort: SortOrder? = nil, isFocused: Bool = true, showsHeader: Bool = true,
        emptyText: String = "nothing here", row: @escaping (Int) -> TableRow
    ) {
        self.columns = columns
        self.count = max(0, count)
        self.selectedIndex = selectedIndex
        self.offset = max(0, offset)
        self.sort = sort
        self.isFocused = isFocused
        self.showsHeader = showsHeader
        self.emptyText = emptyText
        self.row = row
    }

    /// A table of given rows.
    public init(
        columns: [TableColumn], rows: [TableRow], selectedIndex: Int? = nil, offset: Int = 0,
        sort: SortOrder? = nil, isFocused: Bool = true, showsHeader: Bool = true,
        emptyText: String = "nothing here"
    ) {
        self.init(
            columns: columns, count: rows.count, selectedIndex: selectedIndex, offset: offset, sort: sort,
            isFocused: isFocused, showsHeader: showsHeader, emptyText: emptyText, row: { rows[$0] })
    }

    /// How many rows a table of that height shows at once.
    public static func visibleRows(height: Int, showsHeader: Bool = true) -> Int {
        max(0, height - (showsHeader ? 1 : 0))
    }

    /// Draws into the rectangle.
    public func draw(in rect: Rect, on surface: inout Surface) {
        guard !rect.isEmpty else { return }
        let scrolls = count > Table.visibleRows(height: rect.height, showsHeader: showsHeader)
        let room = Rect(
            x: rect.x, y: rect.y, width: rect.width - (scrolls && rect.width > 8 ? 1 : 0), height: rect.height
        )
        let shown = fittingColumns(width: room.width)
        let places = room.inset(left: min(2, rect.width / 4)).columns(shown.map { columns[$0].width }, gap: 1)
        if showsHeader { drawHeader(shown, places, on: &surface) }
        let body = rect.inset(top: showsHeader ? 1 : 0)
        guard count > 0 else {
            surface.draw(emptyText, in: body.inset(left: min(2, rect.width / 4)), style: .muted)
            return
        }
        for line in 0..<min(body.height, max(0, count - offset)) {
            drawRow(offset + line, shown, places, in: body.row(line), on: &surface)
        }
        if scrolls, rect.width > 8 { drawScrollBar(in: body, on: &surface) }
    }

    /// The columns that fit: those with the highest drop order go until the rest has room, and come
    /// back where a wide one that went after them has left enough.
    private func fittingColumns(width: Int) -> [Int] {
        var shown = Array(columns.indices)
        var dropped: [Int] = []
        func needed() -> Int { shown.reduce(1) { $0 + columns[$1].leastWidth + 1 } }
        while shown.count > 1, needed() > width {
            guard let worst = shown.max(by: { columns[$0].dropOrder < columns[$1].dropOrder }),
                columns[worst].dropOrder > 0
            else { break }
            shown.removeAll { $0 == worst }
            dropped.append(worst)
        }
        for column in dropped.reversed() where needed() + columns[column].leastWidth + 1 <= width {
            shown.append(column)
        }
        return shown.sorted()
    }

    private func drawHeader(_ shown: [Int], _ places: [Rect], on surface: inout Surface) {
        for (column, place) in zip(shown, places) {
            let isSorted = sort?.column == column
            let sign = isSorted ? (sort?.isAscending == true ? "▲" : "▼") : ""
            surface.draw(
                columns[column].title + sign, in: place.row(0),
                style: isSorted ? Style(.accent) : .muted, alignment: columns[column].alignment)
        }
    }

    private func drawRow(
        _ index: Int, _ shown: [Int], _ places: [Rect], in line: Rect, on surface: inout Surface
    ) {
        let row = row(index)
        let isSelected = index == selectedIndex
        if isSelected && isFocused { surface.highlight(line, .selection) }
        if line.width > 3 {
            if isSelected {
                surface.put("▸", x: line.x, y: line.y, style: Style(isFocused ? .accent : .muted))
            }
        }
        for (column, place) in zip(shown, places) where column < row.cells.count {
            let cell = Rect(x: place.x, y: line.y, width: place.width, height: 1)
            let content = row.cells[column]
            if content.spans.count == 1, let span = content.spans.first {
                surface.draw(
                    span.text, in: cell, style: span.style, alignment: columns[column].alignment,
                    truncation: columns[column].truncation)
            } else {
                surface.draw(content, in: cell, alignment: columns[column].alignment)
            }
        }
    }

    private func drawScrollBar(in body: Rect, on surface: inout Surface) {
        guard body.height > 0 else { return }
        let length = max(1, body.height * body.height / count)
        let travel = max(1, count - body.height)
        let start = min(body.height - length, (body.height - length) * min(offset, travel) / travel)
        for line in 0..<body.height {
            let isThumb = line >= start && line < start + length
            surface.put(
                isThumb ? "┃" : "│", x: body.endX - 1, y: body.y + line,
                style: Style(isThumb ? .muted : .border))
        }
    }
}
