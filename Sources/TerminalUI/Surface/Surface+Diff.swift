/// Neighbouring cells of one row that changed between two frames.
public struct ChangedRun: Sendable, Hashable {
    /// The row.
    public let y: Int
    /// The changed columns.
    public let columns: Range<Int>
}

extension Surface {
    /// What must be redrawn to turn the previous frame into this one; everything when sizes differ.
    ///
    /// A run never begins in the middle of a double-width character.
    public func changes(from previous: Surface?) -> [ChangedRun] {
        guard let previous, previous.size == size else {
            return size.width == 0 ? [] : (0..<size.height).map { ChangedRun(y: $0, columns: 0..<size.width) }
        }
        var runs: [ChangedRun] = []
        for y in 0..<size.height {
            let row = y * size.width
            var x = 0
            while x < size.width {
                guard cells[row + x] != previous.cells[row + x] else {
                    x += 1
                    continue
                }
                var start = x
                var end = x + 1
                // A gap of up to three equal cells is cheaper to redraw than to jump over.
                var equal = 0
                x += 1
                while x < size.width, equal <= 3 {
                    if cells[row + x] != previous.cells[row + x] {
                        end = x + 1
                        equal = 0
                    } else {
                        equal += 1
                    }
                    x += 1
                }
                if start > 0, cells[row + start].glyph.isContinuation { start -= 1 }
                while end < size.width, cells[row + end].glyph.isContinuation { end += 1 }
                runs.append(ChangedRun(y: y, columns: start..<end))
            }
        }
        return runs
    }
}
