import CCurses
import Glibc

/// Keeps what libraries write to standard error away from the picture.
struct ErrorCapture {
    /// The most bytes printed again at the end.
    static let maximumReplay = 64 * 1024

    private let saved: Int32
    private let replays: Bool

    /// Sends standard error to the file, or to one without a name that is printed at the end; nil
    /// when that cannot be done, and standard error then stays as it is.
    init?(logPath: String?) {
        let target: Int32
        if let logPath {
            target = unsafe open(logPath, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        } else {
            target = ccurses_nameless_file()
        }
        guard target >= 0 else { return nil }
        defer { close(target) }
        let saved = fcntl(2, F_DUPFD_CLOEXEC, 3)
        guard saved >= 0, dup2(target, 2) >= 0 else {
            if saved >= 0 { close(saved) }
            return nil
        }
        self.saved = saved
        replays = logPath == nil
    }

    /// Gives standard error back and prints what was held back.
    func end() {
        var held: [UInt8] = []
        if replays { held = ErrorCapture.tail(of: 2) }
        dup2(saved, 2)
        close(saved)
        Descriptor.write(held, to: 2)
    }

    private static func tail(of descriptor: Int32) -> [UInt8] {
        let length = Int(lseek(descriptor, 0, SEEK_END))
        guard length > 0 else { return [] }
        let count = min(length, maximumReplay)
        var bytes = [UInt8](repeating: 0, count: count)
        let read = unsafe pread(descriptor, &bytes, count, length - count)
        return Array(bytes.prefix(max(0, read)))
    }
}
