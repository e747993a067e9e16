import Decisions
import TerminalUI

/// Reads the configuration file into settings; anything it does not know is an error, so that a
/// misspelt key never passes for a default.
public enum ConfigurationFile {
    /// The most bytes of a configuration.
    public static let maximumBytes = 256 * 1024
    /// The most stores.
    public static let maximumStores = 200

    /// Reads a file.
    public static func load(path: String) throws(ConfigurationError) -> Settings {
        try parse(TextFile.read(path, maximumBytes: maximumBytes), file: path)
    }

    /// The file used when none is named: `$XDG_CONFIG_HOME/verdict/config.yaml`, else below `~/.config`.
    public static func defaultPath(environment: (String) -> String?) -> String? {
        defaultDirectory(environment: environment).map { $0 + "/config.yaml" }
    }

    /// The directory of configuration and themes.
    public static func defaultDirectory(environment: (String) -> String?) -> String? {
        if let base = environment("XDG_CONFIG_HOME"), base.hasPrefix("/") { return base + "/verdict" }
        guard let home = environment("HOME"), home.hasPrefix("/") else { return nil }
        return home + "/.config/verdict"
    }

    /// Reads text; an empty one says nothing.
    public static func parse(_ text: String, file: String) throws(ConfigurationError) -> Settings {
        let root = try YAMLDocument.parse(text, file: file)
        if root.isNull { return Settings() }
        let reader = SettingsReader(file: file)
        return try reader.settings(root)
    }
}

/// Turns values into settings, each with its own complaint.
struct SettingsReader {
    let file: String

    private static let keys = [
        "stores", "store", "keep", "recall", "quantization", "recording", "theme", "theme_directories",
        "glyphs", "color", "mouse", "synchronized_output", "escape_delay_ms", "access", "follow",
        "group_incidents_by", "shared_accounts", "detection", "logs", "alerts",
    ]

    func settings(_ root: YAMLValue) throws(ConfigurationError) -> Settings {
        var settings = Settings()
        for entry in try entries(root, of: "the configuration") {
            let value = entry.value
            switch entry.key {
            case "stores": settings.stores = try stores(value)
            case "store": settings.store = try text(value, entry.key)
            case "keep": settings.keep = try keep(value)
            case "recall": settings.recall = try recall(value)
            case "quantization":
                settings.quantization = try choice(value, entry.key, Settings.Quantization.self)
            case "recording": settings.recording = try recording(value)
            case "theme": settings.theme = try text(value, entry.key)
            case "theme_directories": settings.themeDirectories = try texts(value, entry.key)
            case "glyphs": settings.glyphs = try choice(value, entry.key, GlyphSet.self)
            case "color": settings.color = try choice(value, entry.key, Settings.ColorChoice.self)
            case "mouse": settings.mouse = try truth(value, entry.key)
            case "synchronized_output": settings.synchronizedOutput = try synchronizedOutput(value)
            case "escape_delay_ms":
                settings.escapeDelayMilliseconds = try integer(value, entry.key, 0...1_000)
            case "access": settings.access = try choice(value, entry.key, Settings.Access.self)
            case "follow": settings.follow = try texts(value, entry.key)
            case "group_incidents_by": settings.incidentGrouping = try grouping(value)
            case "shared_accounts": settings.sharedAccounts = try texts(value, entry.key)
            case "detection": settings.detection = try detection(value)
            case "logs": settings.logs = try logs(value)
            case "alerts": settings.alerts = try alerts(value)
            default: throw unknown(entry, among: SettingsReader.keys)
            }
        }
        return settings
    }

    func fail(_ problem: String, at line: Int) -> ConfigurationError {
        ConfigurationError(file: file, line: line, problem: problem)
    }

    func unknown(_ entry: YAMLValue.Entry, among known: [String]) -> ConfigurationError {
        let hint =
            NearestName.find(entry.key, in: known).map { "did you mean `\($0)`?" }
            ?? "known keys: \(known.joined(separator: ", "))"
        return fail("unknown key `\(String(entry.key.prefix(60)).terminalSafe)`; \(hint)", at: entry.line)
    }

    func entries(_ value: YAMLValue, of what: String) throws(ConfigurationError) -> [YAMLValue.Entry] {
        guard let entries = value.entries else {
            throw fail("\(what) must consist of keys and values, it is \(value.kindName)", at: value.line)
        }
        return entries
    }

    func text(_ value: YAMLValue, _ key: String) throws(ConfigurationError) -> String {
        guard let text = value.text, !value.isNull else {
            throw fail("`\(key)` must be text", at: value.line)
        }
        return text
    }

    func texts(_ value: YAMLValue, _ key: String) throws(ConfigurationError) -> [String] {
        guard let elements = value.elements else { return [try text(value, key)] }
        var texts: [String] = []
        for element in elements { texts.append(try text(element, key)) }
        return texts
    }

    func truth(_ value: YAMLValue, _ key: String) throws(ConfigurationError) -> Bool {
        guard let truth = value.truth else { throw fail("`\(key)` must be true or false", at: value.line) }
        return truth
    }

    func integer(
        _ value: YAMLValue, _ key: String, _ range: ClosedRange<Int>
    ) throws(ConfigurationError) -> Int {
        guard let number = value.integer, range.contains(number) else {
            throw fail(
                "`\(key)` must be a number from \(range.lowerBound) to \(range.upperBound)", at: value.line)
        }
        return number
    }

