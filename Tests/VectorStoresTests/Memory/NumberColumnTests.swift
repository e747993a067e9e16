import Testing

@testable import VectorStores

@Suite struct NumberColumnTests {
    /// Numbers on both sides of each width's end.
    private static let edges: [UInt32] = [
        0, 1, 0xFD, 0xFE, 0xFF, 0x100, 0xFFFD, 0xFFFE, 0xFFFF, 0x1_0000, 0xFFFF_FFFE, Interner.absent,
    ]

    @Test func `numbers of every width come back, whichever comes first`() {
        for first in Self.edges {
            for second in Self.edges {
                var column = NumberColumn()
                column.append(first)
                column.append(Interner.absent)
                column.append(second)
                #expect(column.count == 3)
                #expect([column[0], column[1], column[2]] == [first, Interner.absent, second])
                column[0] = second
                column[2] = first
                #expect([column[0], column[1], column[2]] == [second, Interner.absent, first])
            }
        }
    }

    @Test func `a column is an array of numbers`() {
        var random = SeededGenerator(seed: 9)
        var column = NumberColumn()
        var numbers: [UInt32] = []
        for limit in [200, 255, 300, 65_534, 65_535, 70_000] as [UInt32] {
            for _ in 0..<6_000 {
                let number =
                    random.chance(0.1) ? Interner.absent : UInt32.random(in: 0..<limit, using: &random)
                if random.chance(0.2), !numbers.isEmpty {
                    let row = Int.random(in: 0..<numbers.count, using: &random)
                    numbers[row] = number
                    column[row] = number
                } else {
                    numbers.append(number)
                    column.append(number)
                }
            }
            #expect(column.count == numbers.count)
            #expect(numbers.indices.allSatisfy { column[$0] == numbers[$0] })
            var kept = RowSet(rowCount: numbers.count, filled: true)
            column.keep(in: &kept) { number, row in
                number == numbers[row] && (number == Interner.absent || number % 3 == 0)
            }
            #expect(
                kept
                    == RowSet(rowCount: numbers.count) {
                        numbers[$0] == Interner.absent || numbers[$0] % 3 == 0
                    })
        }
    }

    @Test func `few distinct numbers take a byte a row`() {
        var column = NumberColumn()
        for row in 0..<Chunk.rows { column.append(UInt32(row % 255)) }
        #expect(column.memoryBytes == Chunk.rows)
        column[3] = 255
        #expect(column.memoryBytes == 2 * Chunk.rows)
        column[4] = 0xFFFF
        #expect(column.memoryBytes == 4 * Chunk.rows)
        #expect(column[3] == 255 && column[4] == 0xFFFF && column[5] == 5)
    }
}
