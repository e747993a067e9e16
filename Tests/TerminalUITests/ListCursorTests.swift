import Testing

@testable import TerminalUI

@Suite struct ListCursorTests {
    @Test func `the selection stays on its row when the list changes around it`() {
        var cursor = ListCursor<String>()
        cursor.reconcile(["a", "b", "c"], height: 2)
        #expect(cursor.selected == "a")
        cursor.move(by: 1, in: ["a", "b", "c"], height: 2)
        cursor.reconcile(["x", "y", "a", "b", "c"], height: 2)
        #expect(cursor.selected == "b" && cursor.index == 3 && cursor.offset == 2)
        cursor.reconcile(["x", "y", "a", "c"], height: 2)
        #expect(cursor.selected == "c" && cursor.index == 3)
        cursor.reconcile(["x"], height: 2)
        #expect(cursor.selected == "x" && cursor.offset == 0)
        cursor.reconcile([], height: 2)
        #expect(cursor.selected == nil)
    }

    @Test func `the first row is selected until a person chooses one`() {
        var cursor = ListCursor<String>()
        cursor.reconcile(["b"], height: 5)
        cursor.reconcile(["a", "b"], height: 5)
        #expect(cursor.selected == "a" && cursor.index == 0 && cursor.offset == 0)
        cursor.choose()
        cursor.reconcile(["new", "a", "b"], height: 5)
        #expect(cursor.selected == "a" && cursor.index == 1)
        cursor = ListCursor()
        cursor.reconcile(["b"], height: 5)
        cursor.move(by: 0, in: ["b"], height: 5)
        cursor.reconcile(["a", "b"], height: 5)
        #expect(cursor.selected == "b")
    }

    @Test func `moving stops at both ends`() {
        let rows = Array(0..<100)
        var cursor = ListCursor<Int>()
        cursor.moveToEnd(in: rows, height: 10)
        #expect(cursor.selected == 99 && cursor.offset == 90)
        cursor.move(by: .max, in: rows, height: 10)
        #expect(cursor.selected == 99)
        cursor.move(by: -5, in: rows, height: 10)
        #expect(cursor.offset == 90)
        cursor.moveToStart(in: rows, height: 10)
        #expect(cursor.selected == 0 && cursor.offset == 0)
        cursor.move(by: .min, in: rows, height: 0)
        #expect(cursor.selected == 0)
        cursor.move(by: 1, in: [], height: 3)
        #expect(cursor.selected == nil)
        cursor.select(7)
        cursor.reconcile(rows, height: 3)
        #expect(cursor.index == 7)
        #expect(ListCursor(selected: 3).selected == 3)
    }

    @Test func `the selection is always in the list and in the window`() {
        var random = SeededRandom(seed: 33)
        var cursor = ListCursor<Int>()
        var rows = Array(0..<20)
        for _ in 0..<3_000 {
            let height = Int.random(in: 1...8, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0:
                rows.insert(
                    Int.random(in: 100...9_999, using: &random),
                    at: Int.random(in: 0...rows.count, using: &random))
            case 1: if !rows.isEmpty { rows.remove(at: Int.random(in: 0..<rows.count, using: &random)) }
            default: break
            }
            let before = cursor.selected
            let survives = before.map { rows.contains($0) } ?? false
            cursor.reconcile(rows, height: height)
            if survives { #expect(cursor.selected == before) }
            cursor.move(by: Int.random(in: -3...3, using: &random), in: rows, height: height)
            if rows.isEmpty {
                #expect(cursor.selected == nil)
            } else {
                #expect(rows[cursor.index] == cursor.selected)
                #expect(cursor.offset <= cursor.index && cursor.index < cursor.offset + height)
                #expect(cursor.offset <= max(0, rows.count - height))
            }
        }
    }
}
