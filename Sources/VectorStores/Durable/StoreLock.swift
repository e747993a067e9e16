import Glibc

/// The right to write to a store: a kernel lock on the file `lock`, gone when its holder ends however.
///
/// An open-file-description lock, so that two stores in one process exclude each other too.
final class StoreLock: Sendable {
    private let file: File

    private init(file: File) {
        self.file = file
    }

    /// Who holds a lock, as the holder wrote it.
    struct Holder: Hashable, CustomStringConvertible {
        var pid: String
        var command: String

        var description: String { "held by pid \(pid) (\(command))" }
    }

    /// Takes the lock for this process; `nil` when another holds it.
    static func acquire(_ directory: Directory, command: String) throws(StoreError) -> StoreLock? {
        let file = try File.open(directory.lock, flags: O_RDWR | O_CREAT)
        var request = wholeFile
        if unsafe fcntl(file.descriptor, StoreLock.setOpenFileLock, &request) != 0 {
            if errno == EAGAIN || errno == EACCES { return nil }
            throw File.failure("locked", directory.lock)
        }
        try file.truncate(to: 0)
        try file.write(Array("\(getpid()) \(command)\n".utf8))
        return StoreLock(file: file)
    }

    /// Gives the lock back now, however long the store lives on.
    func release() {
        var request = StoreLock.wholeFile
        request.l_type = Int16(F_UNLCK)
        _ = unsafe fcntl(file.descriptor, StoreLock.setOpenFileLock, &request)
    }

    /// Who holds the lock now; `nil` when nobody does.
    static func holder(_ directory: Directory) throws(StoreError) -> Holder? {
        guard let file = try File.openIfThere(directory.lock) else { return nil }
        var request = wholeFile
        guard unsafe fcntl(file.descriptor, StoreLock.getOpenFileLock, &request) == 0 else {
            throw File.failure("asked for its lock", directory.lock)
        }
        if request.l_type == Int16(F_UNLCK) { return nil }
        let text = String(decoding: try file.read(256, at: 0), as: UTF8.self).prefix { $0 != "\n" }
        let parts = text.split(separator: " ", maxSplits: 1)
        return Holder(
            pid: parts.first.map { PrintedText.escaped(String($0), limit: 20) } ?? "?",
            command: parts.count > 1 ? PrintedText.escaped(String(parts[1]), limit: 80) : "unknown")
    }

    /// Linux's F_OFD_GETLK and F_OFD_SETLK, which the C library's headers show only to GNU sources.
    private static let getOpenFileLock: Int32 = 36
    private static let setOpenFileLock: Int32 = 37

    private static var wholeFile: flock {
        flock(l_type: Int16(F_WRLCK), l_whence: Int16(SEEK_SET), l_start: 0, l_len: 0, l_pid: 0)
    }
}
