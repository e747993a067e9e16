import Configuration

#if canImport(Glibc)
    import Glibc
#endif

/// Finds and reads the configuration.
enum ConfigurationFiles {
    /// Reads the named file, else the usual one; without either, everything has its default.
    static func load(_ named: String?) throws -> Settings {
        do {
            let file: String?
            if let named {
                file = named
            } else {
                file = path(nil).flatMap { unsafe access($0, F_OK) == 0 ? $0 : nil }
            }
            guard let file else { return Settings() }
            let settings = try ConfigurationFile.load(path: file)
            // A word that means nothing is told to everybody, not only to who reads logs next.
            _ = try settings.logs.logRules()
            _ = try settings.logs.opaMappings()
            return settings
        } catch let failure as CommandFailure {
            throw failure
        } catch {
            throw CommandFailure.usage("\(error)")
        }
    }

    /// Where the named file is, else the usual one.
    static func path(_ named: String?) -> String? {
        named ?? ConfigurationFile.defaultPath(environment: EnvironmentVariables.value)
    }
}

/// Tells when the configuration was written since it was looked at last.
///
/// Editors replace a file or write it anew: another file, size or time is a change, and so is one that comes or
/// goes.
struct ConfigurationWatch {
    private struct Mark: Equatable {
        var file: UInt64
        var bytes: Int64
        var seconds: Int
        var nanoseconds: Int
    }

    private let path: String?
    private var mark: Mark?

    /// Looks at the named file, else at the usual one.
    init(_ named: String?) {
        path = ConfigurationFiles.path(named)
        mark = Self.mark(of: path)
    }

    /// Whether it was written since the last look.
    mutating func hasChanged() -> Bool {
        let now = Self.mark(of: path)
        defer { mark = now }
        return now != mark
    }

    private static func mark(of path: String?) -> Mark? {
        var status = stat()
        // Safe: the kernel fills the struct that is passed by reference.
        guard let path, unsafe stat(path, &status) == 0 else { return nil }
        return Mark(
            file: UInt64(status.st_ino), bytes: Int64(status.st_size), seconds: Int(status.st_mtim.tv_sec),
            nanoseconds: Int(status.st_mtim.tv_nsec))
    }
}
