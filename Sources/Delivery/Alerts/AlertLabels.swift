public import Decisions

/// What an alert is told apart by: few names, stable values, no score and no identifier.
public struct AlertLabels: Sendable, Hashable {
    /// The most bytes of one value; a longer one is cut and told apart from others that begin so.
    public static let maximumBytes = 512
    /// The name of the label that says how bad it is; an alert that gets worse is the same story.
    static let severityName = "severity"

    private let values: [String: String]

    /// Labels of these values; empty ones are left out, as Alertmanager leaves them out.
    public init(_ values: [String: String]) {
        self.values = values.filter { !$0.value.isEmpty }.mapValues {
            ShortText.cutApart($0, toBytes: Self.maximumBytes)
        }
    }

    /// The same labels with another value for one name.
    func with(_ name: String, _ value: String) -> AlertLabels {
        var values = values
        values[name] = value
        return AlertLabels(values)
    }

    /// The value of a name.
    public subscript(name: String) -> String? { values[name] }

    /// Names and values in the order of the names.
    public var sorted: [(name: String, value: String)] {
        values.map { (name: $0.key, value: $0.value) }
            .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    /// The digits by which Alertmanager tells alerts apart.
    public var fingerprint: String { Fingerprint.of(sorted.flatMap { [$0.name, $0.value] }) }

    private static let order = [
        "alertname", severityName, "tenant", "principal", "resource_kind", "effect", "source",
    ]

    /// The labels as receivers and the store get them, the usual names first.
    public var json: JSONValue {
        var object = JSONObject()
        for name in Self.order {
            if let value = values[name] { object[name] = .string(value) }
        }
        for (name, value) in sorted where object[name] == nil { object[name] = .string(value) }
        return .object(object)
    }

    /// Reads labels as they were stored; `nil` when they are none.
    init?(json: JSONValue?) {
        guard let object = json?.object else { return nil }
        var values: [String: String] = [:]
        for member in object.members {
            guard let text = member.value.text else { return nil }
            values[member.key] = text
        }
        guard !values.isEmpty else { return nil }
        self.init(values)
    }
}
