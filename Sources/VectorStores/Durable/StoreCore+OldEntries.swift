import Locks

extension StoreCore {
    /// Leaves old entries of the activity log to a snapshot that holds all that is here.
    ///
    /// What cannot be read there stays in memory, or in the file before.
    func leaveOldEntries(toSnapshot number: UInt64, in directory: Directory, recipe: String) {
        guard state.withReading({ $0.records.holdsOldEntries }),
            let reader = try? SnapshotFileReader(
                path: directory.snapshot(number), number: number, recipe: recipe),
            let section = try? reader.section("records"),
            let older = try? OlderEntries.read(section, of: reader, into: { _ in })
        else { return }
        state.withWriting { $0.records.leave(older) }
    }
}
