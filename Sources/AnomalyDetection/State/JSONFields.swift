import Decisions

/// The fields of a saved object, read with one clear error when they are not as written.
struct JSONFields {
    private let object: JSONObject
    private let name: String

    init(_ value: JSONValue?, name: String) throws(IncidentError) {
        guard case .object(let object)? = value else {
            throw IncidentError(.damaged, "a saved \(name) is not an object: it is left out")
        }
        self.object = object
        self.name = name
    }

    func damage(_ key: String) -> IncidentError {
        IncidentError(.damaged, "a saved \(name) has no usable \(key): it is left out")
    }

    subscript(key: String) -> JSONValue? {
        let value = object[key]
        return value == .null ? nil : value
    }

    func text(_ key: String) throws(IncidentError) -> String {
        guard case .string(let text)? = object[key] else { throw damage(key) }
        return text
    }

    func integer(_ key: String) throws(IncidentError) -> Int {
        guard let value = object[key], let number = Self.count(value) else { throw damage(key) }
        return number
    }

    /// The largest count that is believed: what JSON's numbers hold exactly, far from where sums overflow.
    static let maximumCount = 1 << 53

    /// A count: a whole number from 0 on.
    static func count(_ value: JSONValue) -> Int? {
        guard case .number(let text) = value, let number = Int(text), (0...maximumCount).contains(number)
        else { return nil }
        return number
    }

    /// A share, a percentile or a cosine: nothing far from -1 to 1.
    func share(_ key: String) throws(IncidentError) -> Double {
        guard case .number(let text)? = object[key], let number = Double(text), (-2...2).contains(number)
        else { throw damage(key) }
        return number
    }

    func texts(_ key: String) throws(IncidentError) -> [String] {
        try elements(key) { value in
            if case .string(let text) = value { text } else { nil }
        }
    }

    func elements<Element>(
        _ key: String, _ read: (JSONValue) -> Element?
    ) throws(IncidentError) -> [Element] {
        guard case .array(let values)? = object[key] else { throw damage(key) }
        var result: [Element] = []
        result.reserveCapacity(values.count)
        for value in values {
            guard let element = read(value) else { throw damage(key) }
            result.append(element)
        }
        return result
    }

    func time(_ key: String) throws(IncidentError) -> Timestamp {
        guard let time = Timestamp(try text(key)) else { throw damage(key) }
        return time
    }

    func choice<Choice: RawRepresentable<String>>(
        _ key: String, _ type: Choice.Type
    ) throws(IncidentError) -> Choice {
        guard let choice = Choice(rawValue: try text(key)) else { throw damage(key) }
        return choice
    }

    func decision(_ key: String) throws(IncidentError) -> Decision {
        guard let value = self[key] else { throw damage(key) }
        do {
            return try Decision(parsing: value.json)
        } catch {
            throw damage(key)
        }
    }
}

extension JSONValue {
    /// An array of strings.
    static func texts(_ texts: [String]) -> JSONValue {
        .array(texts.map { .string($0) })
    }

    /// A whole number.
    static func integer(_ value: some BinaryInteger) -> JSONValue {
        .number(String(value))
    }

    /// A number; what is not finite becomes 0, which JSON can say.
    static func double(_ value: Double) -> JSONValue {
        .number(value.isFinite ? "\(value)" : "0")
    }

    /// A decision as its native line.
    static func decision(_ decision: Decision) -> JSONValue {
        (try? JSONParser().parse(decision.nativeLine())) ?? .null
    }
}
