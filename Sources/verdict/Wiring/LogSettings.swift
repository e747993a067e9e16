import Configuration
import DecisionLogs

extension Settings.Logs {
    /// The rules, those that a command names before those of the configuration.
    func logRules(after named: [String] = []) throws -> LogRules {
        var rules: [LogRule] = []
        for text in named {
            do throws(LogSettingError) {
                rules.append(try LogRule(parsing: text))
            } catch {
                throw CommandFailure.usage("--rule: \(printable(error.description))")
            }
        }
        for words in self.rules {
            rules.append(try mean(words) { text throws(LogSettingError) in try LogRule(parsing: text) })
        }
        guard rules.count <= LogRules.limit else {
            throw CommandFailure.usage("there are \(rules.count) rules; \(LogRules.limit) is the most")
        }
        return LogRules(rules)
    }

    /// Where events of Open Policy Agent have their fields.
    func opaMappings() throws -> [OPAMapping] {
        var mappings: [OPAMapping] = []
        for written in opa {
            var mapping = OPAMapping(path: written.path)
            for entry in written.places {
                var places: [OPAPlace] = []
                for words in entry.pointers {
                    places.append(
                        try mean(words) { text throws(LogSettingError) in try OPAPlace(parsing: text) })
                }
                mapping[keyPath: entry.field.path] += places
            }
            mappings.append(mapping)
        }
        return mappings
    }

    /// What words mean; where they mean nothing, the place in the file is told.
    private func mean<Meaning>(
        _ words: Settings.Words, _ read: (String) throws(LogSettingError) -> Meaning
    ) throws -> Meaning {
        do throws(LogSettingError) {
            return try read(words.text)
        } catch {
            throw ConfigurationError(
                file: file, line: words.line, problem: printable(error.description))
        }
    }
}

extension Settings.MappedField {
    /// The field of a mapping.
    fileprivate var path: WritableKeyPath<OPAMapping, [OPAPlace]> {
        switch self {
        case .tenant: \.tenant
        case .principal: \.principal
        case .roles: \.roles
        case .kind: \.kind
        case .resource: \.resource
        case .scope: \.scope
        case .actions: \.actions
        case .requestPath: \.requestPath
        case .ip: \.address
        case .agent: \.agent
        case .allow: \.allow
        case .deny: \.deny
        }
    }
}

extension LineParser {
    /// A parser that reads logs as the configuration says, with rules that a command names before those of it.
    init(
        format: DecisionLogFormat = .auto, tenantRule: TenantRule = TenantRule(), settings: Settings.Logs,
        rules: [String] = []
    ) throws {
        self.init(
            format: format, tenantRule: tenantRule, rules: try settings.logRules(after: rules),
            mappings: try settings.opaMappings())
    }
}
