extension DecisionColumns {
    /// Writes every column and the values it numbers.
    func write(to writer: inout SnapshotFileWriter) throws(StoreError) {
        try identifiers.write(to: &writer)
        try seconds.write("seconds", to: &writer)
        try nanoseconds.write("nanoseconds", to: &writer)
        try fractionDigits.write("digits", to: &writer)
        try flags.write("flags", to: &writer)
        try durations.write("durations", to: &writer)
        try tenants.write("tenants", to: &writer)
        try principals.write("principals", to: &writer)
        try roles.write("roles", to: &writer)
        try kinds.write("kinds", to: &writer)
        try resources.write("resources", to: &writer)
        try scopes.write("scopes", to: &writer)
        try actions.write("actions", to: &writer)
        try policies.write("policies", to: &writer)
        try outcomes.write("outcomes", to: &writer)
        try addresses.write("addresses", to: &writer)
        try agents.write("agents", to: &writer)
        try formats.write("formats", to: &writer)
        try extras.write("extras", to: &writer)
    }

    /// Reads what `write` wrote; every column must have as many rows, every number a value.
    init(reading reader: SnapshotFileReader, rows: Int) throws(StoreError) {
        self.init()
        try flags.read("flags", rows: rows, from: reader)
        try identifiers.read(from: reader, rows: rows)
        try checkIdentifiers(reader)
        try seconds.read("seconds", rows: rows, from: reader)
        try nanoseconds.read("nanoseconds", rows: rows, from: reader)
        try fractionDigits.read("digits", rows: rows, from: reader)
        try durations.read("durations", rows: rows, from: reader)
        try tenants.read("tenants", rows: rows, mayBeAbsent: false, from: reader)
        try principals.read("principals", rows: rows, mayBeAbsent: false, from: reader)
        try roles.readLists("roles", rows: rows, from: reader)
        try kinds.read("kinds", rows: rows, mayBeAbsent: false, from: reader)
        try resources.read("resources", rows: rows, from: reader)
        try scopes.read("scopes", rows: rows, from: reader)
        try actions.readLists("actions", rows: rows, from: reader)
        try policies.readLists("policies", rows: rows, from: reader)
        try outcomes.read("outcomes", rows: rows, from: reader)
        try addresses.read("addresses", rows: rows, from: reader)
        try agents.read("agents", rows: rows, from: reader)
        try formats.read("formats", rows: rows, from: reader)
        try extras.read("extras", rows: rows, from: reader)
        for row in 0..<rows {
            guard (0..<1_000_000_000).contains(nanoseconds[row]), fractionDigits[row] <= 9 else {
                throw reader.damaged("section nanoseconds", at: row)
            }
            widenChunk(of: row, by: seconds[row])
        }
    }

    private func checkIdentifiers(_ reader: SnapshotFileReader) throws(StoreError) {
        for row in 0..<count
        where !identifiers.isSound(row: row, form: RowFlags(rawValue: flags[row]).form) {
            throw reader.damaged("section identifiers", at: row)
        }
    }
}

extension Column {
    func write(_ name: String, to writer: inout SnapshotFileWriter) throws(StoreError) {
        writer.begin(name)
        for chunk in 0..<chunkCount { try writer.append(rawBytes(ofChunk: chunk)) }
    }

    mutating func read(_ name: String, rows: Int, from reader: SnapshotFileReader) throws(StoreError) {
        let bytes = try reader.section(name)
        let (count, rest) = bytes.count.quotientAndRemainder(dividingBy: MemoryLayout<Element>.stride)
        guard count == rows, rest == 0 else {
            throw reader.damaged("section \(name), which has another length", at: 0)
        }
        append(rawBytes: bytes.span)
    }
}

extension Interner {
    func write(_ name: String, to writer: inout SnapshotFileWriter) throws(StoreError) {
        try writer.section(name + ".arena", arena)
        try writer.section(name + ".ends", numbers: ends.count) { ends[$0] }
    }

