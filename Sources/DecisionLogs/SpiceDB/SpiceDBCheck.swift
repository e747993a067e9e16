internal import Decisions

/// One audit event of SpiceDB, as far as a decision needs it.
///
/// AuthZed's products write them as CloudEvents 1.0, one for each call. An event tells of a decision when its
/// type is `CheckPermission`; caveat context and tokens are passed over: they can hold secrets.
struct SpiceDBCheck: KeyedRecord {
    private var id: String?
    private var time: Timestamp?
    private var source: String?
    private var type: String?
    private var data = Call()

    /// What was asked and answered, and by which client.
    fileprivate struct Call {
        var resource = Object()
        var subject = Object()
        var relation: String?
        var permission: String?
        var permissionship: String?
        var tokenHash: String?
        var agent: String?
    }

    /// A reference to an object.
    fileprivate struct Object {
        var type: String?
        var id: String?
    }

    func add(to items: inout [ParsedItem]) throws { items.append(try item()) }

    mutating func read(from reader: inout JSONReader) throws {
        try reader.beginObject()
        while let key = try reader.nextKey() {
            switch key {
            case "id": id = try reader.nameOrSkip(key)
            case "time": time = try reader.timeOrThrow(key)
            case "source": source = try reader.nameOrSkip(key)
            case "type": type = try reader.nameOrSkip(key)
            case "data":
                data = Call()
                try data.read(from: &reader)
            default: try reader.skip()
            }
        }
    }

    private func item() throws(DecisionError) -> ParsedItem {
        guard let type else { throw .missing(field: "type") }
        guard type.hasSuffix("PermissionsService/CheckPermission") else { return .skipped(.notADecision) }
        guard let id else { throw .missing(field: "id") }
        guard let time else { throw .missing(field: "time") }
        guard let kind = data.resource.type else { throw .missing(field: "resource.objectType") }
        guard let permission = data.permission else { throw .missing(field: "permission") }
        guard let answer = data.permissionship else { throw .missing(field: "permissionship") }
        let effect: Effect =
            switch answer {
            case "PERMISSIONSHIP_HAS_PERMISSION": .allow
            case "PERMISSIONSHIP_CONDITIONAL_PERMISSION": .conditional
            default: .deny
            }
        var decision = Decision(
            id: id, time: time, tenant: source ?? "", principal: Principal(id: try principal()),
            resource: Resource(kind: kind, id: data.resource.id), actions: [permission], effect: effect)
        decision.outcome = effect == .deny ? "denied" : "ok"
        decision.source = Source(agent: data.agent, format: "spicedb")
        if let hash = data.tokenHash {
            decision.extras.append("attrs", .object(["token_hash": .string(hash)]))
        }
        return .decision(decision)
    }

    /// `user:tom`, and `group:eng#member` for those that are related to an object.
    private func principal() throws(DecisionError) -> String {
        guard let type = data.subject.type else { throw .missing(field: "subject.object.objectType") }
        guard let name = data.subject.id else { throw .missing(field: "subject.object.objectId") }
        return type + ":" + name + (data.relation.map { "#" + $0 } ?? "")
    }
}

extension SpiceDBCheck.Call {
    fileprivate mutating func read(from reader: inout JSONReader) throws {
        guard try reader.enterOrSkip() else { return }
        while let key = try reader.nextKey() {
            switch key {
            case "request": try readRequest(from: &reader)
            case "response": try readResponse(from: &reader)
            case "metadata": try readMetadata(from: &reader)
            default: try reader.skip()
            }
        }
    }

    /// The examples of AuthZed's documentation write the permission beside the resource or in it, and what else
    /// is told of the call beside the request or in it.
    private mutating func readRequest(from reader: inout JSONReader) throws {
        (resource, subject, relation, permission) = (.init(), .init(), nil, nil)
        guard try reader.enterOrSkip() else { return }
        while let key = try reader.nextKey() {
            switch key {
            case "resource": try readResource(from: &reader)
            case "permission": permission = try reader.nameOrSkip(key)
            case "subject": try readSubject(from: &reader)
            case "response": try readResponse(from: &reader)
            case "metadata": try readMetadata(from: &reader)
            default: try reader.skip()
            }
        }
    }

    private mutating func readResource(from reader: inout JSONReader) throws {
        resource = .init()
        guard try reader.enterOrSkip() else { return }
        while let key = try reader.nextKey() {
            switch key {
            case "objectType": resource.type = try reader.nameOrSkip("resource.objectType")
            case "objectId": resource.id = try reader.nameOrSkip("resource.objectId")
            case "permission": permission = try reader.nameOrSkip(key)
            default: try reader.skip()
            }
        }
    }

    private mutating func readSubject(from reader: inout JSONReader) throws {
        (subject, relation) = (.init(), nil)
        guard try reader.enterOrSkip() else { return }
        while let key = try reader.nextKey() {
            switch key {
            case "object": try readSubjectObject(from: &reader)
            case "optionalRelation": relation = try reader.nameOrSkip("subject.optionalRelation")
            default: try reader.skip()
            }
        }
    }

    private mutating func readSubjectObject(from reader: inout JSONReader) throws {
        subject = .init()
        guard try reader.enterOrSkip() else { return }
        while let key = try reader.nextKey() {
            switch key {
            case "objectType": subject.type = try reader.nameOrSkip("subject.object.objectType")
            case "objectId": subject.id = try reader.nameOrSkip("subject.object.objectId")
            default: try reader.skip()
            }
        }
    }

    private mutating func readResponse(from reader: inout JSONReader) throws {
        permissionship = nil
        guard try reader.enterOrSkip() else { return }
        while let key = try reader.nextKey() {
            if key == "permissionship" {
                permissionship = try reader.textOrSkip()?.present
            } else {
                try reader.skip()
            }
        }
    }

    private mutating func readMetadata(from reader: inout JSONReader) throws {
        (tokenHash, agent) = (nil, nil)
        guard try reader.enterOrSkip() else { return }
        while let key = try reader.nextKey() {
            switch key {
            case "token_hash": tokenHash = try reader.textOrSkip()?.present
            case "user-agent": agent = try reader.textOrSkip()?.present
            default: try reader.skip()
            }
        }
    }
}
