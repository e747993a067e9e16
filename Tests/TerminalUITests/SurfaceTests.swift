import Testing

@testable import TerminalUI

@Suite struct SurfaceTests {
    @Test func `a box carries titles and footers in its edges`() {
        var surface = Surface(size: Size(width: 30, height: 3))
        let room = surface.box(
            surface.bounds, title: "Deny rate", rightTitle: "6.1 %", footer: "13:32", rightFooter: "14:02")
        #expect(
            surface.lines == [
                "╭─ Deny rate ──────── 6.1 % ─╮",
                "│                            │",
                "╰─ 13:32 ──────────── 14:02 ─╯",
            ])
        #expect(room == Rect(x: 1, y: 1, width: 28, height: 1))
        var plain = Surface(size: Size(width: 12, height: 3), glyphs: .ascii)
        plain.box(plain.bounds, title: "a long title", focused: true)
        #expect(plain.lines == ["+- a lon~ -+", "|          |", "+----------+"])
        #expect(plain[0, 0].style.foreground == .role(.borderFocused))
    }

    @Test func `a box without room draws nothing`() {
        var surface = Surface(size: Size(width: 3, height: 3))
        let before = surface
        var room = surface.box(Rect(x: 0, y: 0, width: 1, height: 3))
        #expect(room.isEmpty)
        #expect(surface == before)
        room = surface.box(Rect(x: 0, y: 0, width: 2, height: 2))
        #expect(room.isEmpty)
    }

    @Test func `changes turn the previous picture into the new one`() {
        var random = SeededRandom(seed: 3)
        for _ in 0..<400 {
            let size = Size(
                width: Int.random(in: 0...30, using: &random), height: Int.random(in: 0...4, using: &random))
            var first = Surface(size: size)
            for _ in 0..<3 {
                first.draw(
                    random.hostileText(),
                    at: Point(
                        x: Int.random(in: 0...20, using: &random), y: Int.random(in: 0...3, using: &random)))
            }
            var second = first
            for _ in 0..<Int.random(in: 0...2, using: &random) {
                second.draw(
                    random.hostileText(),
                    at: Point(
                        x: Int.random(in: 0...25, using: &random), y: Int.random(in: 0...3, using: &random)),
                    style: Style(.accent))
            }
            var cells = first.cells
            for run in second.changes(from: first) {
                #expect(!run.columns.isEmpty && run.columns.upperBound <= size.width)
                #expect(!second[run.columns.lowerBound, run.y].glyph.isContinuation)
                for x in run.columns { cells[run.y * size.width + x] = second[x, run.y] }
            }
            #expect(cells == second.cells)
            #expect(second.changes(from: second).isEmpty)
        }
    }

    @Test func `a picture of another size is redrawn whole`() {
        let small = Surface(size: Size(width: 2, height: 2))
        let large = Surface(size: Size(width: 3, height: 2))
        #expect(
            large.changes(from: small) == [
                ChangedRun(y: 0, columns: 0..<3), ChangedRun(y: 1, columns: 0..<3),
            ])
        #expect(Surface(size: Size(width: 0, height: 2)).changes(from: nil).isEmpty)
    }

    @Test func `highlighting keeps glyphs and foregrounds`() {
        var surface = Surface(size: Size(width: 2, height: 1))
        surface.draw("ab", at: Point(x: 0, y: 0), style: Style(.accent))
        surface.highlight(surface.bounds, .selection)
        #expect(surface[0, 0] == Cell(Glyph("a"), Style(.accent, on: .selection)))
        #expect(surface.lines == ["ab"])
    }

    @Test func `a cell is small`() {
        #expect(MemoryLayout<Cell>.stride <= 24)
        #expect(Glyph.continuation.scalars.isEmpty)
    }
}
