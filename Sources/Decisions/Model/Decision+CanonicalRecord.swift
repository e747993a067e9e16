extension Decision {
    /// The flat record that every log format maps to: the same keys whatever the source, empty text where a
    /// name is absent, null where a measurement is.
    public var canonicalRecord: JSONValue {
        var record = JSONObject()
        record.append("id", .string(id))
        record.append("ts", .string(time.description))
        record.append("tenant", .string(tenant))
        record.append("principal", .string(principal.id))
        record.append("roles", .array(principal.roles.map(JSONValue.string)))
        record.append("kind", .string(resource.kind))
        record.append("rid", .string(resource.id ?? ""))
        record.append("actions", .array(actions.map(JSONValue.string)))
        record.append("effect", .string(effect.rawValue))
        record.append("outcome", .string(outcome ?? (effect == .deny ? "denied" : "ok")))
        record.append("scope", .string(resource.scope ?? ""))
        record.append("policies", .array(policies.map(JSONValue.string)))
        record.append(
            "latency_ms",
            durationNanoseconds.map { .number(DecimalText.text($0, dividedByPowerOfTen: 6)) } ?? .null)
        record.append("cache_hit", cacheHit.map(JSONValue.bool) ?? .null)
        record.append("ip", .string(source.ip ?? ""))
        record.append("ua", .string(source.agent ?? ""))
        record.append("attrs", extras["attrs"] ?? .object(JSONObject()))
        record.append("source", .string(Self.shortFormats[source.format ?? ""] ?? source.format ?? "verdict"))
        return .object(record)
    }

    private static let shortFormats = ["kubernetes": "k8s"]
}
