/// One number of an interner per row, in as few bytes as the greatest needs: one, two or four.
///
/// Most texts of decisions are one of a few: actions, kinds, roles. Growing past a width copies the column, twice
/// at most, since numbers are given in order.
struct NumberColumn: ~Copyable {
    private enum Width { case one, two, four }

    private var width = Width.one
    /// The column of `width` holds the rows, the others are empty.
    private var bytes = Column<UInt8>()
    private var pairs = Column<UInt16>()
    private var words = Column<UInt32>()

    init() {}

    /// Rows held.
    var count: Int {
        switch width {
        case .one: bytes.count
        case .two: pairs.count
        case .four: words.count
        }
    }

    /// The number of a row; ``Interner/absent`` is all ones in any width.
    subscript(row: Int) -> UInt32 {
        get {
            switch width {
            case .one: NumberColumn.widened(bytes[row])
            case .two: NumberColumn.widened(pairs[row])
            case .four: words[row]
            }
        }
        set {
            makeRoom(for: newValue)
            switch width {
            case .one: bytes[row] = UInt8(truncatingIfNeeded: newValue)
            case .two: pairs[row] = UInt16(truncatingIfNeeded: newValue)
            case .four: words[row] = newValue
            }
        }
    }

    mutating func append(_ number: UInt32) {
        makeRoom(for: number)
        switch width {
        case .one: bytes.append(UInt8(truncatingIfNeeded: number))
        case .two: pairs.append(UInt16(truncatingIfNeeded: number))
        case .four: words.append(number)
        }
    }

    /// Bytes allocated.
    var memoryBytes: Int { bytes.memoryBytes + pairs.memoryBytes + words.memoryBytes }

    /// Keeps the rows of a set whose number a closure accepts, given with the row.
    @inline(__always)
    func keep(in set: inout RowSet, where matches: (UInt32, Int) -> Bool) {
        switch width {
        case .one: ColumnFilter.keep(bytes, in: &set) { matches(NumberColumn.widened($0), $1) }
        case .two: ColumnFilter.keep(pairs, in: &set) { matches(NumberColumn.widened($0), $1) }
        case .four: ColumnFilter.keep(words, in: &set, where: matches)
        }
    }

    @inline(__always)
    private static func widened<Narrow: FixedWidthInteger & UnsignedInteger>(_ number: Narrow) -> UInt32 {
        number == Narrow.max ? Interner.absent : UInt32(truncatingIfNeeded: number)
    }

    /// Widens the column where a number does not fit.
    @inline(__always)
    private mutating func makeRoom(for number: UInt32) {
        if width == .four || number == Interner.absent { return }
        if number < (width == .one ? 0xFF : 0xFFFF) { return }
        widen(for: number)
    }

    private mutating func widen(for number: UInt32) {
        if width == .one, number < 0xFFFF {
            for row in 0..<bytes.count { pairs.append(UInt16(truncatingIfNeeded: self[row])) }
            width = .two
        } else {
            for row in 0..<count { words.append(self[row]) }
            width = .four
            pairs = Column()
        }
        bytes = Column()
    }
}
