import ArgumentParser
import Configuration
import Decisions
import Operations
import VectorStores

#if canImport(Glibc)
    import Glibc
#endif

/// Which store a command works on, and how it answers.
struct StoreOptionGroup: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "The store: memory:DIR, memory:, or a name from the configuration.", valueName: "address"))
    var store: String?

    @Option(name: .long, help: ArgumentHelp("The configuration file.", valueName: "file"))
    var config: String?

    @Option(
        name: .long,
        help: ArgumentHelp("The time that relative times count from (RFC 3339).", valueName: "time"))
    var now: String?

    /// Where the store is, and whether a person named it.
    struct Resolved {
        var address: StoreAddress
        var name: String
        var isNamed: Bool
        var keep: String?
        var recall: Double?
        var quantization: String?
        var access: Settings.Access?
        var settings: Settings
    }

    /// Finds the store: `--store`, `$VERDICT_STORE`, the configuration, the default directory.
    func resolve() throws -> Resolved { try resolve(naming: store) }

    /// The same with another word for `--store`.
    func resolve(naming store: String?) throws -> Resolved {
        _ = try namedNow()
        let settings = try ConfigurationFiles.load(config)
        let environment = EnvironmentVariables.value("VERDICT_STORE")
        if let text = store ?? environment ?? settings.store {
            let named = settings.store(named: text)
            let target = named?.address ?? text
            let origin =
                store != nil ? "--store" : environment != nil ? "$VERDICT_STORE" : "the configuration"
            do {
                let address = try StoreAddress(parsing: target)
                return Resolved(
                    address: address, name: named?.name ?? address.description, isNamed: true,
                    keep: named?.keep ?? settings.keep, recall: named?.recall ?? settings.recall,
                    quantization: (named?.quantization ?? settings.quantization)?.rawValue,
                    access: named?.access ?? settings.access, settings: settings)
            } catch {
                throw CommandFailure.usage("\(error.description) (from \(origin))")
            }
        }
        let directory = try EnvironmentVariables.dataDirectory()
        let address = StoreAddress.directory(directory)
        return Resolved(
            address: address, name: address.description, isNamed: false, keep: settings.keep,
            recall: settings.recall, quantization: settings.quantization?.rawValue, access: settings.access,
            settings: settings)
    }

    /// Finds the store of a command that reads or changes what is kept.
    func resolveDurable() throws -> Resolved {
        let resolved = try resolve()
        if resolved.address == .ephemeral {
            throw CommandFailure.usage(
                "memory: keeps nothing between commands; name a directory: --store memory:DIR")
        }
        return resolved
    }

    /// The time that relative times count from, when the person named one.
    func namedNow() throws -> Timestamp? {
        guard let now else { return nil }
        guard let time = Timestamp(now) else {
            throw CommandFailure.usage(
                "--now takes an RFC 3339 time such as 2026-01-31T00:00:00Z, not '\(now)'")
        }
        return time
    }

    /// Parses a query against `--now` or the wall clock.
    func parse(query words: [String]) throws -> Query? {
        let text = words.joined(separator: " ")
        if text.allSatisfy(\.isWhitespace) { return nil }
        let now = try namedNow() ?? WallClock.now()
        return try Query(parsing: text, now: now)
    }
}

/// Whether answers are JSON.
struct OutputOptions: ParsableArguments {
    @Flag(name: .long, help: "Print JSON: one object, or one per line for lists.")
    var json = false
}

/// Accepts `--json` where JSON is all there is, so that a script may give it to every command.
struct JSONOnlyOptions: ParsableArguments {
    @Flag(name: .long, help: "Print JSON, as this command always does.")
    var json = false
}

/// Retention, for commands that keep a store open for writing.
struct RetentionOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp("Keep this much: an age (30d) or a number of rows (2M).", valueName: "age|rows"))
    var keep: String?

    /// The policy, from the option or the configuration; `nil` keeps everything.
    func policy(_ resolved: StoreOptionGroup.Resolved) throws -> RetentionPolicy? {
        guard let text = keep ?? resolved.keep else { return nil }
        do {
            return try RetentionPolicy(parsing: text)
        } catch {
            throw CommandFailure.usage("\(error)")
        }
    }
}

/// Quantization, for commands that keep a store open for writing.
struct QuantizationOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Codes that searches walk over, made beside everything else: "
                + "\(QuantizationSetting.names.joined(separator: ", ")).", valueName: "name"))
    var quantization: String?

    /// What was chosen, by the option or the configuration; `nil` leaves the store as it is.
    func choice(_ resolved: StoreOptionGroup.Resolved) throws -> QuantizationChoice? {
        guard let name = quantization ?? resolved.quantization else { return nil }
        guard QuantizationSetting(name) != nil else {
            throw CommandFailure.usage(
                "--quantization takes one of \(QuantizationSetting.names.joined(separator: ", ")), "
                    + "not '\(printable(name))'")
        }
        return QuantizationChoice(name, isAskedHere: quantization != nil)
    }
}

/// The process's environment.
enum EnvironmentVariables {
    /// A variable's value; `nil` when unset or empty.
    static func value(_ name: String) -> String? {
        guard let pointer = unsafe getenv(name) else { return nil }
        let text = unsafe String(cString: pointer)
        return text.isEmpty ? nil : text
    }

    /// Where mirrors of servers are kept; `nil` where there is no place for them.
    static var mirrorFiles: MirrorFiles? {
        if let base = value("XDG_CACHE_HOME"), base.hasPrefix("/") {
            return MirrorFiles(folder: base + "/verdict/mirrors")
        }
        return value("HOME").map { MirrorFiles(folder: $0 + "/.cache/verdict/mirrors") }
    }

    /// Where the default store lives.
    static func dataDirectory() throws -> String {
        if let base = value("XDG_DATA_HOME"), base.hasPrefix("/") { return base + "/verdict" }
        if let home = value("HOME") { return home + "/.local/share/verdict" }
        throw CommandFailure.failed("neither $XDG_DATA_HOME nor $HOME is set; name a store with --store")
    }
}

/// The wall clock.
enum WallClock {
    /// Now, to the microsecond.
    static func now() -> Timestamp {
        var time = timespec()
        // Safe: the kernel fills the struct that is passed by reference.
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(
            seconds: Int64(time.tv_sec), nanoseconds: Int32(time.tv_nsec / 1000 * 1000), fractionDigits: 6)
    }
}
