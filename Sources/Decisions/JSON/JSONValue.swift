/// A JSON value that loses nothing: numbers keep their text, objects keep their order.
public enum JSONValue: Sendable, Hashable {
    /// `null`
    case null
    /// `true` or `false`
    case bool(Bool)
    /// A number as it was written, valid by RFC 8259.
    case number(String)
    /// A string, unescaped.
    case string(String)
    /// An array.
    case array([JSONValue])
    /// An object.
    case object(JSONObject)

    /// The text of a string, nil for anything else.
    public var text: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// The object, nil for anything else.
    public var object: JSONObject? {
        if case .object(let object) = self { object } else { nil }
    }

    /// The elements of an array, nil for anything else.
    public var elements: [JSONValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    /// The number nearest to the one written, nil for anything else.
    public var number: Double? {
        if case .number(let text) = self { Double(text) } else { nil }
    }

    /// The compact JSON text of the value.
    public var json: String {
        var writer = JSONWriter()
        writer.value(self)
        return writer.text
    }
}
