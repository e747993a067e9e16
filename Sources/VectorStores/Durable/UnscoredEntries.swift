import Decisions

/// Which new entries of a queue nobody has scored yet: whoever detects is given them once the server has them.
///
/// An entry is scored when the receipt of its insert is confirmed while it still waits. One that is not, by a process
/// that detects nothing or that ended before, stays unscored.
struct UnscoredEntries {
    private var waiting: Set<EntryIdentity> = []
    private var receipts: [UInt64: [EntryIdentity]] = [:]
    private var nextReceipt = UnscoredEntries.firstReceipt

    /// Receipts of queued inserts are told by their size from the numbers of a server's transactions.
    static let firstReceipt: UInt64 = 1 << 63
    /// Inserts that are confirmed at all are confirmed at once: of more than these the oldest are not.
    private static let maximumReceipts = 1_024

    /// Adds what another process queued.
    mutating func add(_ identities: [EntryIdentity]) { waiting.formUnion(identities) }

    /// Adds what is queued now; answers what confirms it.
    mutating func addWithReceipt(_ identities: [EntryIdentity]) -> UInt64 {
        waiting.formUnion(identities)
        let receipt = nextReceipt
        nextReceipt += 1
        receipts[receipt] = identities
        receipts[receipt - min(receipt, UInt64(Self.maximumReceipts))] = nil
        return receipt
    }

    /// Whether whoever has the receipt is to score its entries: not where the server has some of them already, since
    /// those are given as arrivals.
    mutating func confirm(_ receipt: UInt64) -> Bool {
        guard let identities = receipts.removeValue(forKey: receipt), waiting.isSuperset(of: identities)
        else { return false }
        waiting.subtract(identities)
        return true
    }

    /// Which of some entries nobody has scored.
    func among(_ identities: [EntryIdentity]) -> Set<EntryIdentity> { waiting.intersection(identities) }

    /// Forgets entries, which are given or scored.
    mutating func remove(_ identities: some Sequence<EntryIdentity>) {
        waiting.subtract(identities)
        if waiting.isEmpty { receipts = [:] }
    }
}
