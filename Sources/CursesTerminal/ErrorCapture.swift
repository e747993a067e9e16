import CCurses
import Glibc

/// Keeps what libraries write to standard error away from the picture, and says it afterwards, also
/// when the program crashes: the reason of a crash is written just before it.
struct ErrorCapture {
    /// The most bytes printed again at the end.
    static let maximumReplay = 64 * 1024

    private let saved: Int32
    private let target: Int32
    private let start: Int

    /// Sends standard error to the file, or to one without a name; nil when that cannot be done, and
    /// standard error then stays as it is.
    init?(logPath: String?) {
        let target: Int32
        if let logPath {
            target = unsafe open(logPath, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        } else {
            target = ccurses_nameless_file()
        }
        guard target >= 0 else { return nil }
        let saved = fcntl(2, F_DUPFD_CLOEXEC, 3)
        guard saved >= 0, dup2(target, 2) >= 0 else {
            if saved >= 0 { close(saved) }
            close(target)
            return nil
        }
        self.saved = saved
        self.target = target
        start = max(0, Int(lseek(target, 0, SEEK_END)))
        ccurses_arm_errors(target, saved, off_t(start))
    }

    /// Gives standard error back and prints what was held back.
    func end() {
        ccurses_arm_errors(-1, -1, 0)
        let held = tail()
        dup2(saved, 2)
        close(saved)
        close(target)
        Descriptor.write(held, to: 2)
    }

    private func tail() -> [UInt8] {
        let length = Int(lseek(target, 0, SEEK_END))
        let first = max(start, length - ErrorCapture.maximumReplay)
        guard length > first else { return [] }
        var bytes = [UInt8](repeating: 0, count: length - first)
        let read = unsafe pread(target, &bytes, bytes.count, first)
        return Array(bytes.prefix(max(0, read)))
    }
}
