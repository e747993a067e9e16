import CCurses
import Glibc
import TerminalUI

extension CursesScreen {
    /// Adds a glyph; where the C library measures it differently, question marks take its place, so
    /// that ncurses and the picture never disagree about columns.
    static func append(_ glyph: Glyph, width: Int, _ style: CellStyle, to cells: inout [cchar_t]) {
        var cell = cchar_t()
        var text: [wchar_t] = glyph.scalars.map { wchar_t(bitPattern: $0.value) }
        let base = text.first ?? 32
        let fits = ccurses_width(base) == Int32(width)
        if !fits || width == 1 && glyph.isContinuation { text = [63] }
        text.append(0)
        if unsafe ccurses_cell(&cell, text, style.attributes, style.pair) == ERR {
            unsafe ccurses_cell(&cell, [63, 0], style.attributes, style.pair)
        }
        cells.append(cell)
        if !fits, width == 2 { cells.append(cell) }
    }

    /// The number ncurses knows a colour by; direct colours below 8 would be the terminal's palette.
    static func number(_ color: TerminalColor) -> Int32 {
        switch color {
        case .terminalDefault: -1
        case .indexed(let index): Int32(index)
        case .rgb(let color):
            max(8, Int32(color.red) << 16 | Int32(color.green) << 8 | Int32(color.blue))
        }
    }
}
