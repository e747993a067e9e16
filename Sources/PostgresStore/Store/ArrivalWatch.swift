import Decisions
import VectorStores

/// Which transactions had ended at one moment, as `pg_current_snapshot()` writes it: `xmin:xmax:open,…`.
struct ServerSnapshot: Sendable, Hashable {
    let text: String
    /// Every transaction below had ended.
    let oldest: UInt64
    /// No transaction from here on had begun.
    private let next: UInt64
    private let open: Set<UInt64>

    /// Reads what the server wrote; `nil` for anything else.
    init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, let oldest = UInt64(parts[0]), let next = UInt64(parts[1]) else { return nil }
        let open = parts[2].split(separator: ",").map { UInt64($0) }
        guard !open.contains(nil) else { return nil }
        self.text = text
        self.oldest = oldest
        self.next = next
        self.open = Set(open.compactMap { $0 })
    }

    /// Whether what a transaction did was to be seen.
    func sees(_ transaction: UInt64) -> Bool {
        transaction < oldest || transaction < next && !open.contains(transaction)
    }
}

/// Up to where the entries of a store were scored, exactly: what a snapshot shows, with some transactions more and
/// some less.
struct ArrivalPosition: Sendable, Hashable {
    var snapshot: ServerSnapshot
    /// Scored although the snapshot does not show them.
    var more: Set<UInt64> = []
    /// Not scored although it does.
    var less: Set<UInt64> = []

    /// Whether what a transaction stored is scored.
    func covers(_ transaction: UInt64) -> Bool {
        snapshot.sees(transaction) ? !less.contains(transaction) : more.contains(transaction)
    }

    /// Every transaction below is covered.
    var oldest: UInt64 { min(snapshot.oldest, less.min() ?? .max) }

    /// The position as it is saved.
    var json: JSONValue {
        func texts(_ numbers: Set<UInt64>) -> JSONValue {
            .array(numbers.sorted().map { .string("\($0)") })
        }
        return .object(["snapshot": .string(snapshot.text), "more": texts(more), "less": texts(less)])
    }

    init(snapshot: ServerSnapshot, more: Set<UInt64> = [], less: Set<UInt64> = []) {
        self.snapshot = snapshot
        self.more = more
        self.less = less
    }

    /// Reads a saved position; `nil` for anything else.
    init?(json: JSONValue) {
        guard let object = json.object, let text = object["snapshot"]?.text,
            let snapshot = ServerSnapshot(text)
        else { return nil }
        func numbers(_ key: String) -> Set<UInt64> {
            guard case .array(let elements)? = object[key] else { return [] }
            return Set(elements.compactMap { $0.text.flatMap { UInt64($0) } })
        }
        self.init(snapshot: snapshot, more: numbers("more"), less: numbers("less"))
    }
}

/// Collects what others store, for the one process that scores it.
struct ArrivalWatch: Sendable {
    /// Up to where all was given or confirmed; `nil` while nothing is collected.
    private(set) var position: ArrivalPosition?
    /// What came and was not given yet, and up to where that goes.
    private var waiting: [EntryIdentity] = []
    private var read: ServerSnapshot?
    /// The last insert of this process, until somebody wants to confirm it.
    private var last: UInt64?
    /// Inserts of this process that are not confirmed.
    private var unconfirmed: Set<UInt64> = []
    /// Inserts of this process whose entries wait to be given.
    private var given: Set<UInt64> = []
    /// Whether what is written comes from the queue, and the insert of which it is not told yet what of it to give.
    private var isQueued = false
    private var undecided: UInt64?
    /// Receipts of another life of the server.
    private var lapsed: Set<UInt64> = []

    /// Begins: what this process did until now counts as given.
    mutating func begin(at snapshot: ServerSnapshot, own: [UInt64]) {
        self = ArrivalWatch()
        position = ArrivalPosition(snapshot: snapshot, more: Set(own.filter { !snapshot.sees($0) }))
    }

    mutating func end() { self = ArrivalWatch() }

    /// Takes what others committed up to a snapshot.
    mutating func add(_ identities: [EntryIdentity], upTo snapshot: ServerSnapshot) {
        guard position != nil else { return }
        waiting += identities
        read = snapshot
    }

    /// Gives what waits; the position goes with it.
    mutating func take() -> [EntryIdentity] {
        guard let before = position, read != nil || !given.isEmpty else { return [] }
        defer {
            waiting = []
            given = []
            read = nil
        }
        let snapshot = read ?? before.snapshot
        let open = unconfirmed.union(undecided.map { [$0] } ?? [])
        position = ArrivalPosition(
            snapshot: snapshot, more: before.more.union(given).filter { !snapshot.sees($0) },
            less: open.filter { snapshot.sees($0) })
        return waiting
    }

    /// Says that what is written next comes from the queue.
    mutating func beginQueued() { isQueued = true }

    /// Ends that; gives what of it nobody has scored, as if somebody else had stored it.
    mutating func endQueued(giving identities: [EntryIdentity]) {
        isQueued = false
        guard let transaction = undecided, position != nil else { return }
        undecided = nil
        if identities.isEmpty {
            settle(transaction)
        } else {
            given.insert(transaction)
            waiting += identities
        }
    }

    /// Forgets the numbers of transactions: another life of the server gives them anew.
    mutating func forgetNumbers() {
        position?.more = []
        given = []
        last = nil
        lapsed.formUnion(unconfirmed)
        unconfirmed = []
    }

    /// Notes what this process wrote; an insert counts as scored unless it comes from the queue or somebody takes its
    /// receipt.
    mutating func wrote(_ transaction: UInt64, storesNew: Bool) {
        guard position != nil else { return }
        if isQueued, storesNew {
            undecided = transaction
            return
        }
        position?.more.insert(transaction)
        if storesNew { last = transaction }
    }

    /// The last insert, which is to be confirmed from now on.
    mutating func takeReceipt() -> UInt64? {
        guard let transaction = last else { return nil }
        last = nil
        unconfirmed.insert(transaction)
        position?.more.remove(transaction)
        return transaction
    }

    /// Notes that an insert is scored; false where it was given as one that came before.
    mutating func confirm(_ transaction: UInt64) -> Bool {
        guard let known = position, lapsed.remove(transaction) == nil else { return true }
        guard unconfirmed.remove(transaction) != nil else { return !known.covers(transaction) }
        settle(transaction)
        return true
    }

    /// Lets the position cover a transaction.
    private mutating func settle(_ transaction: UInt64) {
        guard let known = position else { return }
        position?.less.remove(transaction)
        if !known.snapshot.sees(transaction) { position?.more.insert(transaction) }
    }
}
