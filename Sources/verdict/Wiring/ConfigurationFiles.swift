import Configuration

#if canImport(Glibc)
    import Glibc
#endif

/// Finds and reads the configuration.
enum ConfigurationFiles {
    /// Reads the named file, else the usual one; without either, everything has its default.
    static func load(_ named: String?) throws -> Settings {
        do {
            if let named { return try ConfigurationFile.load(path: named) }
            guard let path = ConfigurationFile.defaultPath(environment: EnvironmentVariables.value),
                unsafe access(path, F_OK) == 0
            else { return Settings() }
            return try ConfigurationFile.load(path: path)
        } catch {
            throw CommandFailure.usage("\(error)")
        }
    }
}
