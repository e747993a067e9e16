internal import Decisions

/// Tells a record's format from its keys, looking no further than needed.
struct FormatSniffer {
    private var seen: Set = []
    private var eventSource = ""
    private var eventName = ""
    /// The key that holds an array of records, unless the rest of the object tells otherwise.
    private var containerKey: String?

    private struct Set: OptionSet {
        let rawValue: UInt32
        static let auditID = Set(rawValue: 1 << 0)
        static let verb = Set(rawValue: 1 << 1)
        static let auditVersion = Set(rawValue: 1 << 2)
        static let event = Set(rawValue: 1 << 3)
        static let principal = Set(rawValue: 1 << 4)
        static let effect = Set(rawValue: 1 << 5)
        static let eventSource = Set(rawValue: 1 << 6)
        static let eventName = Set(rawValue: 1 << 7)
        static let decisionID = Set(rawValue: 1 << 8)
        static let opaDetail = Set(rawValue: 1 << 9)
        static let callID = Set(rawValue: 1 << 10)
        static let cerbosDetail = Set(rawValue: 1 << 11)
        static let cloudEvent = Set(rawValue: 1 << 12)
        static let authzed = Set(rawValue: 1 << 13)
        static let resource = Set(rawValue: 1 << 14)
        static let request = Set(rawValue: 1 << 15)
        static let id = Set(rawValue: 1 << 16)
        static let time = Set(rawValue: 1 << 17)
        static let timestamp = Set(rawValue: 1 << 18)
        static let level = Set(rawValue: 1 << 19)
        static let msg = Set(rawValue: 1 << 20)
        static let message = Set(rawValue: 1 << 21)
        static let azureLog = Set(rawValue: 1 << 22)
        static let detail = Set(rawValue: 1 << 23)
        static let detailType = Set(rawValue: 1 << 24)
        static let log = Set(rawValue: 1 << 25)
        static let stream = Set(rawValue: 1 << 26)
        static let cerbosLog = Set(rawValue: 1 << 27)
        static let trailNotice = Set(rawValue: 1 << 28)
    }

    /// Looks at the keys of the object that is next.
    static func sniff(_ bytes: Span<UInt8>) -> Sniffed {
        var sniffer = FormatSniffer()
        var result: Sniffed?
        // Errors are for the parser of the format to report; what was seen before one is enough here.
        _ = try? JSONReader.readPrefix(bytes) { reader in
            try reader.beginObject()
            while result == nil, let key = try reader.nextKey() {
                result = try sniffer.look(at: key, &reader)
            }
        }
        return result ?? sniffer.lastResort
    }

    /// The keys of the most frequent lines come first: each case is one comparison.
    private mutating func look(at key: String, _ reader: inout JSONReader) throws(JSONError) -> Sniffed? {
        switch key {
        case "apiVersion":
            if try text(&reader).hasPrefix("audit.k8s.io/") { seen.insert(.auditVersion) }
        case "kind":
            let kind = try text(&reader)
            if kind == "EventList" { return .container(key: "items") }
            if kind == "Event" { seen.insert(.event) }
        case "id": try mark(.id, &reader)
        case "time", "ts": try mark(.time, &reader)
        case "principal": try mark(.principal, &reader)
        case "resource": try mark(.resource, &reader)
        case "effect": try mark(.effect, &reader)
        case "tenant", "actions": try reader.skip()
        case "auditID": try mark(.auditID, &reader)
        case "verb": try mark(.verb, &reader)
        case "objectRef", "requestURI": try mark(.request, &reader)
        case "eventSource":
            eventSource = try text(&reader)
            seen.insert(.eventSource)
        case "eventName":
            eventName = try text(&reader)
            seen.insert(.eventName)
        case "decision_id": try mark(.decisionID, &reader)
        case "labels", "path", "query", "input", "result", "bundles": try mark(.opaDetail, &reader)
        case "callId": try mark(.callID, &reader)
        case "checkResources", "planResources", "inputs": try mark(.cerbosDetail, &reader)
        case "specversion": try mark(.cloudEvent, &reader)
        case "type": if try text(&reader).contains("authzed") { seen.insert(.authzed) }
        default: return try lookFurther(at: key, &reader)
        }
        return decided
    }

