/// A value that conditions compare.
public enum AttributeValue: Sendable, Hashable {
    /// A text.
    case text(String)
    /// A number.
    case number(Double)
    /// A truth value.
    case flag(Bool)
    /// A list, for `in`.
    case list([AttributeValue])
}

extension AttributeValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral
{
    /// Creates a text from a literal.
    public init(stringLiteral value: String) { self = .text(value) }
    /// Creates a number from a literal.
    public init(integerLiteral value: Int) { self = .number(Double(value)) }
    /// Creates a truth value from a literal.
    public init(booleanLiteral value: Bool) { self = .flag(value) }
}

/// The attributes of a principal or a resource; few, so they are searched in order.
public struct Attributes: Sendable, Hashable, ExpressibleByDictionaryLiteral {
    private var names: [String]
    private var values: [AttributeValue]

    /// Creates attributes from a literal; a repeated name keeps its last value.
    public init(dictionaryLiteral elements: (String, AttributeValue)...) {
        names = []
        values = []
        names.reserveCapacity(elements.count)
        values.reserveCapacity(elements.count)
        for (name, value) in elements { self[name] = value }
    }

    /// Whether there are none.
    public var isEmpty: Bool { names.isEmpty }

    /// The value under a name; setting `nil` removes it.
    ///
    /// O(attributes).
    public subscript(name: String) -> AttributeValue? {
        get { names.firstIndex(of: name).map { values[$0] } }
        set {
            switch (names.firstIndex(of: name), newValue) {
            case (.some(let place), .some(let value)): values[place] = value
            case (.some(let place), .none):
                names.remove(at: place)
                values.remove(at: place)
            case (.none, .some(let value)):
                names.append(name)
                values.append(value)
            case (.none, .none): break
            }
        }
    }
}
