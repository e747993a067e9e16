import Decisions

extension StandardOutput {
    /// Prints one JSON object on a line of its own.
    func write(json object: JSONObject) throws {
        var writer = JSONWriter()
        writer.value(.object(object))
        try write(writer.text + "\n")
    }
}

extension JSONValue {
    /// A whole number.
    static func integer(_ value: some BinaryInteger) -> JSONValue { .number(String(value)) }

    /// A number with a fixed number of fraction digits; null when it is not finite.
    static func decimal(_ value: Double, digits: Int) -> JSONValue {
        value.isFinite ? .number(fixed(value, digits: digits)) : .null
    }

    /// A time; null when there is none.
    static func time(_ value: Timestamp?) -> JSONValue {
        value.map { .string($0.description) } ?? .null
    }

    /// A list of texts.
    static func strings(_ values: [String]) -> JSONValue { .array(values.map { .string($0) }) }
}

/// A number in decimal notation with a fixed number of fraction digits.
func fixed(_ value: Double, digits: Int) -> String {
    guard value.isFinite else { return "-" }
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let scaled = (value.magnitude * scale).rounded()
    guard scaled < 9e15 else { return "\(value)" }
    let whole = Int64(scaled / scale)
    let rest = Int64(scaled) - whole * Int64(scale)
    let sign = value < 0 && scaled > 0 ? "-" : ""
    guard digits > 0 else { return "\(sign)\(whole)" }
    let fraction = String(rest)
    return sign + "\(whole)." + String(repeating: "0", count: digits - fraction.count) + fraction
}
