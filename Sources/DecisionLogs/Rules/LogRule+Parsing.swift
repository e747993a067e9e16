internal import Decisions

extension LogRule {
    /// How many bytes a rule may have.
    public static let limitBytes = 4096

    /// Reads a rule: `keep`, `drop` or `sample N %`, then what decisions are meant.
    ///
    /// That is a preset (`discovery`, `leases`, `watches`) or conditions or both, all of which must be met:
    /// `field:value`, `field:beginning*`, `field:[one,of,these]`, each with `not` before it where it must not be met.
    /// A value with blanks stands in quotation marks.
    public init(parsing text: String) throws(LogSettingError) {
        var reader = LogRuleReader(text)
        do throws(LogSettingError) {
            guard text.utf8.count <= Self.limitBytes else {
                throw LogSettingError("it has more than \(Self.limitBytes) bytes")
            }
            self = try reader.rule()
        } catch {
            throw LogSettingError("the rule `\(text.prefix(80))`: \(error.description)")
        }
    }
}

/// Reads the text of a rule from its beginning to its end.
private struct LogRuleReader {
    private let text: String
    private var rest: Substring

    init(_ text: String) {
        self.text = text
        rest = text[...]
    }

    mutating func rule() throws(LogSettingError) -> LogRule {
        let verb = word()
        let act: LogRule.Act
        switch verb {
        case "keep": act = .keep
        case "drop": act = .drop
        case "sample": act = .sample(try share())
        default: throw LogSettingError("it must begin with keep, drop or sample, not with `\(verb)`")
        }
        let conditions = try conditions()
        if act == .drop, conditions.isEmpty {
            throw LogSettingError("say what is dropped, such as drop discovery")
        }
        return LogRule(act, conditions, text: trimmed)
    }

    /// Takes all conditions that are left.
    private mutating func conditions() throws(LogSettingError) -> [LogCondition] {
        var conditions: [LogCondition] = []
        var preset: String?
        while true {
            let name = word()
            if rest.first == ":" {
                conditions.append(try condition(on: name))
            } else if name == "not" {
                conditions.append(try negated())
            } else if let found = LogPreset(rawValue: name) {
                if let preset {
                    throw LogSettingError("it means only what \(preset) and \(name) both are; write two")
                }
                preset = name
                var meaning = LogRuleReader(found.meaning)
                conditions += try meaning.conditions()
            } else if name.isEmpty {
                return conditions
            } else {
                let presets = LogPreset.allCases.map(\.rawValue).joined(separator: ", ")
                throw LogSettingError("`\(name)` is neither field:value nor one of \(presets)")
            }
        }
    }

    /// The text without blanks around it.
    private var trimmed: String {
        let start = text.drop(while: \.isWhitespace)
        return String(start.prefix(start.count - start.reversed().prefix(while: \.isWhitespace).count))
    }

    private mutating func skipBlanks() { rest = rest.drop(while: \.isWhitespace) }

    /// Takes what stands before the next blank or colon.
    private mutating func word() -> String {
        skipBlanks()
        let word = rest.prefix { !$0.isWhitespace && $0 != ":" }
        rest = rest.dropFirst(word.count)
        return String(word)
    }

    private mutating func share() throws(LogSettingError) -> SampleShare {
        skipBlanks()
        let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        rest = rest.dropFirst(digits.count)
        skipBlanks()
        guard let percent = Double(digits), rest.first == "%" else {
            throw LogSettingError("sample takes a share first, such as sample 10 % watches")
        }
        rest = rest.dropFirst()
        guard let share = SampleShare(percent: percent) else {
            throw LogSettingError("a share is between 0 and 100 %; to have all or nothing write keep or drop")
        }
        return share
    }

    private mutating func negated() throws(LogSettingError) -> LogCondition {
        let name = word()
        guard rest.first == ":" else {
            throw LogSettingError("not takes field:value after it")
        }
        var condition = try condition(on: name)
        condition.isNegated = true
        return condition
    }

    /// Takes the values of a field, of which the colon is next.
    private mutating func condition(on name: String) throws(LogSettingError) -> LogCondition {
        let field = try Self.field(name)
        rest = rest.dropFirst()
        var patterns: [TextPattern] = []
        if rest.first == "[" {
            repeat {
                rest = rest.dropFirst()
                skipBlanks()
                patterns.append(try pattern(of: name, in: true))
                skipBlanks()
            } while rest.first == ","
            guard rest.first == "]" else {
                throw LogSettingError("the list of `\(name)` ends nowhere: ] is missing")
            }
            rest = rest.dropFirst()
        } else {
            patterns.append(try pattern(of: name, in: false))
        }
        guard rest.first?.isWhitespace ?? true else {
            throw LogSettingError("a blank must stand before `\(rest.prefix(20))`")
        }
        for pattern in patterns { try Self.check(pattern, for: field, name) }
        return LogCondition(field: field, patterns: patterns)
    }

    /// Takes one value; inside a list a comma and a bracket end it too.
    private mutating func pattern(of name: String, in list: Bool) throws(LogSettingError) -> TextPattern {
        if rest.first == "\"" {
            let text = try quoted(of: name)
            guard rest.first == "*" else { return .whole(text) }
            rest = rest.dropFirst()
            return .beginning(text)
        }
        let text = rest.prefix { !$0.isWhitespace && !(list && ($0 == "," || $0 == "]")) }
        guard !text.isEmpty else { throw LogSettingError("`\(name)` has no value") }
        rest = rest.dropFirst(text.count)
        return TextPattern(String(text))
    }

    private mutating func quoted(of name: String) throws(LogSettingError) -> String {
        var text = ""
        rest = rest.dropFirst()
        while let next = rest.popFirst() {
            if next == "\"" { return text }
            if next == "\\", let escaped = rest.first, escaped == "\"" || escaped == "\\" {
                text.append(escaped)
                rest = rest.dropFirst()
            } else {
                text.append(next)
            }
        }
        throw LogSettingError("the value of `\(name)` has no quotation mark at its end")
    }

    private static func field(_ name: String) throws(LogSettingError) -> DecisionField {
        let field = DecisionField(name)
        switch field {
        case .time, .durationMicroseconds:
            throw LogSettingError("`\(name)` is no text that could be compared")
        case .metadata where name != "outcome" && !name.contains("."):
            // A name that means nothing would never be met, and nobody would see that.
            let known = DecisionField.named.map(\.name).filter { $0 != "time" && $0 != "duration_us" }
            throw LogSettingError(
                "`\(name)` is none of \(known.joined(separator: ", ")), outcome, nor a path such as attrs.level"
            )
        default: return field
        }
    }

    /// Refuses what no decision can have.
    private static func check(
        _ pattern: TextPattern, for field: DecisionField, _ name: String
    ) throws(LogSettingError) {
        let known: [String]
        switch field {
        case .effect: known = Effect.allCases.map(\.rawValue)
        case .cacheHit: known = ["true", "false"]
        default: return
        }
        guard known.contains(where: pattern.fits) else {
            throw LogSettingError("`\(name)` is one of \(known.joined(separator: ", "))")
        }
    }
}
