import TerminalUI

/// A table for people: aligned columns, hostile text escaped.
///
/// The last column takes what comes. One that others follow is cut at a width, or a single cell would push them
/// out of sight in every row; `--json` has the whole text.
struct TextTable {
    private static let maximumWidth = 120

    /// How a column's cells line up.
    enum Alignment {
        case left
        case right
    }

    private let titles: [String]
    private let alignments: [Alignment]
    private var rows: [[String]] = []

    /// Creates a table; columns whose title starts with a blank line up right.
    init(_ columns: [(title: String, alignment: Alignment)]) {
        titles = columns.map(\.title)
        alignments = columns.map(\.alignment)
    }

    /// Adds a row with one cell per column.
    mutating func append(_ cells: [String]) {
        precondition(cells.count == titles.count, "one cell per column")
        rows.append(
            cells.enumerated().map { column, cell in
                let text = cell.terminalSafe
                return column == titles.count - 1 ? text : Self.cut(text)
            })
    }

    private static func cut(_ text: String) -> String {
        guard text.displayWidth > maximumWidth else { return text }
        var result = ""
        var width = 1
        for character in text {
            width += String(character).displayWidth
            if width > maximumWidth { break }
            result.append(character)
        }
        return result + "…"
    }

    /// The table's text, a line per row.
    var text: String {
        var widths = titles.map { $0.displayWidth }
        for row in rows {
            for (column, cell) in row.enumerated() {
                widths[column] = max(widths[column], cell.displayWidth)
            }
        }
        var lines = ""
        for row in [titles] + rows {
            var line = ""
            for (column, cell) in row.enumerated() {
                let padding = String(repeating: " ", count: widths[column] - cell.displayWidth)
                line += alignments[column] == .right ? padding + cell : cell + padding
                if column < row.count - 1 { line += "  " }
            }
            while line.last == " " { line.removeLast() }
            lines += line + "\n"
        }
        return lines
    }
}

/// Text that came from a log, safe to print.
func printable(_ text: String) -> String { text.terminalSafe }

/// Text of several lines made safe for a terminal, line by line.
func printableLines(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { printable(String($0)) }
        .joined(separator: "\n")
}
