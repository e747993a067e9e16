import Decisions

extension ColumnFilter {
    static func keep(
        identifiersIn columns: borrowing DecisionColumns, in set: inout RowSet, _ test: ValueTest
    ) {
        if let fragment = test.fragment {
            let packed = PackedFragment(fragment)
            keep(columns.flags, in: &set) { flags, row in
                columns.identifiers.contains(
                    packed, row: row, form: RowFlags(rawValue: flags).form)
            }
        } else if let texts = test.texts {
            let codes = Set(texts.compactMap { IdentifierColumn.compact($0.text) })
            let code = codes.count == 1 ? codes.first : nil
            keep(columns.flags, in: &set) { flags, row in
                let flag = RowFlags(rawValue: flags)
                guard let own = columns.identifiers.code(at: row, form: flag.form) else {
                    return test.matches(text: columns.identifiers.text(at: row, form: .long))
                        || flag.isDerived
                            && test.matches(text: columns.identifiers.originalText(at: row, form: .long))
                }
                return code.map { $0 == own } ?? codes.contains(own)
            }
        } else {
            // Texts have no order.
            set = RowSet(rowCount: set.rowCount)
        }
    }

    static func keep(
        durationsIn columns: borrowing DecisionColumns, in set: inout RowSet, _ test: ValueTest
    ) {
        if let (operation, bound) = test.numberBound {
            guard let range = nanoseconds(operation, bound) else {
                set = RowSet(rowCount: set.rowCount)
                return
            }
            // No number is that of an absent duration: it lies below all of them.
            keep(columns.durations, in: &set, range)
            return
        }
        keep(columns.durations, in: &set) { duration, _ in
            guard duration != DecisionColumns.absentDuration else { return false }
            let number = microseconds(duration)
            return test.matches(number: number, text: ValueTest.text(of: number))
        }
    }

    private static func microseconds(_ nanoseconds: Int64) -> Double { Double(nanoseconds) / 1000 }

    /// The durations whose microseconds stand in an order to a bound, found by halving; `nil` when none do.
    static func nanoseconds(
        _ operation: Query.Operation, _ bound: Double
    ) -> ClosedRange<Int64>? {
        let includesEqual = operation == .greaterOrEqual || operation == .less
        let isUpper = operation == .greater || operation == .greaterOrEqual
        let least = DecisionColumns.absentDuration + 1
        func isPast(_ duration: Int64) -> Bool {
            includesEqual ? microseconds(duration) >= bound : microseconds(duration) > bound
        }
        guard isPast(.max) else { return isUpper ? nil : least...Int64.max }
        var low = least
        var high = Int64.max
        while low < high {
            let middle = low + Int64((UInt64(bitPattern: high &- low)) / 2)
            if isPast(middle) { high = middle } else { low = middle + 1 }
        }
        if isUpper { return low...Int64.max }
        return low == least ? nil : least...(low - 1)
    }

    static func keep(timesIn columns: borrowing DecisionColumns, in set: inout RowSet, _ test: ValueTest) {
        if let (operation, bound) = test.timeBound {
            // Whole seconds decide for all rows but those in the bound's own second.
            var open = set
            keep(columns.seconds, in: &open, bound.seconds...bound.seconds, columns.chunkSeconds)
            if operation == .greater || operation == .greaterOrEqual {
                keep(columns.seconds, in: &set, bound.seconds...Int64.max, columns.chunkSeconds)
            } else {
                keep(columns.seconds, in: &set, Int64.min...bound.seconds, columns.chunkSeconds)
            }
            open.forEach { row in
                if !test.matches(time: columns.time(at: row)) { set.remove(row) }
            }
        } else if let times = test.times {
            let seconds = Set(times.map(\.seconds))
            keep(columns.seconds, in: &set) { second, row in
                seconds.contains(second) && test.matches(time: columns.time(at: row))
            }
        } else {
            keep(columns.seconds, in: &set) { _, row in test.matches(time: columns.time(at: row)) }
        }
    }
}
