import Foundation

/// A JSON value, read by a parser that is not the program's own.
enum JSON: Decodable, Hashable, Sendable {
    case absent
    case null
    case flag(Bool)
    case number(Double)
    case text(String)
    case list([JSON])
    case object([String: JSON])

    /// Reads text that is one JSON value.
    init(parsing text: String) throws {
        self = try JSONDecoder().decode(JSON.self, from: Data(text.utf8))
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode([JSON].self) {
            self = .list(value)
        } else if let value = try? container.decode([String: JSON].self) {
            self = .object(value)
        } else if let value = try? container.decode(Bool.self) {
            self = .flag(value)
        } else {
            self = .null
        }
    }

    /// The value of a key; absent when there is none.
    subscript(_ key: String) -> JSON {
        if case .object(let members) = self { return members[key] ?? .absent }
        return .absent
    }

    /// The element at a position; absent when there is none.
    subscript(_ position: Int) -> JSON {
        items.indices.contains(position) ? items[position] : .absent
    }

    /// The keys of an object.
    var keys: Set<String> {
        if case .object(let members) = self { return Set(members.keys) }
        return []
    }

    /// The elements of a list.
    var items: [JSON] {
        if case .list(let elements) = self { return elements }
        return []
    }

    /// The text of a string.
    var text: String? {
        if case .text(let value) = self { return value }
        return nil
    }

    /// The value of a number.
    var number: Double? {
        if case .number(let value) = self { return value }
        return nil
    }

    /// The value of a whole number.
    var integer: Int? { number.flatMap { Int(exactly: $0) } }

    /// The value of true or false.
    var flag: Bool? {
        if case .flag(let value) = self { return value }
        return nil
    }

    /// The strings of a list.
    var texts: [String] { items.compactMap(\.text) }
}

extension JSON {
    /// The value with U+FFFD in place of each zero character.
    var withoutZeros: JSON {
        func replaced(_ text: String) -> String { text.replacingOccurrences(of: "\0", with: "\u{FFFD}") }
        return switch self {
        case .text(let text): .text(replaced(text))
        case .list(let elements): .list(elements.map(\.withoutZeros))
        case .object(let members):
            .object(
                Dictionary(uniqueKeysWithValues: members.map { (replaced($0.key), $0.value.withoutZeros) }))
        case .absent, .null, .flag, .number: self
        }
    }
}
