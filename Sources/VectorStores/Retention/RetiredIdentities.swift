import Decisions

/// Remembers what retention removed, so that a log read again is known and not taken in again.
///
/// Eight bytes for each: a hash of the identity. Two identities of one hash can only make an old
/// decision that was never stored count as a duplicate instead of as skipped.
struct RetiredIdentities {
    /// The most identities remembered; of more, the half that was removed first is forgotten.
    static let maximumKept = 1 << 20

    private var recent: Set<UInt64> = []
    private var earlier: Set<UInt64> = []
    /// The newest time of a removed decision.
    private(set) var newestTime: Timestamp?

    /// Bytes allocated.
    var memoryBytes: Int { (recent.capacity + earlier.capacity) * MemoryLayout<UInt64>.stride }

    /// Whether an identity was removed, as far back as is remembered.
    func contains(_ identity: EntryIdentity) -> Bool {
        let hash = RetiredIdentities.hash(of: identity)
        return recent.contains(hash) || earlier.contains(hash)
    }

    /// Remembers a removed entry.
    mutating func insert(_ identity: EntryIdentity, time: Timestamp) {
        newestTime = newestTime.map { max($0, time) } ?? time
        insert(RetiredIdentities.hash(of: identity))
    }

    private mutating func insert(_ hash: UInt64) {
        if recent.count >= RetiredIdentities.maximumKept / 2 {
            earlier = recent
            recent = []
        }
        recent.insert(hash)
    }

    /// FNV-1a over both names (Fowler, Noll, Vo: draft-eastlake-fnv), the same on every machine.
    private static func hash(of identity: EntryIdentity) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        func feed(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        // A server tells only the short name of one that is too long for its keys.
        let identity = identity.shortened
        for byte in identity.tenant.utf8 { feed(byte) }
        // No text holds this byte, so that the border between the names counts.
        feed(0xff)
        for byte in identity.id.utf8 { feed(byte) }
        return hash
    }
}

extension RetiredIdentities {
    /// The section of a snapshot it is kept in.
    static let section = "retired"

    /// What is remembered, for a snapshot: the time, then the hashes, first removed first.
    var encoded: [UInt8] {
        guard let newestTime else { return [] }
        var writer = ByteWriter()
        writer.append(signed: newestTime.seconds)
        writer.append(varint: newestTime.nanoseconds)
        for hash in earlier { writer.append(fixed: hash) }
        for hash in recent { writer.append(fixed: hash) }
        return writer.bytes
    }

    /// Reads what ``encoded`` gave.
    init(decoding bytes: [UInt8]) throws(ByteReader.Truncated) {
        guard !bytes.isEmpty else { return }
        var reader = ByteReader(bytes[...])
        newestTime = Timestamp(
            seconds: try reader.signed(), nanoseconds: Int32(try reader.varint() % 1_000_000_000))
        while reader.remaining > 0 { insert(try reader.fixed(UInt64.self)) }
    }
}
