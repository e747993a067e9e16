/// A piece of a YAML document: text, a list or ordered keys, each with its line.
///
/// Scalars stay text, since a colour written `000000` or `1e1000` is no number. Who reads them says
/// what they are.
public struct YAMLValue: Sendable, Equatable {
    /// What a value is made of.
    public enum Content: Sendable, Equatable {
        /// Text; quoted text is never empty on purpose, a number or a truth value.
        case scalar(String, isQuoted: Bool)
        /// Values in order.
        case sequence([YAMLValue])
        /// Keys and values in the order of the document.
        case mapping([Entry])
    }

    /// A key and its value.
    public struct Entry: Sendable, Equatable {
        /// The key's text.
        public let key: String
        /// The key's line, from 1.
        public let line: Int
        /// The value.
        public let value: YAMLValue
    }

    /// What it is made of.
    public let content: Content
    /// Its line, from 1.
    public let line: Int

    /// A value at a line.
    public init(_ content: Content, line: Int) {
        self.content = content
        self.line = line
    }

    /// The text of a scalar; nil for anything else.
    public var text: String? {
        if case .scalar(let text, _) = content { text } else { nil }
    }

    /// Whether nothing is said: an empty scalar, `~` or `null`.
    public var isNull: Bool {
        if case .scalar(let text, isQuoted: false) = content {
            ["", "~", "null", "Null", "NULL"].contains(text)
        } else {
            false
        }
    }

    /// The values of a list; nil for anything else.
    public var elements: [YAMLValue]? {
        if case .sequence(let elements) = content { elements } else { nil }
    }

    /// The keys and values of a mapping; nil for anything else.
    public var entries: [Entry]? {
        if case .mapping(let entries) = content { entries } else { nil }
    }

    /// The whole number written; nil for anything else.
    public var integer: Int? {
        if case .scalar(let text, isQuoted: false) = content { Int(text) } else { nil }
    }

    /// The finite number written; nil for anything else.
    public var number: Double? {
        if case .scalar(let text, isQuoted: false) = content {
            Double(text).flatMap { $0.isFinite ? $0 : nil }
        } else {
            nil
        }
    }

    /// The truth value written (`true`, `false`, `yes`, `no`, `on`, `off`); nil for anything else.
    public var truth: Bool? {
        guard case .scalar(let text, isQuoted: false) = content else { return nil }
        switch text.lowercased() {
        case "true", "yes", "on": return true
        case "false", "no", "off": return false
        default: return nil
        }
    }

    /// The value of a key; nil when it is not there.
    public subscript(key: String) -> YAMLValue? {
        entries?.first { $0.key == key }?.value
    }

    /// What it is, in a word for messages.
    public var kindName: String {
        switch content {
        case .scalar: "text"
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }
}
