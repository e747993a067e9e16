import Yams

/// Reads YAML text into plain values, within limits.
public enum YAMLDocument {
    /// The most bytes of a document.
    public static let maximumBytes = 4 << 20
    /// The deepest nesting.
    public static let maximumDepth = 64
    /// The most values; aliases count each time they are used.
    public static let maximumValues = 200_000

    /// The value of a document; an empty one is null.
    public static func parse(_ text: String, file: String = "") throws(ConfigurationError) -> YAMLValue {
        guard text.utf8.count <= maximumBytes else {
            throw ConfigurationError(file: file, problem: "the file is larger than \(maximumBytes >> 20) MiB")
        }
        if let line = lineTooDeep(text) {
            throw ConfigurationError(file: file, line: line, problem: "nested deeper than \(maximumDepth)")
        }
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            throw problem(error, file: file)
        }
        guard let root else { return YAMLValue(.scalar("", isQuoted: false), line: 1) }
        var converter = Converter(file: file)
        return try converter.value(root, depth: 0)
    }

    /// The line where brackets or indentation nest deeper than a recursive parser should be led.
    private static func lineTooDeep(_ text: String) -> Int? {
        var line = 1
        var brackets = 0
        var dashes = 0
        var isLeading = true
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\n"):
                line += 1
                dashes = 0
                isLeading = true
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                brackets += 1
                isLeading = false
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                brackets = max(0, brackets - 1)
                isLeading = false
            case UInt8(ascii: "-") where isLeading, UInt8(ascii: "?") where isLeading:
                dashes += 1
            case UInt8(ascii: " "):
                break
            default:
                isLeading = false
            }
            // Brackets inside text count too, so the bound is generous; the exact one is checked later.
            if brackets > 512 || dashes > maximumDepth { return line }
        }
        return nil
    }

    private static func problem(_ error: any Error, file: String) -> ConfigurationError {
        func at(_ mark: Mark?, _ text: String) -> ConfigurationError {
            ConfigurationError(file: file, line: mark?.line, problem: text)
        }
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            return at(mark, problem)
        case .reader(let problem, _, _, _):
            return at(nil, problem)
        case .duplicatedKeysInMapping(let duplicates, let context):
            let keys = duplicates.map { String(describing: $0) }.joined(separator: ", ")
            return at(context.mark, "a key occurs twice in one mapping: \(keys)")
        default:
            return at(nil, "this is not YAML that can be read")
        }
    }

    private struct Converter {
        let file: String
        var count = 0

        mutating func value(_ node: Node, depth: Int) throws(ConfigurationError) -> YAMLValue {
            let line = node.mark?.line ?? 1
            count += 1
            guard count <= YAMLDocument.maximumValues else {
                throw ConfigurationError(
                    file: file, line: line, problem: "more than \(YAMLDocument.maximumValues) values")
            }
            guard depth <= YAMLDocument.maximumDepth else {
                throw ConfigurationError(
                    file: file, line: line, problem: "nested deeper than \(YAMLDocument.maximumDepth)")
            }
            switch node {
            case .scalar(let scalar):
                let isQuoted = scalar.style != .plain && scalar.style != .any
                return YAMLValue(.scalar(scalar.string, isQuoted: isQuoted), line: line)
            case .sequence(let sequence):
                var elements: [YAMLValue] = []
                for element in sequence { elements.append(try value(element, depth: depth + 1)) }
                return YAMLValue(.sequence(elements), line: line)
            case .mapping(let mapping):
                var entries: [YAMLValue.Entry] = []
                for (key, element) in mapping {
                    guard let text = key.scalar?.string else {
                        throw ConfigurationError(
                            file: file, line: key.mark?.line, problem: "a key must be text")
                    }
                    entries.append(
                        YAMLValue.Entry(
                            key: text, line: key.mark?.line ?? line,
                            value: try value(element, depth: depth + 1)))
                }
                return YAMLValue(.mapping(entries), line: line)
            case .alias:
                throw ConfigurationError(file: file, line: line, problem: "an alias without its anchor")
            }
        }
    }
}
