extension ConfigurationFile {
    /// The most rules, and the most mappings.
    public static let maximumLogRules = 100
    /// The most places of one field.
    public static let maximumPlaces = 20
}

extension SettingsReader {
    private static let logKeys = ["opa", "rules"]

    /// `opa` with mappings, and `rules`.
    func logs(_ value: YAMLValue) throws(ConfigurationError) -> Settings.Logs {
        var logs = Settings.Logs()
        logs.file = file
        if value.isNull { return logs }
        for entry in try entries(value, of: "`logs`") {
            switch entry.key {
            case "opa": logs.opa = try mappings(entry.value)
            case "rules":
                logs.rules = try words(entry.value, "rules", atMost: ConfigurationFile.maximumLogRules)
            default: throw unknown(entry, among: Self.logKeys)
            }
        }
        return logs
    }

    /// A list of mappings, or one.
    private func mappings(_ value: YAMLValue) throws(ConfigurationError) -> [Settings.WrittenMapping] {
        if value.isNull { return [] }
        let elements = value.elements ?? [value]
        guard elements.count <= ConfigurationFile.maximumLogRules else {
            throw fail("`opa` has more than \(ConfigurationFile.maximumLogRules) mappings", at: value.line)
        }
        var mappings: [Settings.WrittenMapping] = []
        for element in elements { mappings.append(try mapping(element)) }
        return mappings
    }

    private func mapping(_ value: YAMLValue) throws(ConfigurationError) -> Settings.WrittenMapping {
        var mapping = Settings.WrittenMapping()
        for entry in try entries(value, of: "a mapping of `opa`") {
            if entry.key == "path" {
                mapping.path = try text(entry.value, entry.key)
                continue
            }
            guard let field = Settings.MappedField(rawValue: entry.key) else {
                throw unknown(entry, among: ["path"] + Settings.MappedField.allCases.map(\.rawValue))
            }
            let pointers = try words(entry.value, entry.key, atMost: ConfigurationFile.maximumPlaces)
            mapping.places.append(Settings.WrittenPlaces(field: field, pointers: pointers))
        }
        guard !mapping.places.isEmpty else {
            throw fail("a mapping of `opa` must name the place of a field, such as principal", at: value.line)
        }
        return mapping
    }

    /// A list of texts, or one.
    private func words(
        _ value: YAMLValue, _ key: String, atMost limit: Int
    ) throws(ConfigurationError) -> [Settings.Words] {
        if value.isNull, key == "rules" { return [] }
        let elements = value.elements ?? [value]
        guard elements.count <= limit else {
            throw fail("`\(key)` has more than \(limit) entries", at: value.line)
        }
        var words: [Settings.Words] = []
        for element in elements { words.append(Settings.Words(try text(element, key), line: element.line)) }
        return words
    }
}