    private func recall(_ value: YAMLValue) throws(ConfigurationError) -> Double {
        guard let recall = value.text.flatMap(Double.init), (0.5...0.999).contains(recall) else {
            throw fail("`recall` must be a number from 0.5 to 0.999", at: value.line)
        }
        return recall
    }

    /// A mode for all tenants, or a mode for each that is named; `*` is all others.
    private func recording(_ value: YAMLValue) throws(ConfigurationError) -> RecordingPolicy {
        guard let entries = value.entries else { return RecordingPolicy(try recordingMode(value)) }
        var policy = RecordingPolicy()
        for entry in entries {
            let mode = try recordingMode(entry.value)
            do {
                try policy.add(mode, tenant: entry.key)
            } catch {
                throw fail("`recording`: \(error)", at: entry.line)
            }
        }
        return policy
    }

    private func recordingMode(_ value: YAMLValue) throws(ConfigurationError) -> RecordingMode {
        guard let mode = value.text.flatMap({ RecordingMode($0) }) else {
            throw fail("`recording` must be \(RecordingMode.spellings)", at: value.line)
        }
        return mode
    }

    func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ value: YAMLValue, _ key: String, _ type: Choice.Type
    ) throws(ConfigurationError) -> Choice {
        guard let choice = value.text.flatMap({ Choice(rawValue: $0) }) else {
            let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw fail("`\(key)` must be one of \(known)", at: value.line)
        }
        return choice
    }

    private func synchronizedOutput(_ value: YAMLValue) throws(ConfigurationError) -> String {
        switch (value.text, value.truth) {
        case ("auto", _): return "auto"
        case (_, true): return "on"
        case (_, false): return "off"
        default: throw fail("`synchronized_output` must be one of auto, on, off", at: value.line)
        }
    }

    /// An age (`30d`, `12h`, `6w`, `90m`) or a number of rows (`500000`, `2M`, `800k`).
    private func keep(_ value: YAMLValue) throws(ConfigurationError) -> String {
        let text = try text(value, "keep")
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let unit = text.dropFirst(digits.count)
        guard let number = Int(digits), number > 0,
            ["", "m", "h", "d", "w", "k", "K", "M"].contains(unit)
        else {
            throw fail("`keep` must be an age such as 30d or a number of rows such as 2M", at: value.line)
        }
        return text
    }

    /// Some of principal and kind; the effect is always in, and may be named.
    private func grouping(_ value: YAMLValue) throws(ConfigurationError) -> Set<Settings.IncidentField> {
        var fields: Set<Settings.IncidentField> = [.effect]
        for text in try texts(value, "group_incidents_by") {
            guard let field = Settings.IncidentField(rawValue: text) else {
                let known = Settings.IncidentField.allCases.map(\.rawValue).joined(separator: ", ")
                throw fail("`group_incidents_by` must be a list of some of \(known)", at: value.line)
            }
            fields.insert(field)
        }
        return fields
    }

    private func stores(_ value: YAMLValue) throws(ConfigurationError) -> [Settings.NamedStore] {
        if value.isNull { return [] }
        let entries = try entries(value, of: "`stores`")
        guard entries.count <= ConfigurationFile.maximumStores else {
            throw fail("more than \(ConfigurationFile.maximumStores) stores", at: value.line)
        }
        var stores: [Settings.NamedStore] = []
        for entry in entries { stores.append(try store(entry)) }
        return stores
    }

    /// `name: address`, or `name:` with `address`, `access` and `keep` below.
    private func store(_ entry: YAMLValue.Entry) throws(ConfigurationError) -> Settings.NamedStore {
        let isName = !entry.key.isEmpty && !entry.key.contains { $0 == ":" || $0 == "/" || $0.isWhitespace }
        guard isName else {
            throw fail("a store's name must be a word without `:` and `/`", at: entry.line)
        }
        guard let parts = entry.value.entries else {
            return Settings.NamedStore(
                name: entry.key, address: try text(entry.value, entry.key), access: nil, keep: nil,
                recall: nil, quantization: nil)
        }
        var address: String?
        var access: Settings.Access?
        var kept: String?
        var recalled: Double?
        var quantization: Settings.Quantization?
        var recorded: RecordingPolicy?
        for part in parts {
            switch part.key {
            case "address": address = try text(part.value, part.key)
            case "access": access = try choice(part.value, part.key, Settings.Access.self)
            case "write": access = try truth(part.value, part.key) ? .operate : .view
            case "keep": kept = try keep(part.value)
            case "recall": recalled = try recall(part.value)
            case "quantization":
                quantization = try choice(part.value, part.key, Settings.Quantization.self)
            case "recording": recorded = try recording(part.value)
            default:
                throw unknown(
                    part,
                    among: ["address", "access", "write", "keep", "recall", "quantization", "recording"])
            }
        }
        guard let address else {
            throw fail("the store `\(entry.key.terminalSafe)` has no `address`", at: entry.line)
        }
        return Settings.NamedStore(
            name: entry.key, address: address, access: access, keep: kept, recall: recalled,
            quantization: quantization, recording: recorded)
    }
}
