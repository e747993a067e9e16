internal import CVectorKernels

/// Finds the node of a vector: open addressing over (hash, slot) pairs, linear probing, at most three
/// quarters full.
///
/// Half a hash is kept, so that growing needs no vector to be read again. A place is the product of hash and
/// size, not a remainder (D. Lemire, Fast random integer generation in an interval, 2019), so that the table
/// need not double: at a million nodes half of it would be empty.
struct NodeDirectory {
    private struct Entry {
        var tag: UInt32
        /// The slot plus one; 0 is empty, `erased` was taken out.
        var slot: UInt32
    }
    private static let erased = UInt32.max

    private var entries: [Entry]
    private var used = 0

    /// A directory that takes so many nodes before it grows.
    init(capacity: Int = 0) {
        entries = [Entry](repeating: Entry(tag: 0, slot: 0), count: max(64, capacity * 4 / 3 + 4))
    }

    /// A directory of slots that are known at once; `hash` tells the hash of each.
    ///
    /// Their places lie far apart, so those of a block are asked for before the first of them is needed.
    init(of slots: [UInt32], hash: (UInt32) -> UInt64) {
        self.init(capacity: slots.count)
        var block: [Entry] = []
        for start in stride(from: 0, to: slots.count, by: NodeDirectory.blockSize) {
            block.removeAll(keepingCapacity: true)
            for slot in slots[start..<min(start + NodeDirectory.blockSize, slots.count)] {
                let entry = Entry(tag: NodeDirectory.tag(hash(slot)), slot: slot + 1)
                unsafe entries.withUnsafeBufferPointer {
                    unsafe vk_prefetch_lines(
                        $0.baseAddress.map { unsafe $0 + place(of: entry.tag) }, 1)
                }
                block.append(entry)
            }
            for entry in block { enter(entry) }
        }
    }

    private static let blockSize = 64

    var bytes: Int { entries.count * MemoryLayout<Entry>.stride }

    @inline(__always)
    private static func tag(_ hash: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: hash ^ (hash >> 32)) }

    /// Where the search for a tag begins.
    @inline(__always)
    private func place(of tag: UInt32) -> Int { Int((UInt64(tag) &* UInt64(entries.count)) &>> 32) }

    @inline(__always)
    private func next(_ place: Int) -> Int { place + 1 == entries.count ? 0 : place + 1 }

    /// The slot whose tag matches and which `isSame` confirms.
    func find(_ hash: UInt64, isSame: (UInt32) -> Bool) -> UInt32? {
        let tag = NodeDirectory.tag(hash)
        var index = place(of: tag)
        while entries[index].slot != 0 {
            let entry = entries[index]
            if entry.tag == tag, entry.slot != NodeDirectory.erased, isSame(entry.slot - 1) {
                return entry.slot - 1
            }
            index = next(index)
        }
        return nil
    }

    /// Adds a slot that is not in the directory.
    mutating func insert(_ hash: UInt64, slot: UInt32) {
        if (used + 1) * 4 > entries.count * 3 {
            let live = entries.filter { $0.slot != 0 && $0.slot != NodeDirectory.erased }
            self = NodeDirectory(capacity: live.count * 4 / 3)
            for entry in live { enter(entry) }
        }
        enter(Entry(tag: NodeDirectory.tag(hash), slot: slot + 1))
    }

    private mutating func enter(_ entry: Entry) {
        var index = place(of: entry.tag)
        while entries[index].slot != 0 { index = next(index) }
        entries[index] = entry
        used += 1
    }

    /// Takes a slot out.
    mutating func remove(_ hash: UInt64, slot: UInt32) {
        var index = place(of: NodeDirectory.tag(hash))
        while entries[index].slot != 0 {
            if entries[index].slot == slot + 1 {
                entries[index].slot = NodeDirectory.erased
                return
            }
            index = next(index)
        }
    }
}
