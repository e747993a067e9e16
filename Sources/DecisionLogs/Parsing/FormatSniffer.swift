internal import Decisions

/// What a JSON object looks like from the outside.
enum Sniffed: Equatable {
    /// One record of a format.
    case record(DecisionLogFormat)
    /// An object that holds records under a key.
    case container(key: String)
    /// None of the known formats.
    case unknown
}

/// Tells a record's format from its keys, looking no further than needed.
struct FormatSniffer {
    private var seen: Set = []
    private var eventSource = ""

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

    private mutating func look(at key: String, _ reader: inout JSONReader) throws(JSONError) -> Sniffed? {
        switch key {
        case "apiVersion":
            if try text(&reader).hasPrefix("audit.k8s.io/") { seen.insert(.auditVersion) }
        case "kind":
            let kind = try text(&reader)
            if kind == "EventList" { return .container(key: "items") }
            if kind == "Event" { seen.insert(.event) }
        case "auditID": try mark(.auditID, &reader)
        case "verb": try mark(.verb, &reader)
        case "objectRef", "requestURI": try mark(.request, &reader)
        case "principal": try mark(.principal, &reader)
        case "resource": try mark(.resource, &reader)
        case "effect": try mark(.effect, &reader)
        case "eventSource":
            eventSource = try text(&reader)
            seen.insert(.eventSource)
        case "eventName": try mark(.eventName, &reader)
        case "decision_id": try mark(.decisionID, &reader)
        case "labels", "path", "query": try mark(.opaDetail, &reader)
        case "callId": try mark(.callID, &reader)
        case "checkResources", "planResources", "inputs": try mark(.cerbosDetail, &reader)
        case "specversion": try mark(.cloudEvent, &reader)
        case "type": if try text(&reader).contains("authzed") { seen.insert(.authzed) }
        case "grpc_service":
            if try text(&reader).hasPrefix("openfga.") { return .record(.openfga) }
        case "Records":
            if try reader.peek() == .array { return .container(key: key) }
            try reader.skip()
        default: try reader.skip()
        }
        return decided
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
            return .record(eventSource == "verifiedpermissions.amazonaws.com" ? .avp : .cloudtrail)
        }
        if seen.contains([.principal, .resource, .effect]) { return .record(.verdict) }
        if seen.contains([.decisionID, .opaDetail]) { return .record(.opa) }
        if seen.contains([.callID, .cerbosDetail]) { return .record(.cerbos) }
        if seen.contains([.cloudEvent, .authzed]) { return .record(.spicedb) }
        return nil
    }

    /// A native line that lacks a required field is told what it lacks rather than that it is unknown.
    private var lastResort: Sniffed {
        if !seen.isDisjoint(with: [.principal, .effect]) { return .record(.verdict) }
        return seen.contains(.auditVersion) ? .record(.kubernetes) : .unknown
    }
}
