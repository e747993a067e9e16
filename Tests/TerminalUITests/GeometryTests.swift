import Testing

@testable import TerminalUI

@Suite struct GeometryTests {
    private func constraint(_ random: inout SeededRandom) -> Constraint {
        switch Int.random(in: 0..<4, using: &random) {
        case 0: .fixed(Int.random(in: -3...40, using: &random))
        case 1: .fraction(Double.random(in: -0.2...1.3, using: &random))
        case 2: .minimum(Int.random(in: 0...30, using: &random))
        default: .flexible(Int.random(in: 0...5, using: &random))
        }
    }

    @Test func `parts of any split tile the whole`() {
        var random = SeededRandom(seed: 1)
        for _ in 0..<2_000 {
            let constraints = (0..<Int.random(in: 1...6, using: &random)).map { _ in constraint(&random) }
            let rect = Rect(
                x: Int.random(in: 0...9, using: &random), y: 2, width: Int.random(in: 0...90, using: &random),
                height: Int.random(in: 0...30, using: &random))
            let columns = rect.columns(constraints)
            #expect(columns.reduce(0) { $0 + $1.width } == rect.width)
            var x = rect.x
            for column in columns {
                #expect(column.x == x && column.y == rect.y && column.height == rect.height)
                x = column.endX
            }
            let rows = rect.rows(constraints)
            #expect(rows.reduce(0) { $0 + $1.height } == rect.height)
            let gapped = rect.columns(constraints, gap: 2)
            #expect(gapped.allSatisfy { $0.x >= rect.x && $0.endX <= rect.endX })
        }
    }

    @Test func `fixed parts come first and the rest is shared by weight`() {
        let rect = Rect(x: 0, y: 0, width: 100, height: 10)
        #expect(rect.columns([.fixed(20), .flexible(1), .flexible(3)]).map(\.width) == [20, 20, 60])
        #expect(rect.columns([.fraction(0.25), .minimum(10), .flexible]).map(\.width) == [25, 42, 33])
        #expect(rect.columns([.fixed(80), .fixed(80), .fixed(80)]).map(\.width) == [80, 20, 0])
        #expect(rect.columns([.fixed(10)], gap: 5).map(\.width) == [100])
        #expect(rect.columns([]).isEmpty)
        #expect(rect.columns([.fraction(.nan), .flexible]).map(\.width) == [0, 100])
        #expect(rect.rows([.fixed(1), .flexible, .fixed(1)], gap: 1).map(\.y) == [0, 2, 9])
    }

    @Test func `insets shrink to nothing and never below`() {
        let rect = Rect(x: 5, y: 5, width: 3, height: 2)
        #expect(rect.inset(by: 1).size == Size(width: 1, height: 0))
        #expect(rect.inset(by: 9).isEmpty)
        #expect(rect.inset(left: 9).x <= rect.endX)
        #expect(Size(width: -1, height: -2) == Size(width: 0, height: 0))
        #expect(rect.row(1) == Rect(x: 5, y: 6, width: 3, height: 1))
        #expect(rect.row(2).isEmpty)
        #expect(rect.centered(Size(width: 1, height: 1)).origin == Point(x: 6, y: 5))
        #expect(rect.contains(Point(x: 7, y: 6)) && !rect.contains(Point(x: 8, y: 6)))
        #expect(rect.intersection(Rect(x: 20, y: 0, width: 4, height: 90)).isEmpty)
    }
}
