internal import Decisions

/// One audit event of the Kubernetes API server (audit.k8s.io), as far as a decision needs it.
///
/// Request and response bodies are passed over: they can hold secrets.
struct KubernetesEvent {
    var auditID: String?
    var level: Level?
    var stage: String?
    var requestURI: String?
    var verb: String?
    var user = User()
    var impersonated: User?
    var address: String?
    var agent: String?
    var object: Object?
    var code: String?
    var received: Timestamp?
    var finished: Timestamp?
    var authorization: String?
    var reason: String?

    /// How much an event tells.
    enum Level: String {
        case none = "None"
        case metadata = "Metadata"
        case request = "Request"
        case requestResponse = "RequestResponse"
    }

    /// An identity.
    struct User {
        var name: String?
        var groups: [String] = []
    }

    /// What was asked about.
    struct Object {
        var resource: String?
        var subresource: String?
        var namespace: String?
        var name: String?
        var apiGroup: String?
    }

    /// Reads one event and maps it.
    static func parse(_ record: Span<UInt8>, limits: JSONLimits) throws -> ParsedItem {
        let event = try JSONReader.read(record, limits: limits) { reader in
            guard try reader.peek() == .object else { throw DecisionError.notAnObject }
            var event = KubernetesEvent()
            try event.read(from: &reader)
            return event
        }
        return try event.item()
    }

    private mutating func read(from reader: inout JSONReader) throws {
        var oldTime: Timestamp?
        try reader.beginObject()
        while let key = try reader.nextKey() {
            switch key {
            case "auditID": auditID = try reader.identityOrSkip(key)
            case "level": level = try reader.textOrSkip().flatMap(Level.init)
            case "stage": stage = try reader.textOrSkip()
            case "requestURI": requestURI = try reader.textOrSkip()
            case "verb": verb = try reader.textOrSkip()
            case "user": user = try Self.user(&reader) ?? User()
            case "impersonatedUser": impersonated = try Self.user(&reader)
            case "sourceIPs": address = try reader.textsOrSkip(limit: 1).first
            case "userAgent": agent = try reader.textOrSkip()
            case "objectRef": object = try Self.object(&reader)
            case "responseStatus": try readStatus(from: &reader)
            case "requestReceivedTimestamp": received = try reader.timeOrThrow(key)
            case "stageTimestamp": finished = try reader.timeOrThrow(key)
            case "timestamp": oldTime = try reader.timeOrThrow(key)
            case "annotations": try readAnnotations(from: &reader)
            default: try reader.skip()
            }
        }
        // Events of 2017 have one timestamp only.
        received = received ?? oldTime ?? finished
    }

    private static func user(_ reader: inout JSONReader) throws -> User? {
        guard try reader.enterOrSkip() else { return nil }
        var user = User()
        while let key = try reader.nextKey() {
            switch key {
            case "username": user.name = try reader.identityOrSkip("username")
            case "groups": user.groups = try reader.textsOrSkip(limit: .max)
            default: try reader.skip()
            }
        }
        return user
    }

    private static func object(_ reader: inout JSONReader) throws -> Object? {
        guard try reader.enterOrSkip() else { return nil }
        var object = Object()
        while let key = try reader.nextKey() {
            switch key {
            case "resource": object.resource = try reader.identityOrSkip("objectRef.resource")
            case "subresource": object.subresource = try reader.textOrSkip()
            case "namespace": object.namespace = try reader.textOrSkip()
            case "name": object.name = try reader.identityOrSkip("objectRef.name")
            case "apiGroup": object.apiGroup = try reader.textOrSkip()
            default: try reader.skip()
            }
        }
        return object
    }

    private mutating func readStatus(from reader: inout JSONReader) throws {
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

    private mutating func readAnnotations(from reader: inout JSONReader) throws {
        (authorization, reason) = (nil, nil)
        guard try reader.enterOrSkip() else { return }
        while let key = try reader.nextKey() {
            switch key {
            case "authorization.k8s.io/decision": authorization = try reader.textOrSkip()
            case "authorization.k8s.io/reason": reason = try reader.textOrSkip()
            default: try reader.skip()
            }
        }
    }
}
