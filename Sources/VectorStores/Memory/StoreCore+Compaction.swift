import Locks
import VectorIndex

extension StoreCore {
    /// Past this many dead rows a store is compacted without waiting for its next snapshot.
    static let deadRowsBetweenSnapshots = 65_536

    /// Whether more rows are dead than alive, and more than a number of them, and compacting would end that.
    func isSparse(past floor: Int = 0) -> Bool {
        !isHeld && state.withReading { $0.columns.count - $0.liveCount > max($0.liveCount, floor) }
    }

    /// Leaves dead rows behind and the values that only they had; live ones are numbered anew, in order.
    ///
    /// Costs a copy of the live rows' columns, made beside the searches; they wait only for the swap. Nothing
    /// is done while somebody counts on the numbers.
    func compact() {
        if isHeld { return }
        let rows = state.withReading { state in
            (0..<state.columns.count).filter { !state.columns.isDeleted($0) }
        }
        var compacted = state.withReading { StoreState(compacting: $0, to: rows) }
        state.withWriting { state in
            // Looked at again: a hold is taken before its rows are read, which the lock keeps apart from this.
            if isHeld { return }
            swap(&state, &compacted)
            index.renumber(rows.map { Row(rawValue: UInt32($0)) })
        }
    }
}

extension StoreState {
    /// A copy of some rows, in order; tenants keep their numbers, which are the index's partitions.
    init(compacting other: borrowing StoreState, to rows: [Int]) {
        self.init()
        columns = other.columns.copy(of: rows)
        records = other.records
        retired = other.retired
        lastInsert = other.lastInsert
        revision = other.revision
        builds = other.builds
        recount()
    }
}

extension DecisionColumns {
    /// A copy of some rows and of the values they have; of tenants all values are kept, in order.
    fileprivate func copy(of rows: [Int]) -> DecisionColumns {
        var copy = DecisionColumns()
        for row in rows {
            copy.identifiers.append(row, of: identifiers, form: RowFlags(rawValue: flags[row]).form)
        }
        copy.seconds.append(rows, of: seconds)
        copy.nanoseconds.append(rows, of: nanoseconds)
        copy.fractionDigits.append(rows, of: fractionDigits)
        copy.flags.append(rows, of: flags)
        copy.durations.append(rows, of: durations)
        for number in 0..<UInt32(tenants.values.count) {
            _ = copy.tenants.values.intern(tenants.values.bytes(number).span)
        }
        copy.tenants.append(rows, of: tenants)
        copy.principals.append(rows, of: principals)
        copy.roles.append(rows, of: roles)
        copy.kinds.append(rows, of: kinds)
        copy.resources.append(rows, of: resources)
        copy.scopes.append(rows, of: scopes)
        copy.actions.append(rows, of: actions)
        copy.policies.append(rows, of: policies)
        copy.outcomes.append(rows, of: outcomes)
        copy.addresses.append(rows, of: addresses)
        copy.agents.append(rows, of: agents)
        copy.formats.append(rows, of: formats)
        copy.extras.append(rows, of: extras)
        for row in 0..<copy.count { copy.widenChunk(of: row, by: copy.seconds[row]) }
        return copy
    }
}

extension Column {
    fileprivate mutating func append(_ rows: [Int], of other: borrowing Column) {
        for row in rows { append(other[row]) }
    }
}

extension TextColumn {
    fileprivate mutating func append(_ rows: [Int], of other: borrowing TextColumn) {
        // What each of the other's numbers is here, once it was met.
        var known = [UInt32](repeating: Interner.absent, count: other.values.count)
        for row in rows {
            let number = other.numbers[row]
            guard number != Interner.absent else {
                numbers.append(number)
                continue
            }
            if known[Int(number)] == Interner.absent {
                known[Int(number)] = values.intern(other.values.bytes(number).span)
            }
            numbers.append(known[Int(number)])
        }
    }
}

extension IdentifierColumn {
    fileprivate mutating func append(_ row: Int, of other: borrowing IdentifierColumn, form: Form) {
        guard form == .long else {
            highs.append(other.highs[row])
            lows.append(other.lows[row])
            return
        }
        highs.append(UInt64(arena.count))
        lows.append(other.lows[row])
        arena.append(contentsOf: other.arena[other.longRange(at: row)])
    }
}
