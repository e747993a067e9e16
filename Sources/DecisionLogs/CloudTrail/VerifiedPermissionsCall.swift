internal import Decisions

/// A call that asked Amazon Verified Permissions for decisions, as CloudTrail records it.
///
/// Who called is an application; who wanted to do what stands in the request, and the answer in
/// `additionalEventData` ("Logging Amazon Verified Permissions API calls using AWS CloudTrail" of its User Guide).
struct VerifiedPermissionsCall: LogRecord {
    private var record = CloudTrailRecord()
    private var question = Question()
    private var answer: String?
    private var results: [BatchResult] = []

    /// A principal or a resource.
    private struct Entity {
        var type: String?
        var id: String?
    }

    /// What was asked.
    private struct Question {
        var store: String?
        var principal = Entity()
        var action: String?
        var resource = Entity()
    }

    /// One question of a batch with its answer.
    private struct BatchResult {
        var question = Question()
        var answer: String?
    }

    /// How many answers one call may hold; the service takes 30 questions at most.
    private static let resultsLimit = 1_000

    /// Reads one call and maps every answer in it; a call without one was refused itself and is told as such.
    static func parse(_ record: Span<UInt8>, limits: JSONLimits, into items: inout [ParsedItem]) throws {
        let call = try JSONReader.read(record, limits: limits) { reader in
            guard try reader.peek() == .object else { throw DecisionError.notAnObject }
            var call = VerifiedPermissionsCall()
            try reader.beginObject()
            while let key = try reader.nextKey() {
                switch key {
                case "requestParameters": call.question = try question(key, from: &reader)
                case "additionalEventData": try call.readAnswers(from: &reader)
                default: try call.record.read(key, from: &reader)
                }
            }
            return call
        }
        try call.add(to: &items)
    }

    private func add(to items: inout [ParsedItem]) throws(DecisionError) {
        if results.isEmpty && answer == nil {
            items.append(try record.item())
            return
        }
        let (id, time) = try record.identified()
        if let answer, results.isEmpty {
            let decision = try decision(
                id: id, time: time, question: question, answer: answer, from: "requestParameters")
            items.append(.decision(decision))
            return
        }
        for (place, result) in results.enumerated() {
            let field = "additionalEventData.results[\(place)]"
            do throws(DecisionError) {
                guard let answer = result.answer else { throw .missing(field: field + ".decision") }
                let decision = try decision(
                    id: "\(id)#\(place)", time: time, question: result.question, answer: answer,
                    from: field + ".request")
                items.append(.decision(decision))
            } catch {
                // The others were decided all the same.
                items.append(.rejected(error.description))
            }
        }
    }

    private func decision(
        id: String, time: Timestamp, question asked: Question, answer: String, from field: String
    ) throws(DecisionError) -> Decision {
        guard let kind = asked.resource.type else { throw .missing(field: field + ".resource.entityType") }
        guard let action = asked.action else { throw .missing(field: field + ".action.actionId") }
        var decision = Decision(
            id: id, time: time, tenant: question.store ?? "", principal: Self.principal(asked.principal),
            resource: Resource(kind: kind, id: asked.resource.id, scope: record.region),
            actions: [action], effect: answer == "ALLOW" ? .allow : .deny)
        decision.outcome = decision.effect == .deny ? "denied" : "ok"
        decision.source = Source(ip: record.address, agent: record.agent, format: "avp")
        var attributes = JSONObject()
        attributes.append("caller", .string(record.identity.arn ?? ""))
        decision.extras.append("attrs", .object(attributes))
        return decision
    }

    /// Who wanted to act; a call with a token does not say it, because that stands in the token.
    private static func principal(_ entity: Entity) -> Principal {
        let roles = entity.type.map { [$0] } ?? []
        guard let id = entity.id else { return Principal(id: "?", roles: roles) }
        return Principal(id: entity.type.map { $0 + "::" + id } ?? id, roles: roles)
    }

    private mutating func readAnswers(from reader: inout JSONReader) throws {
        (answer, results) = (nil, [])
        guard try reader.enterOrSkip() else { return }
        while let key = try reader.nextKey() {
            switch key {
            case "decision": answer = try reader.textOrSkip()?.present
            case "results": results = try Self.results(&reader)
            default: try reader.skip()
            }
        }
    }

    private static func results(_ reader: inout JSONReader) throws -> [BatchResult] {
        guard try reader.peek() == .array else {
            try reader.skip()
            return []
        }
        var results: [BatchResult] = []
        try reader.beginArray()
        while try reader.nextElement() {
            guard results.count < resultsLimit else {
                throw DecisionError.invalid(
                    field: "additionalEventData.results", expected: "at most \(resultsLimit) results")
            }
            results.append(try result("additionalEventData.results[\(results.count)]", from: &reader))
        }
        return results
    }

    private static func result(_ field: String, from reader: inout JSONReader) throws -> BatchResult {
        var result = BatchResult()
        guard try reader.enterOrSkip() else { return result }
        while let key = try reader.nextKey() {
            switch key {
            case "request": result.question = try question(field + ".request", from: &reader)
            case "decision": result.answer = try reader.textOrSkip()?.present
            default: try reader.skip()
            }
        }
        return result
    }

    private static func question(_ field: String, from reader: inout JSONReader) throws -> Question {
        var question = Question()
        guard try reader.enterOrSkip() else { return question }
        while let key = try reader.nextKey() {
            switch key {
            case "policyStoreId": question.store = try reader.nameOrSkip(field + ".policyStoreId")
            case "principal": question.principal = try entity(field + ".principal", from: &reader)
            case "action": question.action = try entity(field + ".action", from: &reader).id
            case "resource": question.resource = try entity(field + ".resource", from: &reader)
            default: try reader.skip()
            }
        }
        return question
    }

    /// Takes a reference to an entity; an action is one too, with keys of its own.
    private static func entity(_ field: String, from reader: inout JSONReader) throws -> Entity {
        var entity = Entity()
        guard try reader.enterOrSkip() else { return entity }
        while let key = try reader.nextKey() {
            switch key {
            case "entityType", "actionType": entity.type = try reader.nameOrSkip(field + "." + key)
            case "entityId", "actionId": entity.id = try reader.nameOrSkip(field + "." + key)
            default: try reader.skip()
            }
        }
        return entity
    }
}
