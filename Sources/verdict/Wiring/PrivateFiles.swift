import Decisions

#if canImport(Glibc)
    import Glibc
#endif

/// Files that hold evidence: readable by the person only.
enum PrivateFiles {
    /// Writes text to a new file in the person's state directory and returns its path.
    static func write(_ text: String, name: String) throws -> String {
        let folder = try directory()
        let safe = String(
            name.map { $0.isLetter || $0.isNumber || $0 == "." || $0 == "-" ? $0 : "_" }.prefix(80))
        let beginning = "\(folder)/\(WallClock.now().seconds)"
        var path = "\(beginning)-\(safe)"
        var number = 2
        // Two exports within a second are two files.
        while unsafe access(path, F_OK) == 0 {
            path = "\(beginning)-\(number)-\(safe)"
            number += 1
        }
        let file = try OutputFile(path: path)
        try file.write(text)
        try file.close()
        return path
    }

    /// Whether a directory is at a path.
    static func isDirectory(_ path: String) -> Bool {
        var information = stat()
        return unsafe stat(path, &information) == 0 && information.st_mode & S_IFMT == S_IFDIR
    }

    private static func directory() throws -> String {
        let base: String
        if let state = EnvironmentVariables.value("XDG_STATE_HOME"), state.hasPrefix("/") {
            base = state
        } else if let home = EnvironmentVariables.value("HOME") {
            base = home + "/.local/state"
        } else {
            throw CommandFailure.failed("neither $XDG_STATE_HOME nor $HOME is set; set one of them")
        }
        var path = ""
        for part in (base + "/verdict").split(separator: "/") {
            path += "/" + part
            let status = unsafe mkdir(path, 0o700)
            guard status == 0 || errno == EEXIST else {
                let reason = unsafe String(cString: strerror(errno))
                throw CommandFailure.failed("cannot create \(path): \(reason); set XDG_STATE_HOME")
            }
        }
        return path
    }
}
