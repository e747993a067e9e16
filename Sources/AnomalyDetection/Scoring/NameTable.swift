import Decisions

/// Names numbered in the order they came, each with how often it was seen.
///
/// Number 0 stands for every name that was not kept; it is never counted, so it always looks unseen.
struct NameTable: Sendable, Hashable {
    /// The names; the name numbered `n` is at `n - 1`.
    private(set) var names: [String] = []
    /// How often each was seen; the count of number `n` is at `n`, that of 0 stays 0.
    private(set) var counts: [UInt32] = [0]
    private var numbers: [ByteKey: UInt32] = [:]

    /// The most bytes of a name that is kept whole; of a longer one its beginning and a hash are kept.
    static let maximumNameBytes = 1_024

    /// How many different names there are.
    var distinct: Int { names.count }

    /// The number of a name; 0 when it was never kept.
    func number(of name: String) -> UInt32 {
        numbers[ByteKey(Self.kept(name))] ?? 0
    }

    /// What a name is known by.
    static func key(of name: String) -> ByteKey {
        ByteKey(kept(name))
    }

    /// The name with a number; `"?"` for 0.
    func name(of number: UInt32) -> String {
        number == 0 ? "?" : names[Int(number) - 1]
    }

    /// The number of a name, given one if there is room; 0 otherwise.
    mutating func intern(_ name: String, limit: Int) -> UInt32 {
        let name = Self.kept(name)
        let key = ByteKey(name)
        if let known = numbers[key] { return known }
        guard names.count < limit else { return 0 }
        names.append(name)
        counts.append(0)
        let number = UInt32(names.count)
        numbers[key] = number
        return number
    }

    /// Counts one sight of a number and returns how many there were before.
    mutating func increment(_ number: UInt32) -> UInt32 {
        guard number != 0 else { return 0 }
        let before = counts[Int(number)]
        if before < .max { counts[Int(number)] = before + 1 }
        return before
    }

    /// How often a number was seen.
    func count(_ number: UInt32) -> UInt32 {
        counts[Int(number)]
    }

    /// Appends a name with its count, as when a saved table is read.
    mutating func append(_ name: String, count: UInt32) {
        names.append(name)
        counts.append(count)
        numbers[ByteKey(name)] = UInt32(names.count)
    }

    /// What is kept of a name, so that a table's size is bounded by how many there are.
    private static func kept(_ name: String) -> String {
        guard name.utf8.count > maximumNameBytes else { return name }
        return Reasons.short(name) + String(FNV1a.hash(name), radix: 16)
    }

    /// Halves every count, forgets the names that reach zero, and returns each old number's new one.
    mutating func age() -> [UInt32] {
        var kept = NameTable()
        var renumbering = [UInt32](repeating: 0, count: names.count + 1)
        for (index, name) in names.enumerated() {
            let half = counts[index + 1] / 2
            guard half > 0 else { continue }
            kept.append(name, count: half)
            renumbering[index + 1] = UInt32(kept.names.count)
        }
        self = kept
        return renumbering
    }
}
