import Decisions

/// Old entries of the activity log, which stay in the file of a snapshot: where in it each of them is.
///
/// Only the newest are looked at again and again, and are held in memory. Of each other one its place is, in 32 bytes,
/// and whoever lists or verifies them reads them from the file, which stays open also when a newer one took its name.
struct OlderEntries: Sendable {
    /// How many of the newest entries are held in memory.
    static let held = 10_000

    /// Where an entry is.
    struct Place: Sendable {
        var number: Int
        var offset: Int
        var length: Int
        var revision: UInt64
    }

    private let file: File
    /// By number.
    let places: [Place]

    /// Places in a file, in any order.
    init(in file: File, at places: [Place]) {
        self.file = file
        self.places = places.sorted { $0.number < $1.number }
    }

    /// Where an entry is; `nil` where it is none of these.
    func place(of number: Int) -> Place? {
        let place = places.partition { $0.number < number }
        return place < places.count && places[place].number == number ? places[place] : nil
    }

    /// The places of at most so many entries whose keys do not come before one.
    func places(from key: String, limit: Int) -> ArraySlice<Place> {
        let key = ByteKey(key)
        return places[places.partition { ByteKey(ActivityLog.key($0.number)) < key }...].prefix(limit)
    }

    /// The bytes of an entry as they are in the file.
    func bytes(at place: Place) throws(StoreError) -> [UInt8] {
        let bytes = try file.read(place.length, at: place.offset)
        guard bytes.count == place.length else { throw damaged(place) }
        return bytes
    }

    /// Reads an entry.
    func record(at place: Place) throws(StoreError) -> Record {
        var reader = ByteReader(try bytes(at: place)[...])
        do {
            return try RecordCodec.read(&reader)
        } catch {
            throw damaged(place)
        }
    }

    private func damaged(_ place: Place) -> StoreError {
        StoreError(
            .corrupt,
            "\(PrintedText.escaped(file.path)) is damaged at offset \(place.offset), entry \(place.number) of the "
                + "activity log: restore it from a backup")
    }
}

extension OlderEntries {
    /// The records of a snapshot: all but the values of the older entries, and where those are.
    static func read(
        _ encoded: [UInt8], of reader: SnapshotFileReader, into body: (Record) -> Void
    ) throws(StoreError) -> OlderEntries? {
        guard let section = reader.place(of: "records") else { return nil }
        var places: [Place] = []
        do {
            var bytes = ByteReader(encoded[...])
            while bytes.remaining > 0 {
                let start = bytes.place
                guard var place = try RecordCodec.entry(&bytes) else {
                    // Any other record, from its beginning on.
                    var again = ByteReader(encoded[start..<bytes.place])
                    body(try RecordCodec.read(&again))
                    continue
                }
                place.offset = start
                place.length = bytes.place - start
                places.append(place)
            }
            places.sort { $0.number < $1.number }
            for place in places.suffix(held) {
                var entry = ByteReader(encoded[place.offset..<(place.offset + place.length)])
                body(try RecordCodec.read(&entry))
            }
        } catch {
            throw reader.damaged("section records", at: 0)
        }
        guard places.count > held else { return nil }
        return OlderEntries(
            in: section.file,
            at: places.dropLast(held).map { place in
                var place = place
                place.offset += section.offset
                return place
            })
    }
}

extension RecordCodec {
    /// Passes over a record; answers what is known of it where it is an entry of the activity log, which is not parsed.
    fileprivate static func entry(
        _ reader: inout ByteReader
    ) throws(ByteReader.Truncated) -> OlderEntries.Place? {
        let (collection, key) = (try reader.text(), try reader.text())
        let revision = try reader.varint()
        guard revision <= maximumRevision else { throw ByteReader.Truncated() }
        let length = try reader.varint()
        guard length <= UInt64(reader.remaining) + 1 else { throw ByteReader.Truncated() }
        // A deleted one has no value, and its revision is held.
        guard length > 0 else { return nil }
        _ = try reader.raw(Int(length) - 1)
        guard collection == ActivityLog.collection, let number = ActivityLog.number(ofKey: key) else {
            return nil
        }
        return OlderEntries.Place(number: number, offset: 0, length: 0, revision: revision)
    }
}

extension [OlderEntries.Place] {
    /// How many come first for which something holds; by number.
    fileprivate func partition(_ comesBefore: (OlderEntries.Place) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if comesBefore(self[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
