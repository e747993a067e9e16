internal import Decisions

/// One request that an OpenFGA server logged, as far as a decision needs it.
///
/// Its log is one JSON object a line, made for people and not a promised format. A line tells of a decision
/// when its method is `Check`; contextual tuples and context are passed over: they can hold secrets.
struct OpenFGACheck: KeyedRecord {
    private var service: String?
    private var method: String?
    private var requestID: String?
    private var time: Timestamp?
    private var request = Request()
    private var store: String?
    private var model: String?
    private var isAllowed: Bool?
    private var code: String?
    private var milliseconds: String?
    private var address: String?
    private var agent: String?

    /// What was asked.
    fileprivate struct Request {
        var store: String?
        var model: String?
        var user: String?
        var relation: String?
        var object: String?
    }

    func add(to items: inout [ParsedItem]) throws { items.append(try item()) }

    mutating func read(from reader: inout JSONReader) throws {
        try reader.beginObject()
        while let key = try reader.nextKey() {
            switch key {
            case "grpc_service": service = try reader.nameOrSkip(key)
            case "grpc_method": method = try reader.nameOrSkip(key)
            case "request_id": requestID = try reader.nameOrSkip(key)
            // The first versions write the one, later ones the other.
            case "ts", "timestamp", "time": time = try Self.time(key, &reader) ?? time
            case "raw_request": request = try Self.request(&reader)
            case "raw_response": isAllowed = try Self.answer(&reader)
            case "store_id": store = try reader.nameOrSkip(key)
            case "authorization_model_id": model = try reader.nameOrSkip(key)
            case "grpc_code": code = try reader.nameOrSkip(key)
            case "query_duration_ms": milliseconds = try reader.nameOrSkip(key)
            case "peer.address": address = try reader.textOrSkip()?.present
            case "user_agent": agent = try reader.textOrSkip()?.present
            default: try reader.skip()
            }
        }
    }

    /// Takes a time: seconds since 1970, or text whose offset from UTC has no colon as zap writes it (`+0200`).
    private static func time(_ field: String, _ reader: inout JSONReader) throws -> Timestamp? {
        guard try reader.peek() == .string else { return try reader.timeOrThrow(field) }
        let text = try reader.string()
        let split = text.index(text.endIndex, offsetBy: -2, limitedBy: text.startIndex) ?? text.startIndex
        guard let time = Timestamp(text) ?? Timestamp(String(text[..<split]) + ":" + text[split...]) else {
            throw DecisionError.invalid(field: field, expected: "an RFC 3339 time")
        }
        return time
    }

    private static func request(_ reader: inout JSONReader) throws -> Request {
        var request = Request()
        guard try reader.enterOrSkip() else { return request }
        while let key = try reader.nextKey() {
            switch key {
            case "store_id": request.store = try reader.nameOrSkip("raw_request.store_id")
            case "authorization_model_id":
                request.model = try reader.nameOrSkip("raw_request.authorization_model_id")
            case "tuple_key": try request.readTuple(from: &reader)
            default: try reader.skip()
            }
        }
        return request
    }

    private static func answer(_ reader: inout JSONReader) throws -> Bool? {
        guard try reader.enterOrSkip() else { return nil }
        var isAllowed: Bool?
        while let key = try reader.nextKey() {
            if key == "allowed", try reader.peek() == .bool {
                isAllowed = try reader.bool()
            } else {
                try reader.skip()
            }
        }
        return isAllowed
    }

    private func item() throws(DecisionError) -> ParsedItem {
        guard let service else { throw .missing(field: "grpc_service") }
        guard let method else { throw .missing(field: "grpc_method") }
        guard service.hasPrefix("openfga."), method == "Check" else { return .skipped(.notADecision) }
        guard let requestID else { throw .missing(field: "request_id") }
        guard let time else { throw .missing(field: "timestamp") }
        guard let user = request.user else { throw .missing(field: "tuple_key.user") }
        guard let relation = request.relation else { throw .missing(field: "tuple_key.relation") }
        guard let object = request.object else { throw .missing(field: "tuple_key.object") }
        // A check that failed was not answered, and whoever asked may not go on.
        let failed = isAllowed == nil && code != nil && code != "0"
        guard let isAllowed = failed ? false : isAllowed else {
            throw .missing(field: "raw_response.allowed")
        }
        let (kind, name) = Self.parts(of: object)
        guard let kind = kind?.present else {
            throw .invalid(field: "tuple_key.object", expected: "a type and a name with a colon between them")
        }
        var decision = Decision(
            id: requestID, time: time, tenant: request.store ?? store ?? "",
            principal: Principal(id: user, roles: Self.parts(of: user).type?.present.map { [$0] } ?? []),
            resource: Resource(kind: kind, id: name.present), actions: [relation],
            effect: isAllowed ? .allow : .deny)
        decision.outcome = failed ? "error" : isAllowed ? "ok" : "denied"
        decision.policies = (request.model ?? model).map { [$0] } ?? []
        decision.durationNanoseconds = durationNanoseconds
        decision.source = Source(ip: address.map(SocketAddress.host(of:)), agent: agent, format: "openfga")
        return .decision(decision)
    }

    /// The type and the name of `document:roadmap`; a name may hold colons of its own.
    private static func parts(of object: String) -> (type: String?, name: String) {
        let bytes = object.utf8
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")) else { return (nil, object) }
        return (String(object[..<colon]), String(object[bytes.index(after: colon)...]))
    }

    private var durationNanoseconds: Int64? {
        guard let milliseconds, let nanoseconds = DecimalText.scaled(milliseconds, byPowerOfTen: 6),
            nanoseconds >= 0
        else { return nil }
        return Int64(exactly: nanoseconds)
    }
}

extension OpenFGACheck.Request {
    fileprivate mutating func readTuple(from reader: inout JSONReader) throws {
        (user, relation, object) = (nil, nil, nil)
        guard try reader.enterOrSkip() else { return }
        while let key = try reader.nextKey() {
            switch key {
            case "user": user = try reader.nameOrSkip("tuple_key.user")
            case "relation": relation = try reader.nameOrSkip("tuple_key.relation")
            case "object": object = try reader.nameOrSkip("tuple_key.object")
            default: try reader.skip()
            }
        }
    }
}
