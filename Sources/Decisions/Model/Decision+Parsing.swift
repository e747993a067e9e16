extension Decision {
    /// Reads a native line.
    ///
    /// Required are id, time, principal.id, resource.kind, actions and effect. `null` means absent. Unknown keys,
    /// at any depth, are kept in `extras`. Of a repeated key the last occurrence counts, as a whole. O(bytes).
    public init(parsing line: Span<UInt8>, limits: JSONLimits = JSONLimits()) throws(DecisionError) {
        do {
            self = try JSONReader.read(line, limits: limits) { reader in
                guard try reader.peek() == .object else { throw DecisionError.notAnObject }
                var fields = NativeFields()
                try fields.read(from: &reader)
                return try fields.decision()
            }
        } catch let error as DecisionError {
            throw error
        } catch let error as JSONError {
            throw .json(error)
        } catch {
            throw .notAnObject
        }
    }

    /// Reads a native line.
    public init(parsing line: String) throws(DecisionError) {
        try self.init(parsing: Array(line.utf8).span)
    }

    /// Reads the metadata of a stored decision: a native line without `id`.
    public init(id: String, metadata: String) throws(DecisionError) {
        do {
            self = try JSONReader.read(Array(metadata.utf8).span) { reader in
                guard try reader.peek() == .object else { throw DecisionError.notAnObject }
                var fields = NativeFields()
                try fields.read(from: &reader)
                fields.id = id
                return try fields.decision()
            }
        } catch let error as DecisionError {
            throw error
        } catch let error as JSONError {
            throw .json(error)
        } catch {
            throw .notAnObject
        }
    }
}

/// The fields of a native line while it is read.
private struct NativeFields {
    var id: String?
    var time: Timestamp?
    var tenant: String?
    var principal: String?
    var roles: [String] = []
    var kind: String?
    var resource: String?
    var scope: String?
    var actions: [String] = []
    var effect: Effect?
    var outcome: String?
    var policies: [String] = []
    var durationNanoseconds: Int64?
    var cacheHit: Bool?
    var source = Source()
    var extras: [JSONObject.Member] = []
    /// Where `extras` holds what was unknown inside `principal`, `resource` and `source`.
    private var nestedPlaces: [String: Int] = [:]

    mutating func read(from reader: inout JSONReader) throws {
        try reader.beginObject()
        while let key = try reader.nextKey() {
            switch key {
            case "id": id = try reader.identity(key)
            case "time": time = try reader.time(key)
            case "tenant": tenant = try reader.identity(key)
            case "principal": try readPrincipal(from: &reader)
            case "resource": try readResource(from: &reader)
            case "actions": actions = try reader.strings(key)
            case "effect": try readEffect(from: &reader)
            case "outcome": outcome = try reader.optionalString(key)
            case "policies": policies = try reader.strings(key)
            case "duration_us": try readDuration(from: &reader)
            case "cache_hit": try readCacheHit(from: &reader)
            case "source": try readSource(from: &reader)
            default: extras.append(JSONObject.Member(key: key, value: try reader.value()))
            }
        }
    }

    /// Keeps what was unknown inside an object; of a repeated key only the last occurrence counts.
    private mutating func keep(_ members: [JSONObject.Member], under key: String) {
        let value = JSONValue.object(JSONObject(keepingLast: members))
        if let place = nestedPlaces[key] {
            extras[place].value = value
        } else if !members.isEmpty {
            nestedPlaces[key] = extras.count
            extras.append(JSONObject.Member(key: key, value: value))
        }
    }

    /// The unknown keys, without the objects whose last occurrence held none.
    private var keptExtras: JSONObject {
        let emptied = nestedPlaces.values.filter { extras[$0].value.object?.isEmpty == true }
        if emptied.isEmpty { return JSONObject(keepingLast: extras) }
        let kept = extras.indices.filter { !emptied.contains($0) }
        return JSONObject(keepingLast: kept.map { extras[$0] })
    }

    private mutating func readPrincipal(from reader: inout JSONReader) throws {
        (principal, roles) = (nil, [])
        var others: [JSONObject.Member] = []
        if try reader.enterObject("principal") {
            while let key = try reader.nextKey() {
                switch key {
                case "id": principal = try reader.identity("principal.id")
                case "roles": roles = try reader.strings("principal.roles")
                default: others.append(JSONObject.Member(key: key, value: try reader.value()))
                }
            }
        }
        keep(others, under: "principal")
    }

    private mutating func readResource(from reader: inout JSONReader) throws {
        (kind, resource, scope) = (nil, nil, nil)
        var others: [JSONObject.Member] = []
        if try reader.enterObject("resource") {
            while let key = try reader.nextKey() {
                switch key {
                case "kind": kind = try reader.identity("resource.kind")
                case "id": resource = try reader.identity("resource.id")
                case "scope": scope = try reader.optionalString("resource.scope")
                default: others.append(JSONObject.Member(key: key, value: try reader.value()))
                }
            }
        }
        keep(others, under: "resource")
    }

