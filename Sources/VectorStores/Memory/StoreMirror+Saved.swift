import Locks
import VectorIndex

/// A mirror in a file of this machine, whose note is read before everything else.
package struct SavedMirror: Sendable {
    /// What was written with it.
    package let note: String
    private let directory: Directory
    private let number: UInt64
    private let options: StoreOptions

    /// The section of a snapshot that holds the note.
    fileprivate static let noteSection = "mirror"

    /// Finds the newest mirror in a folder; `nil` when there is none.
    package init?(in folder: String, options: StoreOptions) throws(StoreError) {
        directory = Directory(path: folder)
        self.options = options
        guard try directory.exists(), let newest = try directory.newestSnapshot(),
            let reader = try SnapshotFileReader(
                path: directory.snapshot(newest), number: newest, recipe: options.recipe)
        else { return nil }
        number = newest
        note = String(decoding: try reader.section(Self.noteSection), as: UTF8.self)
    }

    /// Reads all of it into an empty mirror; throws `.corrupt` where anything is not as it was written.
    package func open(into mirror: StoreMirror) throws(StoreError) {
        guard let read = try StoredContent.readCore(number, false, directory, options), !read.isIndexBuilt,
            mirror.core.takeOver(read.core)
        else {
            throw StoreError(
                .corrupt, "\(PrintedText.escaped(directory.snapshot(number))) has gone or lost its index")
        }
        mirror.core.state.withWriting { $0.records.leaveOlderToServer() }
    }
}

extension StoreMirror {
    /// Whether searches compare everything since the links are not made.
    package var isUnlinked: Bool { core.index.isUnlinked }

    /// Writes all of it into a folder, with a note, in place of what was there; false while another process does.
    ///
    /// Whole or not at all. The mirror must not change meanwhile.
    package func save(in folder: String, note: String, options: StoreOptions) throws(StoreError) -> Bool {
        let directory = Directory(path: folder)
        try directory.create()
        guard let lock = try StoreLock.acquire(directory, command: options.commandName) else { return false }
        defer { lock.release() }
        let old = try directory.newestSnapshot()
        try directory.removeLeavings(besides: old ?? 0)
        let number = (old ?? 0) + 1
        do throws(StoreError) {
            let checksum: UInt32
            do {
                checksum = try core.index.writeSnapshot(to: directory.index(number))
            } catch {
                throw StoreError(.inputOutput, error.description)
            }
            var file = try SnapshotFileWriter(
                path: directory.snapshot(number), number: number, recipe: options.recipe, in: directory)
            try core.state.withReading { state throws(StoreError) in try state.write(to: &file) }
            try file.section(SavedMirror.noteSection, Array(note.utf8))
            try file.writeIndexChecksum(checksum)
            _ = try file.finish()
            try file.publish()
        } catch {
            directory.remove(directory.snapshot(number) + ".new")
            directory.remove(directory.index(number))
            throw error
        }
        if let old {
            directory.remove(directory.snapshot(old))
            directory.remove(directory.index(old))
        }
        return true
    }
}

extension Directory {
    /// The number of the newest snapshot; `nil` where there is none.
    fileprivate func newestSnapshot() throws(StoreError) -> UInt64? {
        try names().compactMap { name -> UInt64? in
            guard case .snapshot(let number) = name else { return nil }
            return number
        }.max()
    }
}
