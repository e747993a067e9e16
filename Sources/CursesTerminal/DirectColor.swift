import Glibc

/// A private terminal description with 24-bit colours, since the usual ones know 256 at most.
///
/// Only terminfo entries with `RGB` give ncurses direct colours, and Debian's base set has none. The
/// entry is derived from the terminal's own, so its other abilities stay, and is compiled by `tic`.
struct DirectColor {
    /// The type to derive from.
    let baseType: String
    /// Where compiled entries are kept.
    let directory: String

    /// The entry's name.
    var name: String { "verdict-" + baseType }

    /// The entry in terminfo source form.
    ///
    /// Values below 8 select the terminal's own palette, which is why colours are clamped to 8 before
    /// they are used. The mouse strings ask for SGR coordinates, which tmux and xterm both speak.
    var source: String {
        func sequence(_ basic: Int, _ extended: Int) -> String {
            "\\E[%?%p1%{8}%<%t\(basic)%p1%d%e\(extended);2;%p1%{65536}%/%d;%p1%{256}%/%{255}%&%d;"
                + "%p1%{255}%&%d%;m"
        }
        return """
            \(name)|\(baseType) with direct colours,
            \tRGB, ccc@, colors#0x1000000, pairs#0x10000, initc@, initp@, oc@, setf@, setb@,
            \top=\\E[39;49m,
            \tsetaf=\(sequence(3, 38)),
            \tsetab=\(sequence(4, 48)),
            \tkmous=\\E[<, XM=\\E[?1006;1000%?%p1%{1}%=%th%el%;,
            \tuse=\(baseType),

            """
    }

    /// Whether the name may stand in a path and in a description.
    static func isUsable(_ type: String) -> Bool {
        !type.isEmpty && type.utf8.count <= 64
            && type.utf8.allSatisfy {
                $0 >= 0x30 && $0 <= 0x39 || $0 >= 0x41 && $0 <= 0x5A || $0 >= 0x61 && $0 <= 0x7A || $0 == 0x2D
                    || $0 == 0x2B || $0 == 0x2E || $0 == 0x5F
            } && !type.hasPrefix(".") && !type.hasPrefix("-")
    }

    /// Compiles the entry unless it is there already; false when that cannot be done.
    func prepare() -> Bool {
        guard DirectColor.isUsable(baseType) else { return false }
        let compiled = directory + "/v/" + name
        if DirectColor.exists(compiled) { return true }
        guard DirectColor.makeDirectories(directory) else { return false }
        // Each process compiles its own file, so that two starting at once do not meet.
        let path = directory + "/\(name).\(getpid()).src"
        defer { _ = unsafe unlink(path) }
        return DirectColor.write(source, to: path) && DirectColor.run("tic", ["-x", "-o", directory, path])
            && DirectColor.exists(compiled)
    }

    private static func exists(_ path: String) -> Bool { unsafe access(path, R_OK) == 0 }

    /// Removes the compiled entry and its directories.
    func remove() {
        _ = unsafe unlink(directory + "/v/" + name)
        _ = unsafe rmdir(directory + "/v")
        _ = unsafe rmdir(directory)
    }

    private static func makeDirectories(_ path: String) -> Bool {
        var partial = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            partial += "/" + part
            if unsafe mkdir(partial, 0o700) != 0, errno != EEXIST { return false }
        }
        return true
    }

    private static func write(_ text: String, to path: String) -> Bool {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return Descriptor.write(Array(text.utf8), to: descriptor)
    }

    /// Runs a program quietly and says whether it succeeded.
    static func run(_ program: String, _ arguments: [String]) -> Bool {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        for descriptor: Int32 in 0...2 {
            unsafe posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
        }
        var strings = unsafe ([program] + arguments).map { unsafe strdup($0) }
        defer { unsafe strings.forEach { unsafe free($0) } }
        unsafe strings.append(nil)
        var process = pid_t()
        guard unsafe posix_spawnp(&process, program, &actions, nil, strings, environ) == 0 else {
            return false
        }
        var status: Int32 = -1
        while unsafe waitpid(process, &status, 0) < 0 {
            if errno != EINTR { return false }
        }
        return status == 0
    }
}

/// Whole writes to a descriptor.
enum Descriptor {
    /// Writes all bytes; false when the other side is gone.
    @discardableResult
    static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var start = 0
        while start < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.write(
                    descriptor, buffer.baseAddress?.advanced(by: start), buffer.count - start)
            }
            if count < 0 {
                if errno == EINTR { continue }
                if errno == EAGAIN {
                    var one = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    _ = unsafe poll(&one, 1, 1_000)
                    continue
                }
                return false
            }
            start += count
        }
        return true
    }
}
