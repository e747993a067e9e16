internal import Decisions

/// One entry of the audit log of Cerbos, as far as decisions need it.
///
/// An entry tells of one call: a check of many resources, or a plan of a query. Attributes of principals and
/// resources are passed over, but for the tenant: they can hold secrets.
struct CerbosEntry: KeyedRecord {
    var kind: String?
    var callID: String?
    var time: Timestamp?
    var isOversized = false
    var address: String?
    var forwardedFor: String?
    var agent: String?
    var check = Check(place: "checkResources.")
    /// Entries of the first versions hold what was checked at the top.
    var deprecatedCheck = Check(place: "")
    var plan: Plan?
    var effectivePolicies: [String] = []

    /// What was asked and answered about resources, in pairs by position.
    struct Check {
        /// What stands before the names of its fields.
        let place: String
        var inputs: [CerbosInput?] = []
        var outputs: [CerbosOutput?] = []
    }

    /// What was asked about a kind of resource, and the filter that answers it.
    struct Plan {
        var input: CerbosInput?
        var isAnswered = false
        var filter: String?
    }

    mutating func read(from reader: inout JSONReader) throws {
        try reader.beginObject()
        while let key = try reader.nextKey() {
            switch key {
            case "log.kind": kind = try reader.textOrSkip()
            case "callId": callID = try reader.nameOrSkip(key)
            case "timestamp": time = try reader.timeOrThrow(key)
            case "oversized": isOversized = try reader.isTrueOrSkip()
            case "peer": try readPeer(from: &reader)
            case "checkResources": try readCheck(from: &reader)
            case "inputs": deprecatedCheck.inputs = try Self.list(&reader, of: CerbosInput.read)
            case "outputs": deprecatedCheck.outputs = try Self.list(&reader, of: CerbosOutput.read)
            case "planResources": plan = try Self.plan(&reader)
            case "auditTrail": try readTrail(from: &reader)
            default: try reader.skip()
            }
        }
    }

    private mutating func readPeer(from reader: inout JSONReader) throws {
        (address, forwardedFor, agent) = (nil, nil, nil)
        guard try reader.enterOrSkip() else { return }
        while let key = try reader.nextKey() {
            switch key {
            case "address": address = try reader.textOrSkip()
            case "forwardedFor": forwardedFor = try reader.textOrSkip()
            case "userAgent": agent = try reader.textOrSkip()
            default: try reader.skip()
            }
        }
    }

    private mutating func readCheck(from reader: inout JSONReader) throws {
        (check.inputs, check.outputs) = ([], [])
        guard try reader.enterOrSkip() else { return }
        while let key = try reader.nextKey() {
            switch key {
            case "inputs": check.inputs = try Self.list(&reader, of: CerbosInput.read)
            case "outputs": check.outputs = try Self.list(&reader, of: CerbosOutput.read)
            default: try reader.skip()
            }
        }
    }

    private static func plan(_ reader: inout JSONReader) throws -> Plan? {
        guard try reader.enterOrSkip() else { return nil }
        var plan = Plan()
        while let key = try reader.nextKey() {
            switch key {
            case "input": plan.input = try CerbosInput.read(&reader)
            case "output":
                plan.isAnswered = try reader.peek() == .object
                plan.filter = try text(&reader, under: ["filter", "kind"])
            default: try reader.skip()
            }
        }
        return plan
    }

    private mutating func readTrail(from reader: inout JSONReader) throws {
        effectivePolicies = []
        guard try reader.enterOrSkip() else { return }
        while let key = try reader.nextKey() {
            if key == "effectivePolicies" {
                effectivePolicies = try reader.value().object?.members.map(\.key) ?? []
            } else {
                try reader.skip()
            }
        }
    }

    /// Takes the text that keys lead to, or passes over anything else.
    private static func text(_ reader: inout JSONReader, under keys: ArraySlice<String>) throws -> String? {
        guard let inner = keys.first else { return try reader.textOrSkip() }
        guard try reader.enterOrSkip() else { return nil }
        var found: String?
        while let key = try reader.nextKey() {
            if key == inner {
                found = try text(&reader, under: keys.dropFirst())
            } else {
                try reader.skip()
            }
        }
        return found
    }

    /// Takes an array whose elements keep their places, also those that are not what they should be.
    private static func list<Element>(
        _ reader: inout JSONReader, of element: (inout JSONReader) throws -> Element?
    ) throws -> [Element?] {
        guard try reader.peek() == .array else {
            try reader.skip()
            return []
        }
        var list: [Element?] = []
        try reader.beginArray()
        while try reader.nextElement() {
            guard list.count < resourceLimit else {
                throw DecisionError.invalid(
                    field: "checkResources", expected: "about at most \(resourceLimit) resources")
            }
            list.append(try element(&reader))
        }
        return list
    }

    /// How many resources one call may be about: many times what Cerbos takes, few enough for one line.
    static let resourceLimit = 10_000
}

extension JSONReader {
    /// Whether the next value, which is taken, is `true`.
    fileprivate mutating func isTrueOrSkip() throws(JSONError) -> Bool {
        if try peek() == .bool { return try bool() }
        try skip()
        return false
    }
}
