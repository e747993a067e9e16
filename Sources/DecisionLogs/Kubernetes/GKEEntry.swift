internal import Decisions

/// One entry of Google Kubernetes Engine in Cloud Audit Logs, as far as a decision needs it.
///
/// The fields are those of `LogEntry` and `AuditLog` in the reference of Cloud Logging. What was sent and
/// answered is passed over: it can hold secrets.
struct GKEEntry: KeyedRecord {
    var insertID: String?
    var time: Timestamp?
    var cluster = Cluster()
    /// What the API server's authorizer answered.
    var answer: String?
    var call = Call()

    /// The cluster that was asked.
    struct Cluster {
        var project: String?
        var name: String?
    }

    /// What was asked, by whom, and what came of it.
    struct Call {
        var service: String?
        var method: String?
        var resource: String?
        var principal: String?
        var address: String?
        var agent: String?
        var code: String?
        /// The first permission that was needed.
        var permission: String?
        /// Whether every permission was granted; nil when the entry lists none.
        var isGranted: Bool?
    }

    func add(to items: inout [ParsedItem]) throws { items.append(.decision(try decision())) }

    mutating func read(from reader: inout JSONReader) throws {
        try reader.beginObject()
        while let key = try reader.nextKey() {
            switch key {
            case "insertId": insertID = try reader.nameOrSkip(key)
            case "timestamp": time = try reader.timeOrThrow(key)
            case "resource": cluster = try Self.cluster(&reader)
            case "labels": answer = try Self.text("authorization.k8s.io/decision", in: &reader)
            case "protoPayload": call = try Self.call(&reader)
            default: try reader.skip()
            }
        }
    }

    private static func cluster(_ reader: inout JSONReader) throws -> Cluster {
        var cluster = Cluster()
        guard try reader.enterOrSkip() else { return cluster }
        while let key = try reader.nextKey() {
            guard key == "labels", try reader.peek() == .object else {
                try reader.skip()
                continue
            }
            cluster = Cluster()
            try reader.beginObject()
            while let label = try reader.nextKey() {
                switch label {
                case "project_id": cluster.project = try reader.nameOrSkip("resource.labels.project_id")
                case "cluster_name": cluster.name = try reader.textOrSkip()
                default: try reader.skip()
                }
            }
        }
        return cluster
    }

    private static func call(_ reader: inout JSONReader) throws -> Call {
        var call = Call()
        guard try reader.enterOrSkip() else { return call }
        while let key = try reader.nextKey() {
            switch key {
            case "serviceName": call.service = try reader.nameOrSkip(key)
            case "methodName": call.method = try reader.nameOrSkip(key)
            case "resourceName": call.resource = try reader.nameOrSkip(key)
            case "authenticationInfo": try call.readPrincipal(from: &reader)
            case "authorizationInfo": try call.readPermissions(from: &reader)
            case "requestMetadata": try call.readClient(from: &reader)
            case "status": try call.readStatus(from: &reader)
            default: try reader.skip()
            }
        }
        return call
    }

    /// Takes an object and returns the text under a key, or passes over anything else.
    private static func text(_ name: String, in reader: inout JSONReader) throws -> String? {
        guard try reader.enterOrSkip() else { return nil }
        var text: String?
        while let key = try reader.nextKey() {
            if key == name { text = try reader.textOrSkip() } else { try reader.skip() }
        }
        return text
    }
}

extension GKEEntry.Call {
    fileprivate mutating func readPrincipal(from reader: inout JSONReader) throws {
        principal = nil
        guard try reader.enterOrSkip() else { return }
        while let key = try reader.nextKey() {
            if key == "principalEmail" {
                principal = try reader.nameOrSkip("authenticationInfo.principalEmail")
            } else {
                try reader.skip()
            }
        }
    }

    fileprivate mutating func readPermissions(from reader: inout JSONReader) throws {
        (permission, isGranted) = (nil, nil)
        guard try reader.peek() == .array else {
            try reader.skip()
            return
        }
        try reader.beginArray()
        while try reader.nextElement() {
            guard try reader.enterOrSkip() else { continue }
            // The JSON form of a protocol buffer leaves out what is false.
            var granted = false
            var name: String?
            while let key = try reader.nextKey() {
                switch key {
                case "granted":
                    granted = false
                    if try reader.peek() == .bool { granted = try reader.bool() } else { try reader.skip() }
                case "permission": name = try reader.textOrSkip()
                default: try reader.skip()
                }
            }
            if isGranted == nil { permission = name }
            isGranted = granted && isGranted != false
        }
    }

    fileprivate mutating func readClient(from reader: inout JSONReader) throws {
        (address, agent) = (nil, nil)
        guard try reader.enterOrSkip() else { return }
        while let key = try reader.nextKey() {
            switch key {
            case "callerIp": address = try reader.textOrSkip()
            case "callerSuppliedUserAgent": agent = try reader.textOrSkip()
            default: try reader.skip()
            }
        }
    }

    fileprivate mutating func readStatus(from reader: inout JSONReader) throws {
        code = nil
        guard try reader.enterOrSkip() else { return }
        while let key = try reader.nextKey() {
            if key == "code", try reader.peek() == .number {
                code = try reader.number()
            } else {
                try reader.skip()
            }
        }
    }
}