    init(_ name: String, from reader: SnapshotFileReader) throws(StoreError) {
        let arena = try reader.section(name + ".arena")
        let encoded = try reader.section(name + ".ends")
        guard encoded.count % 4 == 0 else { throw reader.damaged("section \(name).ends", at: 0) }
        var ends: [UInt32] = []
        ends.reserveCapacity(encoded.count / 4)
        encoded.eachNumber { ends.append($0) }
        guard let interner = Interner(arena: arena, ends: ends) else {
            throw reader.damaged("section \(name).ends", at: 0)
        }
        self = interner
    }
}

extension TextColumn {
    func write(_ name: String, to writer: inout SnapshotFileWriter) throws(StoreError) {
        try numbers.write(name, to: &writer)
        try values.write(name, to: &writer)
    }

    mutating func read(
        _ name: String, rows: Int, mayBeAbsent: Bool = true, from reader: SnapshotFileReader
    ) throws(StoreError) {
        try readValues(name, rows: rows, mayBeAbsent: mayBeAbsent, from: reader)
        for number in 0..<UInt32(values.count) where !values.isText(number) {
            throw reader.damaged("section \(name).arena", at: Int(number))
        }
    }

    private mutating func readValues(
        _ name: String, rows: Int, mayBeAbsent: Bool, from reader: SnapshotFileReader
    ) throws(StoreError) {
        try numbers.read(name, rows: rows, from: reader)
        values = try Interner(name, from: reader)
        for row in 0..<rows {
            let number = numbers[row]
            guard number < UInt32(values.count) || mayBeAbsent && number == Interner.absent else {
                throw reader.damaged("section \(name)", at: row)
            }
        }
    }

    mutating func readLists(
        _ name: String, rows: Int, from reader: SnapshotFileReader
    ) throws(StoreError) {
        try readValues(name, rows: rows, mayBeAbsent: false, from: reader)
        for number in 0..<UInt32(values.count) where !ListCode.isSound(values.bytes(number)) {
            throw reader.damaged("section \(name).arena", at: Int(number))
        }
    }
}

extension IdentifierColumn {
    func write(to writer: inout SnapshotFileWriter) throws(StoreError) {
        try highs.write("identifiers.high", to: &writer)
        try lows.write("identifiers.low", to: &writer)
        try writer.section("identifiers.arena", arena)
    }

    mutating func read(from reader: SnapshotFileReader, rows: Int) throws(StoreError) {
        try highs.read("identifiers.high", rows: rows, from: reader)
        try lows.read("identifiers.low", rows: rows, from: reader)
        arena = try reader.section("identifiers.arena")
    }

    /// Whether a row's code stays within what its form allows.
    func isSound(row: Int, form: Form) -> Bool {
        switch form {
        case .short: return lows[row] >> 56 <= 15
        case .uuid: return true
        case .long:
            let length = lows[row] & 0xFFFF_FFFF
            let (end, overflow) = highs[row].addingReportingOverflow(length)
            return !overflow && end <= UInt64(arena.count) && lows[row] >> 32 <= length
        }
    }
}

extension NumberColumn {
    /// Writes four bytes a row, whatever the width.
    func write(_ name: String, to writer: inout SnapshotFileWriter) throws(StoreError) {
        try writer.section(name, numbers: count) { self[$0] }
    }

    mutating func read(_ name: String, rows: Int, from reader: SnapshotFileReader) throws(StoreError) {
        let encoded = try reader.section(name)
        guard encoded.count == rows * 4 else {
            throw reader.damaged("section \(name), which has another length", at: 0)
        }
        encoded.eachNumber { append($0) }
    }
}

extension SnapshotFileWriter {
    /// Writes a section of so many numbers, four bytes each.
    mutating func section(_ name: String, numbers count: Int, _ number: (Int) -> UInt32) throws(StoreError) {
        begin(name)
        var encoded = ByteWriter()
        for index in 0..<count {
            encoded.append(fixed: number(index))
            if encoded.bytes.count >= 1 << 16 {
                try append(encoded.bytes)
                encoded.removeAll()
            }
        }
        try append(encoded.bytes)
    }
}
