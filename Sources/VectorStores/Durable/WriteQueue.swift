package import Decisions
import Locks

/// Entries that wait on this machine for a server that is away: on the disk before they are acknowledged.
///
/// A folder holds numbered ones, of which a process has one to itself; that of a process which ended, however it did,
/// is the next one's. Exactly one thread changes a queue at a time: whoever has the store's turn to write.
package final class WriteQueue: Sendable {
    /// Entries that were queued together.
    package struct Batch: Sendable {
        /// The entries, each with the identifier that it was to be stored under.
        package var content: [(entry: Entry, storedID: String)]
        /// When they were queued, by the wall clock.
        package var time: Timestamp

        var entries: [Entry] { content.map(\.entry) }

        var identities: [EntryIdentity] {
            content.map { EntryIdentity(tenant: $0.entry.decision.tenant, id: $0.storedID) }
        }
    }

    private struct State {
        var count = 0
        var failure: StoreError?
        /// Why a queue that a process left could not be taken over.
        var lookFailure: StoreError?
        var open: OpenQueue?
        var unscored = UnscoredEntries()
        /// When it was last looked for other queues, in seconds of the wall clock.
        var lastLook: Double?
    }

    private let folder: String
    private let limit: Int
    private let options: StoreOptions
    private let state = Mutex(State())
    /// How many queues of processes that run at once a folder has at most.
    private static let maximumQueues = 64
    /// Seconds between two looks for a queue that a process left while this one runs.
    private static let secondsBetweenLooks = 30.0

    /// Takes over the first queue of a folder that nobody has: one with entries before an empty one.
    ///
    /// A queue that cannot be read throws `.corrupt` and is left as it is.
    package init(folder: String, limit: Int, options: StoreOptions) throws(StoreError) {
        self.folder = folder
        self.limit = limit
        self.options = options
        guard try Directory(path: folder).exists() else { return }
        var spare: OpenQueue?
        do throws(StoreError) {
            for number in 0..<Self.maximumQueues {
                let directory = Directory(path: "\(folder)/\(number)")
                guard try directory.exists() else { break }
                guard let open = try OpenQueue(directory, options) else { continue }
                if open.count > 0 {
                    spare?.close()
                    spare = open
                    break
                }
                if spare == nil { spare = open } else { open.close() }
            }
        } catch {
            spare?.close()
            throw error
        }
        guard let open = spare else { return }
        state.withLock { state in
            state.count = open.count
            state.open = open
        }
    }

    /// How many entries wait.
    package var count: Int { state.withLock { $0.count } }

    /// Why they, or what another process left, could not be written when that was last tried; `nil` when it was not, or
    /// they were.
    package var failure: StoreError? { state.withLock { $0.failure ?? $0.lookFailure } }

    func noteFailure(_ failure: StoreError) { state.withLock { $0.failure = failure } }

    /// Works with what of its entries nobody has scored.
    func withUnscored<Result>(_ body: (inout UnscoredEntries) -> Result) -> Result {
        state.withLock { body(&$0.unscored) }
    }

    /// Takes over a queue that a process left while this one runs, where this one's is empty; looks now and then only.
    func takeOverAbandoned(at now: Timestamp) {
        let (isDue, open) = state.withLock { state in
            let isDue =
                state.count == 0
                && (state.lastLook.map { abs(now.secondsSince1970 - $0) >= Self.secondsBetweenLooks } ?? true)
            if isDue { state.lastLook = now.secondsSince1970 }
            return (isDue, state.open)
        }
        if isDue { takeOverNext(besides: open) }
    }

    /// Puts the entries that a plan stores or changes at the end, and waits until the disk has them.
    func append(_ entries: [Entry], _ plan: InsertPlan, at now: Timestamp) throws(StoreError) {
        let added = plan.steps.count { $0.disposition.isWritten }
        if added == 0 { return }
        let open = try opened()
        try open.append(entries, plan, at: now, limit: limit, waiting: count)
        state.withLock { $0.count += added }
    }

    /// Calls a closure with each batch, oldest first.
    func forEachBatch(_ body: (Batch) throws(StoreError) -> Void) throws(StoreError) {
        guard let open = state.withLock({ $0.open }) else { return }
        try open.read { (batch, _) throws(StoreError) in try body(batch) }
    }

    /// Calls a closure with each batch, oldest first, and lets go of those it took; what it throws ends it.
    func drain(_ write: (Batch) throws(StoreError) -> Void) throws(StoreError) {
        guard let open = state.withLock({ $0.open }) else { return }
        // What was queued together may be several batches of one beginning, all of which come again if one fails.
        var (beginning, written) = (-1, 0)
        try open.read { (batch, start) throws(StoreError) in
            if start != beginning {
                state.withLock { $0.count -= written }
                (beginning, written) = (start, 0)
            }
            // It only spares work: a disk that is full must not keep entries here.
            try? open.noteWritten(upTo: start)
            try write(batch)
            written += batch.content.count
        }
        try open.clear()
        state.withLock { state in
            state.count = 0
            state.failure = nil
        }
        takeOverNext(besides: open)
    }

    /// Lets go of the file, for whoever comes next.
    package func close() {
        state.withLock { state in
            state.open?.close()
            state.open = nil
        }
    }

    private func opened() throws(StoreError) -> OpenQueue {
        if let open = state.withLock({ $0.open }) { return open }
        for number in 0..<Self.maximumQueues {
            let directory = Directory(path: "\(folder)/\(number)")
            try directory.create()
            guard let open = try OpenQueue(directory, options) else { continue }
            state.withLock { state in
                state.count += open.count
                state.open = open
            }
            return open
        }
        throw StoreError(
            .failed,
            "\(PrintedText.escaped(folder)) has \(Self.maximumQueues) queues in use: end some process")
    }

    /// Takes another queue that a process left behind in place of one that is empty; one that cannot be read is passed
    /// over, and told.
    private func takeOverNext(besides empty: OpenQueue?) {
        var failure: StoreError?
        defer { state.withLock { $0.lookFailure = failure } }
        for number in 0..<Self.maximumQueues {
            let directory = Directory(path: "\(folder)/\(number)")
            if directory.path == empty?.directory.path { continue }
            do throws(StoreError) {
                guard try directory.exists() else { return }
                guard let other = try OpenQueue(directory, options) else { continue }
                guard other.count > 0 else {
                    other.close()
                    continue
                }
                empty?.close()
                state.withLock { state in
                    state.count = other.count
                    state.open = other
                }
                return
            } catch {
                failure = error
            }
        }
    }
}
