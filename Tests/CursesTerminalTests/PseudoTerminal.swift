import CCurses
import Glibc

/// A terminal whose other side the test holds.
final class PseudoTerminal {
    let master: Int32
    let slave: Int32

    init?(width: UInt16 = 80, height: UInt16 = 24) {
        var ends: (Int32, Int32) = (-1, -1)
        var size = winsize(ws_row: height, ws_col: width, ws_xpixel: 0, ws_ypixel: 0)
        guard unsafe openpty(&ends.0, &ends.1, nil, nil, &size) == 0 else { return nil }
        (master, slave) = ends
        // Reading must end when nothing more comes.
        _ = fcntl(master, F_SETFL, O_NONBLOCK)
    }

    deinit {
        close(slave)
        close(master)
    }

    /// What the slave side's modes are.
    var modes: [UInt32] {
        var modes = termios()
        _ = unsafe tcgetattr(slave, &modes)
        return [modes.c_iflag, modes.c_oflag, modes.c_cflag, modes.c_lflag]
    }

    func type(_ text: String) {
        let bytes = Array(text.utf8)
        _ = unsafe write(master, bytes, bytes.count)
    }

    func resize(width: UInt16, height: UInt16) {
        var size = winsize(ws_row: height, ws_col: width, ws_xpixel: 0, ws_ypixel: 0)
        _ = unsafe ioctl(master, UInt(TIOCSWINSZ), &size)
    }

    /// How much was written to the terminal and not read yet, as far as the kernel tells.
    var waitingBytes: Int32 {
        var count: Int32 = 0
        _ = unsafe ioctl(master, UInt(FIONREAD), &count)
        return count
    }

    /// What was written to the terminal and not read yet.
    func output() -> String {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe read(master, &chunk, 65_536)
            guard count > 0 else { break }
            bytes += chunk.prefix(count)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
