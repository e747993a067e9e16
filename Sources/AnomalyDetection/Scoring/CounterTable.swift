/// Counts under 64-bit keys: open addressing with linear probing, no allocation per count.
///
/// Key 0 marks a free place and is never counted.
struct CounterTable: Sendable, Hashable {
    private var keys: [UInt64] = []
    private var values: [UInt32] = []
    /// How many keys have a count.
    private(set) var count = 0

    /// The count under a key; 0 when there is none.
    subscript(key: UInt64) -> UInt32 {
        guard count > 0, key != 0 else { return 0 }
        let place = place(of: key)
        return keys[place] == key ? values[place] : 0
    }

    /// Adds one under a key and returns the count before.
    mutating func increment(_ key: UInt64) -> UInt32 {
        guard key != 0 else { return 0 }
        if (count + 1) * 10 > keys.count * 7 { grow() }
        let place = place(of: key)
        if keys[place] == key {
            let before = values[place]
            if before < .max { values[place] = before + 1 }
            return before
        }
        keys[place] = key
        values[place] = 1
        count += 1
        return 0
    }

    /// Sets the count under a key.
    mutating func set(_ key: UInt64, to value: UInt32) {
        guard key != 0, value > 0 else { return }
        if (count + 1) * 10 > keys.count * 7 { grow() }
        let place = place(of: key)
        if keys[place] != key {
            keys[place] = key
            count += 1
        }
        values[place] = value
    }

    /// Every key with its count; the order depends on history, so sort where it matters.
    var entries: [(key: UInt64, value: UInt32)] {
        var result: [(key: UInt64, value: UInt32)] = []
        result.reserveCapacity(count)
        for (place, key) in keys.enumerated() where key != 0 {
            result.append((key: key, value: values[place]))
        }
        return result
    }

    /// The place that holds a key, or the free place where it would go.
    private func place(of key: UInt64) -> Int {
        let mask = keys.count - 1
        var place = Int(truncatingIfNeeded: mix(key)) & mask
        while keys[place] != key && keys[place] != 0 {
            place = (place + 1) & mask
        }
        return place
    }

    private mutating func grow() {
        let old = entries
        let capacity = max(16, keys.count * 2)
        keys = Array(repeating: 0, count: capacity)
        values = Array(repeating: 0, count: capacity)
        for entry in old {
            let place = place(of: entry.key)
            keys[place] = entry.key
            values[place] = entry.value
        }
    }
}

/// The finaliser of SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number
/// generators", OOPSLA 2014): spreads every bit of a key over all bits of the result.
@inline(__always)
func mix(_ key: UInt64) -> UInt64 {
    var value = key
    value = (value ^ (value &>> 30)) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ (value &>> 27)) &* 0x94d0_49bb_1331_11eb
    return value ^ (value &>> 31)
}