    /// Looks at a key of what is rarer, or that decides alone.
    private mutating func lookFurther(
        at key: String, _ reader: inout JSONReader
    ) throws(JSONError) -> Sniffed? {
        let kind = try reader.peek()
        switch (key, kind) {
        case ("Records", .array): return .container(key: key)
        case ("records", .array), ("Events", .array), ("events", .array), ("logEvents", .array):
            containerKey = key
            try reader.skip()
        case ("grpc_service", .string):
            if try reader.string().hasPrefix("openfga.") { return .record(.openfga) }
        case ("log.logger", .string):
            let logger = try reader.string()
            if logger == "cerbos.audit" { return .record(.cerbos) }
            if logger.hasPrefix("cerbos") { seen.insert(.cerbosLog) }
        case ("protoPayload", .object): return .record(.gke)
        case ("CloudTrailEvent", .string): return .envelope(.lookedUpEvent)
        case ("digestStartTime", .string), ("insightDetails", .object): try mark(.trailNotice, &reader)
        case ("properties", .object):
            try reader.beginObject()
            while let inner = try reader.nextKey() {
                if inner == "log" { seen.insert(.azureLog) }
                try reader.skip()
            }
        case ("detail", .object): try mark(.detail, &reader)
        case ("detail-type", .string): try mark(.detailType, &reader)
        case ("message", .string): try mark(.message, &reader)
        case ("timestamp", _): try mark(.timestamp, &reader)
        case ("log", .string): try mark(.log, &reader)
        case ("stream", .string): try mark(.stream, &reader)
        case ("msg", .string): try mark(.msg, &reader)
        case ("level", _): try mark(.level, &reader)
        default: try reader.skip()
        }
        return nil
    }

    private mutating func mark(_ sign: Set, _ reader: inout JSONReader) throws(JSONError) {
        try reader.skip()
        seen.insert(sign)
    }

    private func text(_ reader: inout JSONReader) throws(JSONError) -> String {
        if try reader.peek() == .string { return try reader.string() }
        try reader.skip()
        return ""
    }

    private var decided: Sniffed? {
        if seen.contains([.auditVersion, .event]) || seen.contains([.auditID, .verb])
            || seen.contains([.event, .verb, .request])
        {
            return .record(.kubernetes)
        }
        if seen.contains([.eventSource, .eventName]) {
            return .record(isPermissionCheck ? .avp : .cloudtrail)
        }
        if seen.contains([.principal, .resource, .effect]) { return .record(.verdict) }
        if seen.contains([.decisionID, .opaDetail]) { return .record(.opa) }
        if seen.contains([.callID, .cerbosDetail]) { return .record(.cerbos) }
        if seen.contains([.cloudEvent, .authzed]) { return .record(.spicedb) }
        return nil
    }

    /// Whether a CloudTrail record tells of questions to Verified Permissions, and not of its management.
    private var isPermissionCheck: Bool {
        eventSource == "verifiedpermissions.amazonaws.com" && Self.permissionChecks.contains(eventName)
    }

    private static let permissionChecks = [
        "IsAuthorized", "IsAuthorizedWithToken", "BatchIsAuthorized", "BatchIsAuthorizedWithToken",
    ]

    /// What no record's keys decide, the surest first.
    ///
    /// A native line that lacks a required field is told what it lacks rather than that it is unknown, and
    /// whatever else a native line carries, it is no envelope and no line of a program.
    private var lastResort: Sniffed {
        if !seen.isDisjoint(with: [.principal, .effect]) { return .record(.verdict) }
        if seen.contains(.auditVersion) { return .record(.kubernetes) }
        // What CloudTrail writes beside its records: digests of files and unusual rates.
        if seen.contains(.trailNotice) { return .record(.cloudtrail) }
        if seen.contains(.azureLog) { return .envelope(.azureResourceLog) }
        if seen.contains([.detailType, .detail]) { return .envelope(.eventBridgeEvent) }
        if seen.contains([.log, .stream]) { return .envelope(.containerLine) }
        if let containerKey { return .container(key: containerKey) }
        if seen.contains(.message), !seen.isDisjoint(with: [.timestamp, .id]) {
            return .envelope(.cloudWatchEvent)
        }
        // Open Policy Agent and OpenFGA print such lines beside their decisions, Cerbos its own kind.
        let isTimed = !seen.isDisjoint(with: [.time, .timestamp])
        if isTimed && seen.contains([.msg, .level]) || seen.contains(.cerbosLog) {
            return .record(.otherLog)
        }
        return .unknown
    }
}
