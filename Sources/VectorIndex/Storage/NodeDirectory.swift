/// Finds the node of a vector: open addressing over (hash, slot) pairs, linear probing, at most three
/// quarters full.
///
/// Half a hash is kept, so that growing needs no vector to be read again.
struct NodeDirectory {
    private struct Entry {
        var tag: UInt32
        /// The slot plus one; 0 is empty, `erased` was taken out.
        var slot: UInt32
    }
    private static let erased = UInt32.max

    private var entries: [Entry]
    private var used = 0

    init(capacity: Int = 0) {
        var size = 64
        while size * 3 < capacity * 4 + 4 { size *= 2 }
        entries = [Entry](repeating: Entry(tag: 0, slot: 0), count: size)
    }

    var bytes: Int { entries.count * MemoryLayout<Entry>.stride }

    @inline(__always)
    private static func tag(_ hash: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: hash ^ (hash >> 32)) }

    /// The slot whose tag matches and which `isSame` confirms.
    func find(_ hash: UInt64, isSame: (UInt32) -> Bool) -> UInt32? {
        let mask = entries.count - 1
        let tag = NodeDirectory.tag(hash)
        var index = Int(tag) & mask
        while entries[index].slot != 0 {
            let entry = entries[index]
            if entry.tag == tag, entry.slot != NodeDirectory.erased, isSame(entry.slot - 1) {
                return entry.slot - 1
            }
            index = (index + 1) & mask
        }
        return nil
    }

    /// Adds a slot that is not in the directory.
    mutating func insert(_ hash: UInt64, slot: UInt32) {
        if (used + 1) * 4 > entries.count * 3 {
            let live = entries.filter { $0.slot != 0 && $0.slot != NodeDirectory.erased }
            self = NodeDirectory(capacity: live.count * 2)
            for entry in live { place(entry) }
        }
        place(Entry(tag: NodeDirectory.tag(hash), slot: slot + 1))
    }

    private mutating func place(_ entry: Entry) {
        let mask = entries.count - 1
        var index = Int(entry.tag) & mask
        while entries[index].slot != 0 { index = (index + 1) & mask }
        entries[index] = entry
        used += 1
    }

    /// Takes a slot out.
    mutating func remove(_ hash: UInt64, slot: UInt32) {
        let mask = entries.count - 1
        var index = Int(NodeDirectory.tag(hash)) & mask
        while entries[index].slot != 0 {
            if entries[index].slot == slot + 1 {
                entries[index].slot = NodeDirectory.erased
                return
            }
            index = (index + 1) & mask
        }
    }
}
