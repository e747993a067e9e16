internal import Decisions

/// One event of Open Policy Agent's decision log (EventV1), as far as a decision needs it.
///
/// Events are uploaded in arrays and printed among the other lines of the console, where `type` tells them apart.
/// What built-in functions returned (`nd_builtin_cache`) is passed over: it can be huge and hold secrets.
struct OPAEvent: KeyedRecord {
    var decisionID: String?
    var type: String?
    var isConsoleLine = false
    var time: Timestamp?
    var content = OPAContent()
    var path: String?
    var query: String?
    /// What took the result's place for the caller, where something did.
    var mappedResult = OPADocument(named: "mapped_result")
    var failed = false
    var erased: [String] = []
    var masked: [String] = []
    var bundles = JSONObject()
    var revision: String?
    var metrics = Metrics()
    var address: String?
    var agent: String?
    var requestID: String?
    var traceID: String?

    /// What a decision cost.
    struct Metrics {
        /// Nanoseconds from the request to the answer.
        var handling: Int64?
        /// Nanoseconds of the evaluation alone.
        var evaluation: Int64?
        /// How often the prepared query was found in the cache.
        var cacheHits: Int64?
    }

    /// An event of which nothing is read yet.
    init() {}

    /// The same, whose fields are looked for where mappings say first.
    init(mappings: [OPAMapping]) {
        content.mappings = mappings
    }

    func add(to items: inout [ParsedItem]) throws {
        var event = self
        // Its rule may stand behind what the rule's mappings are for.
        event.content.mappings.removeAll { !$0.fits(path: path) }
        items.append(try event.item())
    }

    mutating func read(from reader: inout JSONReader) throws {
        try reader.beginObject()
        while let key = try reader.nextKey() {
            switch key {
            case "decision_id": decisionID = try reader.nameOrSkip(key)
            case "type": type = try reader.textOrSkip()
            case "timestamp": time = try reader.timeOrThrow(key)
            case "labels": content.labels = try OPADocument(named: key, from: &reader)
            case "path": path = try reader.nameOrSkip(key)
            case "query": query = try reader.nameOrSkip(key)
            case "input": content.input = try OPADocument(named: key, from: &reader)
            case "result": content.result = try OPADocument(named: key, from: &reader)
            case "mapped_result": mappedResult = try OPADocument(named: key, from: &reader)
            case "erased": erased = try reader.textsOrSkip(limit: .max)
            case "masked": masked = try reader.textsOrSkip(limit: .max)
            case "bundles": bundles = try reader.value().object ?? JSONObject()
            case "revision": revision = try reader.textOrSkip()
            case "metrics": metrics = try Self.metrics(&reader)
            case "requested_by": address = try reader.textOrSkip()
            case "request_context": agent = try Self.agent(&reader, under: ["http", "headers"])
            case "trace_id": traceID = try reader.textOrSkip()
            case "req_id":
                requestID = try reader.peek() == .number ? reader.number() : nil
                if requestID == nil { try reader.skip() }
            case "error":
                // An error of Go's own prints as an empty object.
                failed = try !reader.null()
                if failed { try reader.skip() }
            case "msg":
                isConsoleLine = true
                try reader.skip()
            default: try reader.skip()
            }
        }
    }

    private static func metrics(_ reader: inout JSONReader) throws -> Metrics {
        var metrics = Metrics()
        guard try reader.enterOrSkip() else { return metrics }
        while let key = try reader.nextKey() {
            switch key {
            case "timer_server_handler_ns": metrics.handling = try count(&reader)
            case "timer_rego_query_eval_ns": metrics.evaluation = try count(&reader)
            case "counter_server_query_cache_hit": metrics.cacheHits = try count(&reader)
            default: try reader.skip()
            }
        }
        return metrics
    }

    /// Takes a whole number from 0, or passes over anything else.
    private static func count(_ reader: inout JSONReader) throws -> Int64? {
        guard try reader.peek() == .number else {
            try reader.skip()
            return nil
        }
        let number = DecimalText.scaled(try reader.number(), byPowerOfTen: 0)
        return number.flatMap { $0 < 0 ? nil : Int64(exactly: $0) }
    }

    /// Takes the user agent from the headers that a request context holds under `keys`, whatever their case.
    private static func agent(_ reader: inout JSONReader, under keys: ArraySlice<String>) throws -> String? {
        guard try reader.enterOrSkip() else { return nil }
        var agent: String?
        while let key = try reader.nextKey() {
            if let inner = keys.first {
                if key == inner {
                    agent = try Self.agent(&reader, under: keys.dropFirst())
                } else {
                    try reader.skip()
                }
            } else if key.lowercased() == "user-agent" {
                let isList = try reader.peek() == .array
                agent = try isList ? reader.textsOrSkip(limit: 1).first : reader.textOrSkip()
            } else {
                try reader.skip()
            }
        }
        return agent
    }
}
