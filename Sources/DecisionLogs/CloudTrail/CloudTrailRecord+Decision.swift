internal import Decisions

extension CloudTrailRecord {
    /// The decision that the record tells of.
    func item() throws(DecisionError) -> ParsedItem {
        // A digest file lists the hashes of log files, an Insight event an unusual rate: nobody asked for anything.
        if isNotice && eventSource == nil || category == "Insight" || eventType == "AwsCloudTrailInsight" {
            return .skipped(.notADecision)
        }
        let (id, time) = try identified()
        guard let eventSource else { throw .missing(field: "eventSource") }
        guard let eventName else { throw .missing(field: "eventName") }
        let service = AWSNoun.service(of: eventSource)
        let refused = isRefused
        var decision = Decision(
            id: id, time: time, tenant: account ?? identity.accountID ?? "",
            principal: Principal(id: identity.principal, roles: identity.type.map { [$0] } ?? []),
            resource: Resource(
                kind: service + ":" + AWSNoun.noun(of: eventName), id: resource.id, scope: region),
            actions: [service + ":" + eventName], effect: refused ? .deny : .allow)
        decision.outcome = refused ? "denied" : errorCode ?? "ok"
        if let errorMessage { decision.policies = AWSRefusal.policies(in: errorMessage) }
        decision.source = Source(ip: address, agent: agent, format: "cloudtrail")
        decision.extras = extras
        return .decision(decision)
    }

    /// What no decision can do without, whatever it is about.
    func identified() throws(DecisionError) -> (id: String, time: Timestamp) {
        guard let eventID else { throw .missing(field: "eventID") }
        guard let time = eventTime ?? exportedTime else { throw .missing(field: "eventTime") }
        return (eventID, time)
    }

    /// Whether the call was not permitted; one that failed for another reason was.
    private var isRefused: Bool {
        if let errorCode, AWSRefusal.isRefusal(code: errorCode) { return true }
        if let errorMessage, AWSRefusal.isRefusal(message: errorMessage) { return true }
        return eventName == "ConsoleLogin" && signIn == "Failure"
    }

    /// What the decision has no field for: the record's own attributes, and the identifier that the copies of one
    /// cross-account call share, by which they are found in the other account.
    private var extras: JSONObject {
        var attributes = JSONObject()
        attributes.append("session", identity.session)
        attributes.append("readOnly", readOnly.map(JSONValue.bool) ?? .null)
        attributes.append("accessKeyId", .string(identity.accessKeyID ?? ""))
        attributes.append("mfa", identity.mfa.map(JSONValue.string) ?? .null)
        attributes.append("vpce", .string(endpoint ?? ""))
        attributes.append("eventType", eventType.map(JSONValue.string) ?? .null)
        var extras = JSONObject()
        extras.append("attrs", .object(attributes))
        if let sharedEventID {
            extras.append("request", .object(["sharedEventID": .string(sharedEventID)]))
        }
        return extras
    }
}