    private mutating func readSource(from reader: inout JSONReader) throws {
        source = Source()
        var others: [JSONObject.Member] = []
        if try reader.enterObject("source") {
            while let key = try reader.nextKey() {
                switch key {
                case "ip": source.ip = try reader.optionalString("source.ip")
                case "agent": source.agent = try reader.optionalString("source.agent")
                case "format": source.format = try reader.optionalString("source.format")
                default: others.append(JSONObject.Member(key: key, value: try reader.value()))
                }
            }
        }
        keep(others, under: "source")
    }

    private mutating func readEffect(from reader: inout JSONReader) throws {
        guard let text = try reader.optionalString("effect") else {
            effect = nil
            return
        }
        guard let known = Effect(rawValue: text) else {
            throw DecisionError.invalid(field: "effect", expected: "allow, deny or conditional")
        }
        effect = known
    }

    private mutating func readDuration(from reader: inout JSONReader) throws {
        durationNanoseconds = nil
        if try reader.null() { return }
        guard try reader.peek() == .number,
            let nanoseconds = DecimalText.scaled(try reader.number(), byPowerOfTen: 3),
            nanoseconds >= 0, let fitting = Int64(exactly: nanoseconds)
        else {
            throw DecisionError.invalid(field: "duration_us", expected: "a number of microseconds from 0")
        }
        durationNanoseconds = fitting
    }

    private mutating func readCacheHit(from reader: inout JSONReader) throws {
        cacheHit = nil
        if try reader.null() { return }
        guard try reader.peek() == .bool else {
            throw DecisionError.invalid(field: "cache_hit", expected: "true or false")
        }
        cacheHit = try reader.bool()
    }

    private func required(_ text: String?, _ field: String) throws(DecisionError) -> String {
        guard let text, !text.isEmpty else { throw .missing(field: field) }
        return text
    }

    func decision() throws(DecisionError) -> Decision {
        let id = try required(self.id, "id")
        guard let time else { throw .missing(field: "time") }
        let principal = try required(self.principal, "principal.id")
        let kind = try required(self.kind, "resource.kind")
        guard !actions.isEmpty else { throw .missing(field: "actions") }
        guard let effect else { throw .missing(field: "effect") }
        var decision = Decision(
            id: id, time: time, tenant: tenant ?? "", principal: Principal(id: principal, roles: roles),
            resource: Resource(kind: kind, id: resource, scope: scope), actions: actions, effect: effect)
        decision.outcome = outcome
        decision.policies = policies
        decision.durationNanoseconds = durationNanoseconds
        decision.cacheHit = cacheHit
        decision.source = source
        if !extras.isEmpty { decision.extras = keptExtras }
        return decision
    }
}

extension JSONReader {
    /// Takes a string that tells one thing from another, so that no part of it may be replaced.
    package mutating func exactString(_ field: String) throws -> String {
        var isExact = true
        let text = try string(isExact: &isExact)
        guard isExact else {
            throw DecisionError.invalid(field: field, expected: "text without lone surrogates")
        }
        return text
    }

    fileprivate mutating func identity(_ field: String) throws -> String? {
        if try null() { return nil }
        guard try peek() == .string else { throw DecisionError.invalid(field: field, expected: "a string") }
        return try exactString(field)
    }

    fileprivate mutating func optionalString(_ field: String) throws -> String? {
        if try null() { return nil }
        guard try peek() == .string else { throw DecisionError.invalid(field: field, expected: "a string") }
        return try string()
    }

    fileprivate mutating func strings(_ field: String) throws -> [String] {
        if try null() { return [] }
        guard try peek() == .array else {
            throw DecisionError.invalid(field: field, expected: "an array of strings")
        }
        var result: [String] = []
        try beginArray()
        while try nextElement() {
            guard try peek() == .string else {
                throw DecisionError.invalid(field: field, expected: "an array of strings")
            }
            result.append(try string())
        }
        return result
    }

    /// Enters an object unless it is null.
    fileprivate mutating func enterObject(_ field: String) throws -> Bool {
        if try null() { return false }
        guard try peek() == .object else { throw DecisionError.invalid(field: field, expected: "an object") }
        try beginObject()
        return true
    }

    fileprivate mutating func time(_ field: String) throws -> Timestamp? {
        if try null() { return nil }
        let time: Timestamp? =
            switch try peek() {
            case .string: Timestamp(try string())
            case .number: Timestamp(epoch: try number())
            default: nil
            }
        guard let time else {
            throw DecisionError.invalid(
                field: field, expected: "an RFC 3339 time or a number of seconds since 1970, years 1 to 9999")
        }
        return time
    }
}
