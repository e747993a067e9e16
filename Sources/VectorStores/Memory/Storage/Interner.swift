/// Distinct byte strings, each kept once and known by a number.
///
/// An open-addressing table over one arena. Hashes are seeded per process, so that names chosen in
/// a log cannot make the table slow.
struct Interner: ~Copyable {
    /// The number that stands for an absent value.
    static let absent = UInt32.max
    /// The most bytes an arena may hold.
    static let maximumBytes = Int(UInt32.max)

    private(set) var arena: [UInt8] = []
    /// Where each value ends in the arena.
    private(set) var ends: [UInt32] = []
    /// Numbers plus one; zero is empty.
    private var slots: [UInt32] = [UInt32](repeating: 0, count: 16)

    init() {}

    /// Makes an interner of an arena and ends that were stored; `nil` when they do not belong together, or a
    /// value is there twice.
    init?(arena: [UInt8], ends: [UInt32]) {
        var last: UInt32 = 0
        for end in ends {
            guard end >= last else { return nil }
            last = end
        }
        guard Int(last) == arena.count else { return nil }
        self.arena = arena
        self.ends = ends
        var size = 16
        while size * 3 < ends.count * 4 + 4 { size *= 2 }
        slots = [UInt32](repeating: 0, count: size)
        for number in 0..<UInt32(ends.count) {
            let slot = place(of: self.arena.span.extracting(range(of: number)))
            guard slots[slot] == 0 else { return nil }
            slots[slot] = number + 1
        }
    }

    /// How many distinct values there are.
    var count: Int { ends.count }

    /// Bytes allocated.
    var memoryBytes: Int { arena.capacity + ends.capacity * 4 + slots.capacity * 4 }

    /// The number of a value, a new one when it has none yet.
    mutating func intern(_ value: Span<UInt8>) -> UInt32 {
        let slot = place(of: value)
        if slots[slot] != 0 { return slots[slot] - 1 }
        precondition(
            arena.count + value.count <= Interner.maximumBytes, "room is looked for before a value is added")
        let number = UInt32(ends.count)
        unsafe value.withUnsafeBufferPointer { unsafe arena.append(contentsOf: $0) }
        ends.append(UInt32(arena.count))
        slots[slot] = number + 1
        if (ends.count + 1) * 4 > slots.count * 3 { rehash(slots: slots.count * 2) }
        return number
    }

    /// The number of a value; `nil` when it has none.
    func find(_ value: Span<UInt8>) -> UInt32? {
        let found = slots[place(of: value)]
        return found == 0 ? nil : found - 1
    }

    mutating func intern(_ text: String) -> UInt32 { intern(text.utf8Span.span) }

    mutating func intern(_ text: String?) -> UInt32 {
        guard let text else { return Interner.absent }
        return intern(text)
    }

    func find(_ text: String) -> UInt32? { find(text.utf8Span.span) }

    /// The value of a number, as text.
    func text(_ number: UInt32) -> String {
        String(decoding: arena[range(of: number)], as: UTF8.self)
    }

    /// The value of a number, as text; `nil` for the absent one.
    func optionalText(_ number: UInt32) -> String? {
        number == Interner.absent ? nil : text(number)
    }

    /// Whether the value of a number is a text.
    func isText(_ number: UInt32) -> Bool { UTF8Text.isValid(arena.span.extracting(range(of: number))) }

    /// The bytes of a number's value.
    func bytes(_ number: UInt32) -> ArraySlice<UInt8> { arena[range(of: number)] }

    /// Calls a closure with the bytes of a number's value, which are not retained for that.
    @inline(__always)
    func withBytes<Result>(_ number: UInt32, _ body: (Span<UInt8>) -> Result) -> Result {
        body(arena.span.extracting(range(of: number)))
    }

    private func range(of number: UInt32) -> Range<Int> {
        let start = number == 0 ? 0 : Int(ends[Int(number) - 1])
        return start..<Int(ends[Int(number)])
    }

    /// The slot where a value is, or where it belongs.
    private func place(of value: Span<UInt8>) -> Int {
        let mask = slots.count - 1
        var slot = Interner.hash(value) & mask
        let arenaSpan = arena.span
        while slots[slot] != 0 {
            let stored = arenaSpan.extracting(range(of: slots[slot] - 1))
            if Interner.equal(stored, value) { return slot }
            slot = (slot + 1) & mask
        }
        return slot
    }

    private mutating func rehash(slots newCount: Int) {
        slots = freshSlots(newCount)
    }

    private func freshSlots(_ newCount: Int) -> [UInt32] {
        var fresh = [UInt32](repeating: 0, count: newCount)
        let mask = newCount - 1
        let arenaSpan = arena.span
        for number in 0..<UInt32(ends.count) {
            var slot = Interner.hash(arenaSpan.extracting(range(of: number))) & mask
            while fresh[slot] != 0 { slot = (slot + 1) & mask }
            fresh[slot] = number + 1
        }
        return fresh
    }

    private static func hash(_ value: Span<UInt8>) -> Int {
        var hasher = Hasher()
        unsafe value.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
        return hasher.finalize()
    }

    private static func equal(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
        guard left.count == right.count else { return false }
        for index in left.indices where left[index] != right[index] { return false }
        return true
    }
}
