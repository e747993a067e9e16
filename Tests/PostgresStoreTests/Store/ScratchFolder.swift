import Foundation
import Locks
import VectorStores

@testable import PostgresStore

/// A path of its own where nothing is yet, for the files of mirrors; removed with this value.
final class ScratchFolder: Sendable {
    let path: String

    init() {
        path = NSTemporaryDirectory() + "verdict-mirror-\(UUID().uuidString)"
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// A place for files of mirrors of any size.
    var files: MirrorFiles {
        var files = MirrorFiles(folder: path)
        files.leastRows = 0
        return files
    }

    /// The files below it whose names begin with a word.
    func files(named beginning: String) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: path)
            .filter { $0.split(separator: "/").last?.hasPrefix(beginning) == true }.map { "\(path)/\($0)" }
            .sorted()
    }

    /// Changes a byte in the middle of a file.
    static func damage(_ file: String) throws {
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: file)))
        bytes[bytes.count / 2] ^= 0x55
        try Data(bytes).write(to: URL(fileURLWithPath: file))
    }

    /// The mode of a file, as `ls` shows its last nine bits.
    static func mode(_ file: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: file)
        return (attributes[.posixPermissions] as? NSNumber)?.intValue ?? -1
    }
}

/// A store with the log behind it, for tests that ask that what it did.
struct OpenedStore {
    let store: MemoryStore
    let log: PostgresLog

    /// Rows that were read from the server.
    var rowsRead: Int { log.saving.withLock { $0.rowsRead } }

    /// Opens a store whose mirror is kept in a folder.
    init(
        _ address: String, in folder: ScratchFolder, access: StoreOptions.Access = .write,
        watch: MirrorWatch = MirrorWatch(), linkedAtOnce: Int? = nil
    ) throws {
        var options = StoreOptions(clock: Sample.clock)
        options.access = access
        options.mirrorFiles = folder.files
        options.mirrorWatch = watch
        if let linkedAtOnce { options.linkedAtOnce = linkedAtOnce }
        log = try PostgresStore.log(.postgres(address), options)
        store = try MemoryStore(mirroring: log, at: .postgres(address), options: options)
    }
}
