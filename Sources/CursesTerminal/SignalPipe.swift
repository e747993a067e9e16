import CCurses
import Glibc
import TerminalUI

/// A pipe that signal handlers and other threads write bytes to, and one thread waits at: the number of
/// the signal, or 0.
///
/// Neither end ever waits by itself.
final class SignalPipe: Sendable {
    /// Where one thread waits.
    let readEnd: Int32
    /// What signal handlers write to.
    let writeEnd: Int32

    init() throws(TerminalError) {
        var ends: [Int32] = [-1, -1]
        guard unsafe ccurses_pipe(&ends, 0) != 0 else {
            throw TerminalError(description: "no pipe for signals: \(TerminalError.reason(errno))")
        }
        readEnd = ends[0]
        writeEnd = ends[1]
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    /// Wakes who waits.
    func wake() { Descriptor.write([0], to: writeEnd) }

    /// The bytes written since the last call.
    func drain() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = unsafe read(readEnd, &bytes, bytes.count)
        return count > 0 ? Array(bytes.prefix(count)) : []
    }
}
