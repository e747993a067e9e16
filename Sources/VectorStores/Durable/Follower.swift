import Glibc
import Locks

/// Follows the files of a store that another process writes.
final class Follower: Sendable {
    /// How often the journal is looked at, in milliseconds.
    static let pollMilliseconds = 250

    private struct Place {
        var journal: JournalReader?
        var number: UInt64
        /// The lock file as long as the store is the same one: its files last no longer than a snapshot.
        var mark: File?
        var failure: StoreError?
    }

    private let directory: Directory
    private let options: StoreOptions
    private let core: StoreCore
    private let place: Mutex<Place>
    private let stopped = Monitor(false)
    private let changed: @Sendable ([Record]) -> Void

    init(
        _ directory: Directory, options: StoreOptions, core: StoreCore, journal: sending JournalReader?,
        number: UInt64, changed: @escaping @Sendable ([Record]) -> Void
    ) {
        self.directory = directory
        self.options = options
        self.core = core
        self.changed = changed
        let mark = journal == nil ? nil : try? File.openIfThere(directory.lock)
        place = Mutex(Place(journal: journal, number: number, mark: mark))
    }

    /// Begins to look at the journal in the background.
    func start() {
        _ = BackgroundThread.start { [weak self, stopped] in
            while !stopped.read({ $0 }) {
                self?.poll()
                stopped.wait(milliseconds: Follower.pollMilliseconds) { $0 }
            }
        }
    }

    func stop() { stopped.update { $0 = true } }

    /// Why following ended; `nil` while all is well.
    var failure: StoreError? { place.withLock { $0.failure } }

    /// What a writer that has ended left after the last whole record; `nil` when nothing.
    func tornEnd() throws(StoreError) -> TornEnd? {
        poll()
        return try place.withLock { place throws(StoreError) in
            guard let journal = place.journal else { return nil }
            return try TornEnd(leftIn: journal)
        }
    }

    /// Takes over what was written since the last look.
    ///
    /// What the system refused is tried again the next time; damage stays.
    func poll() {
        let outcome: (changed: Bool, records: [Record]) = place.withLock { place in
            guard place.failure?.code != .corrupt else { return (false, []) }
            let before = core.state.withReading { $0.revision }
            var records: [Record] = []
            do throws(StoreError) {
                try catchUp(&place, &records)
                place.failure = nil
            } catch {
                place.failure = error
            }
            return (core.state.withReading { $0.revision } != before, records)
        }
        if outcome.changed { changed(outcome.records) }
    }

    private func catchUp(_ place: inout Place, _ records: inout [Record]) throws(StoreError) {
        while true {
            // The files of another store that took the place of this one may have the same numbers.
            let isAnother = try place.mark?.isRemoved() ?? false
            guard !isAnother, let journal = place.journal, try journal.file.length() >= journal.offset
            else { return try reload(&place, &records) }
            // Looked for before the journal is read: what follows a snapshot comes after all of it.
            let isReplaced = unsafe access(directory.snapshot(place.number + 1), F_OK) == 0
            let isRemoved = try journal.file.isRemoved()
            var end = try StoredContent.replay(journal, into: core) { records += $0 }
            // A batch that the disk refused may have been taken back and another written while this was read.
            if end == .damaged { end = try StoredContent.replay(journal, into: core) { records += $0 } }
            if end == .damaged { throw StoredContent.damaged(journal) }
            if isReplaced, let next = try File.openIfThere(directory.journal(place.number + 1)) {
                place.number += 1
                try StoredContent.checkJournal(next, number: place.number, options: options)
                place.journal = JournalReader(file: next)
                core.leaveOldEntries(toSnapshot: place.number, in: directory, recipe: options.recipe)
            } else if isReplaced || isRemoved {
                return try reload(&place, &records)
            } else {
                if core.isSparse(past: StoreCore.deadRowsBetweenSnapshots) { core.compact() }
                return
            }
        }
    }

    /// Reads everything anew: the store appeared, or went on more than one snapshot meanwhile.
    ///
    /// While an export counts on the rows' numbers what is here stays, and the next look tries again.
    private func reload(_ place: inout Place, _ records: inout [Record]) throws(StoreError) {
        guard !core.isHeld, try directory.exists() else { return }
        let mark = try File.openIfThere(directory.lock)
        let content = try StoredContent.read(directory, options: options)
        guard content.journal != nil, core.takeOver(content.core) else { return }
        records += core.state.withReading { $0.records.all }
        place.journal = content.journal
        place.number = content.number
        place.mark = mark
    }
}
