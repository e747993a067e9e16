import Decisions

extension StoreState {
    /// Writes everything but the index.
    func write(to writer: inout SnapshotFileWriter) throws(StoreError) {
        var facts = ByteWriter()
        facts.append(varint: columns.count)
        facts.append(varint: liveCount)
        facts.append(varint: conflicts)
        facts.append(lastInsert == nil ? 0 : 1)
        if let lastInsert {
            facts.append(signed: lastInsert.seconds)
            facts.append(varint: lastInsert.nanoseconds)
        }
        facts.append(varint: revision)
        try writer.section("facts", facts.bytes)
        try writer.section(RetiredIdentities.section, retired.encoded)
        try columns.write(to: &writer)
        writer.begin("records")
        // Those that are in the file before alone come as they are there.
        if let older = records.older {
            for place in older.places
            where !records.isHeld(ActivityLog.key(place.number), in: ActivityLog.collection) {
                try writer.append(try older.bytes(at: place))
            }
        }
        var encoded = ByteWriter()
        for record in records.all {
            RecordCodec.append(record, to: &encoded)
            if encoded.bytes.count >= 1 << 20 {
                try writer.append(encoded.bytes)
                encoded.removeAll()
            }
        }
        try writer.append(encoded.bytes)
    }

    /// Reads what `write` wrote; what follows from the rows is counted anew.
    init(reading reader: SnapshotFileReader) throws(StoreError) {
        self.init()
        let bytes = try reader.section("facts")
        let rows: Int
        let expectedLive: UInt64
        do {
            var facts = ByteReader(bytes[...])
            rows = Int(clamping: try facts.varint())
            expectedLive = try facts.varint()
            // Conflicts, which are counted from the rows.
            _ = try facts.varint()
            if try facts.byte() == 1 {
                let seconds = try facts.signed()
                lastInsert = Timestamp(
                    seconds: seconds, nanoseconds: Int32(try facts.varint() % 1_000_000_000))
            }
            revision = try facts.varint()
            guard revision <= RecordCodec.maximumRevision else { throw ByteReader.Truncated() }
        } catch {
            throw reader.damaged("section facts", at: 0)
        }
        columns = try DecisionColumns(reading: reader, rows: rows)
        if let row = recount() { throw reader.damaged("section identifiers", at: row) }
        guard UInt64(liveCount) == expectedLive else { throw reader.damaged("section flags", at: 0) }
        if reader.contains(RetiredIdentities.section) {
            let bytes = try reader.section(RetiredIdentities.section)
            do {
                retired = try RetiredIdentities(decoding: bytes)
            } catch {
                throw reader.damaged("section \(RetiredIdentities.section)", at: 0)
            }
        }
        var table = RecordTable()
        let older = try OlderEntries.read(try reader.section("records"), of: reader) { table.apply([$0]) }
        table.leave(older)
        records = table
    }

    /// Counts rows, tenants and times and finds identities anew, from the columns alone.
    ///
    /// Answers the first row that would not be found by its identity; only what was damaged has one.
    @discardableResult
    mutating func recount() -> Int? {
        var lost: Int?
        tenantCounts = Array(repeating: TenantCounts(), count: columns.tenants.values.count)
        identities.reserve(columns.count, in: columns)
        for row in 0..<columns.count where !columns.isDeleted(row) {
            let tenant = columns.tenants.numbers[row]
            if !identities.insertIfNew(row, tenant: tenant, id: columns.storedID(at: row), in: columns) {
                lost = lost ?? row
            }
            count(
                RowFlags(rawValue: columns.flags[row]).effect, columns.time(at: row),
                tenant: Int(columns.tenants.numbers[row]))
            countLive(row)
        }
        return lost
    }
}

/// A record as bytes, for journal and snapshot.
enum RecordCodec {
    /// Far more than is ever written, so that one more is still a number.
    static let maximumRevision = UInt64.max / 2

    static func append(_ record: Record, to writer: inout ByteWriter) {
        writer.append(record.collection)
        writer.append(record.key)
        writer.append(varint: record.revision)
        writer.append(optional: record.value.map { StoredJSON.text(of: $0) })
    }

    static func read(_ reader: inout ByteReader) throws(ByteReader.Truncated) -> Record {
        let collection = try reader.text()
        let key = try reader.text()
        let revision = try reader.varint()
        guard revision <= maximumRevision else { throw ByteReader.Truncated() }
        var value: JSONValue?
        if let json = try reader.optionalText() {
            guard let parsed = StoredJSON.value(of: json) else { throw ByteReader.Truncated() }
            value = parsed
        }
        return Record(collection: collection, key: key, value: value, revision: revision)
    }
}
