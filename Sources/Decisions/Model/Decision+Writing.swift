extension Decision {
    /// The native line of the decision, without a line break.
    ///
    /// The canonical form prints every key, null where absent, and the unknown keys in ascending order: equal
    /// decisions have equal canonical lines. Otherwise absent fields are left out.
    public func nativeLine(canonical: Bool = false) -> String {
        var writer = JSONWriter()
        write(to: &writer, withID: true, canonical: canonical)
        return writer.text
    }

    /// The decision's metadata: its native line without `id`.
    public var metadata: String {
        var writer = JSONWriter()
        write(to: &writer, withID: false, canonical: false)
        return writer.text
    }

    /// Writes the native line, or the metadata when `withID` is false, as one JSON object.
    public func write(to writer: inout JSONWriter, withID: Bool = true, canonical: Bool = false) {
        let extras = canonical ? self.extras.sorted : self.extras
        writer.beginObject()
        if withID { writer.member("id", id) }
        writer.member("time", time.description)
        if canonical || !tenant.isEmpty { writer.member("tenant", tenant) }
        writer.key("principal")
        writer.beginObject()
        writer.member("id", principal.id)
        writer.member("roles", principal.roles, canonical: canonical)
        writer.extras("principal", of: extras)
        writer.endObject()
        writer.key("resource")
        writer.beginObject()
        writer.member("kind", resource.kind)
        writer.member("id", resource.id, canonical: canonical)
        writer.member("scope", resource.scope, canonical: canonical)
        writer.extras("resource", of: extras)
        writer.endObject()
        writer.member("actions", actions, canonical: true)
        writer.member("effect", effect.rawValue)
        writer.member("outcome", outcome, canonical: canonical)
        writer.member("policies", policies, canonical: canonical)
        if let durationNanoseconds {
            writer.key("duration_us")
            writer.number(DecimalText.text(durationNanoseconds, dividedByPowerOfTen: 3))
        } else if canonical {
            writer.key("duration_us")
            writer.null()
        }
        if let cacheHit {
            writer.key("cache_hit")
            writer.bool(cacheHit)
        } else if canonical {
            writer.key("cache_hit")
            writer.null()
        }
        writeSource(to: &writer, extras: extras, canonical: canonical)
        for member in extras.members where !Self.mergedKeys.contains(member.key) {
            writer.key(member.key)
            writer.value(member.value)
        }
        writer.endObject()
    }

    private func writeSource(to writer: inout JSONWriter, extras: JSONObject, canonical: Bool) {
        guard canonical || source != Source() || extras["source"] != nil else { return }
        writer.key("source")
        writer.beginObject()
        writer.member("ip", source.ip, canonical: canonical)
        writer.member("agent", source.agent, canonical: canonical)
        writer.member("format", source.format, canonical: canonical)
        writer.extras("source", of: extras)
        writer.endObject()
    }

    /// Keys of `extras` whose members are printed inside the object of that name.
    private static let mergedKeys = ["principal", "resource", "source"]
}

extension JSONWriter {
    fileprivate mutating func member(_ name: String, _ text: String) {
        key(name)
        string(text)
    }

    fileprivate mutating func member(_ name: String, _ text: String?, canonical: Bool) {
        if let text {
            member(name, text)
        } else if canonical {
            key(name)
            null()
        }
    }

    fileprivate mutating func member(_ name: String, _ list: [String], canonical: Bool) {
        guard canonical || !list.isEmpty else { return }
        key(name)
        beginArray()
        for text in list { string(text) }
        endArray()
    }

    fileprivate mutating func extras(_ name: String, of extras: JSONObject) {
        if case .object(let object) = extras[name] { members(object) }
    }
}
