public import Decisions

/// What may be told of a store's health to whoever asks without a token: how it is, and since when.
///
/// Names and details of checks say which tenants, sources, receivers and servers there are, and so they are for
/// operators alone. Nothing of them is kept here, so that nothing of them can be served by mistake.
public struct HealthProbe: Sendable, Hashable {
    /// The worst of the checks; well where there is none.
    public let status: HealthCheck.Status
    /// Since when the first of the worst checks has been so; `nil` where all is well.
    public let since: Timestamp?
    /// How many checks came out so.
    private let counts: [HealthCheck.Status: Int]

    /// Takes of checks what may be told.
    public init(_ checks: [HealthCheck]) {
        let status = checks.map(\.status).max() ?? .ok
        self.status = status
        since = status == .ok ? nil : checks.filter { $0.status == status }.map(\.since).min()
        counts = checks.reduce(into: [:]) { $0[$1.status, default: 0] += 1 }
    }

    /// How many checks came out so.
    public func count(_ status: HealthCheck.Status) -> Int { counts[status] ?? 0 }

    /// The answer to a probe: `{"status":"degraded","since":"…","ok":8,"degraded":1,"failed":0}`.
    public var json: JSONValue {
        var fields: JSONObject = ["status": .string(status.rawValue)]
        if let since { fields["since"] = .string(since.description) }
        for status in HealthCheck.Status.allCases { fields[status.rawValue] = .number(String(count(status))) }
        return .object(fields)
    }
}
