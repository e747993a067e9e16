internal import Decisions

/// Something that a log cannot show.
public struct LogShortcoming: Sendable, Hashable {
    /// The format of the decisions that it is about.
    public let format: String
    /// What cannot be told, and why.
    public let sentence: String
}

/// Counts, of the decisions of one format, what tells how much their log can show.
struct LogGaps: Sendable {
    /// How many different places that a mask changed are counted.
    private static let placesLimit = 20

    private(set) var decisions = 0
    private(set) var allowed = 0
    private(set) var conditional = 0
    private(set) var withoutTenant = 0
    private(set) var withoutPrincipal = 0
    private(set) var withAddress = 0
    private(set) var withDuration = 0
    /// Allowed, with what allowed it.
    private(set) var explained = 0
    /// Kubernetes: what only looks.
    private(set) var reads = 0
    /// Kubernetes: events by how much they tell.
    private(set) var levels: [String: Int] = [:]
    /// Open Policy Agent: places that the log's mask erased.
    private(set) var erased: [String: Int] = [:]
    /// Open Policy Agent: places that the log's mask wrote over.
    private(set) var masked: [String: Int] = [:]
    /// Open Policy Agent: inputs in which no resource is found.
    private(set) var withoutResource = 0
    /// CloudTrail: calls that its kind of record calls data events.
    private(set) var dataEvents = 0
    /// Cerbos: calls, and those of them with an action that was denied.
    private(set) var calls = 0
    private(set) var callsWithDenial = 0
    private var call: String?
    private var isCallDenied = false

    mutating func add(_ decision: Decision) {
        decisions += 1
        let attributes = decision.extras["attrs"]?.object
        switch decision.effect {
        case .allow:
            allowed += 1
            if !decision.policies.isEmpty { explained += 1 }
        case .conditional: conditional += 1
        case .deny: break
        }
        if decision.tenant.isEmpty { withoutTenant += 1 }
        if decision.principal.id == "?" { withoutPrincipal += 1 }
        if decision.source.ip != nil { withAddress += 1 }
        if decision.durationNanoseconds != nil { withDuration += 1 }
        switch decision.source.format {
        case "kubernetes", "gke":
            if let action = decision.actions.first, ["get", "list", "watch"].contains(action) { reads += 1 }
            if let level = attributes?["level"]?.text { Self.count(level, in: &levels) }
        case "opa":
            addMasks(of: attributes, effect: decision.effect)
            if decision.resource.id == nil, let rule = decision.resource.scope,
                rule.utf8.drop(while: { $0 == UInt8(ascii: "/") }).elementsEqual(decision.resource.kind.utf8)
            {
                withoutResource += 1
            }
        case "cerbos": addCall(of: decision)
        case "cloudtrail":
            if attributes?["readOnly"] == .bool(true) { reads += 1 }
            if Self.isDataEvent(decision) { dataEvents += 1 }
        default: break
        }
    }

    /// Counts what a mask did; a result that it erased is not one that says neither yes nor no.
    private mutating func addMasks(of attributes: JSONObject?, effect: Effect) {
        let places = attributes?["erased"]?.elements?.compactMap(\.text) ?? []
        for place in places { Self.count(place, in: &erased) }
        for place in attributes?["masked"]?.elements?.compactMap(\.text) ?? [] {
            Self.count(place, in: &masked)
        }
        if effect == .conditional, places.contains("/result") { conditional -= 1 }
    }

    private static func count(_ name: String, in counts: inout [String: Int]) {
        guard counts[name] != nil || counts.count < placesLimit else { return }
        counts[name, default: 0] += 1
    }

    /// Counts the decisions of one call, which follow each other, as one.
    private mutating func addCall(of decision: Decision) {
        let name = decision.id.utf8.lastIndex(of: UInt8(ascii: "#")).map { String(decision.id[..<$0]) }
        if name != call || name == nil {
            call = name
            calls += 1
            isCallDenied = false
        }
        if decision.effect == .deny, !isCallDenied {
            isCallDenied = true
            callsWithDenial += 1
        }
    }

    /// Whether a call is one of those that a trail only records when they are selected: of an object in a bucket, a
    /// function, an item in a table.
    private static func isDataEvent(_ decision: Decision) -> Bool {
        switch decision.resource.kind {
        case "s3:Object", "dynamodb:Item", "dynamodb:Query", "dynamodb:Scan": true
        default: decision.actions.first?.hasPrefix("lambda:Invoke") ?? false
        }
    }
}
