internal import Decisions

extension CerbosEntry {
    /// What all decisions of one call share.
    private struct Call {
        let id: String
        let time: Timestamp
        let source: Source
    }

    /// Adds what the entry tells of: for each resource one decision with what was allowed and one with what was
    /// not, since an output answers each action by itself.
    func add(to items: inout [ParsedItem]) throws(DecisionError) {
        if let kind = kind?.present, kind != "decision" {
            items.append(.skipped(.notADecision))
            return
        }
        guard let callID else { throw .missing(field: "callId") }
        guard let time else { throw .missing(field: "timestamp") }
        let check = self.check.count > 0 ? self.check : deprecatedCheck
        if isOversized, check.count == 0, plan?.input == nil {
            items.append(.skipped(.contentDropped))
            return
        }
        guard check.count > 0 || plan != nil else { throw .missing(field: "checkResources") }
        let source = Source(ip: client, agent: agent?.present, format: "cerbos")
        let call = Call(id: callID, time: time, source: source)
        try refuseMultiplication(of: call, by: check.count)
        for place in 0..<check.count {
            do throws(DecisionError) {
                try addDecisions(of: check, at: place, in: call, to: &items)
            } catch {
                items.append(.rejected(error.description))
            }
        }
        if let plan { items.append(.decision(try decision(of: plan, in: call))) }
    }

    /// The client's address: where a proxy says that the call came from, else where it came from.
    private var client: String? {
        // Cerbos joins the values of X-Forwarded-For, each of them a list, with a bar; the client comes first.
        let hops = forwardedFor?.utf8.split { $0 == UInt8(ascii: "|") || $0 == UInt8(ascii: ",") } ?? []
        let client = hops.lazy.map { String(Substring($0)).filter { $0 != " " } }.first { !$0.isEmpty }
        return (client ?? address?.present).map(SocketAddress.host(of:))
    }

    /// Every decision holds what its call says for all: an entry must not grow to many times its own size by that.
    private func refuseMultiplication(of call: Call, by count: Int) throws(DecisionError) {
        var shared = call.id.utf8.count + (call.source.ip?.utf8.count ?? 0)
        shared += call.source.agent?.utf8.count ?? 0
        for policy in effectivePolicies { shared += policy.utf8.count }
        guard shared * count <= Self.sharedLimit else {
            throw .invalid(
                field: "checkResources", expected: "about fewer resources for texts of that length")
        }
    }

    /// How many bytes the decisions of one entry may repeat: a line's limit.
    private static let sharedLimit = 16 << 20

    private func addDecisions(
        of check: Check, at place: Int, in call: Call, to items: inout [ParsedItem]
    ) throws(DecisionError) {
        let inputName = "\(check.place)inputs[\(place)]"
        let outputName = "\(check.place)outputs[\(place)]"
        guard let input = check.input(at: place) else { throw .missing(field: inputName) }
        guard let output = check.output(at: place) else { throw .missing(field: outputName) }
        guard let kind = input.kind else { throw .missing(field: inputName + ".resource.kind") }
        guard !input.actions.isEmpty else { throw .missing(field: inputName + ".actions") }
        let resource = Resource(kind: kind, id: input.resource, scope: input.scope?.present)
        let sorted = output.sorted(input.actions)
        for (actions, effect, letter) in [
            (sorted.allowed, Effect.allow, "A"), (sorted.refused, Effect.deny, "D"),
        ]
        where !actions.isEmpty {
            var decision = decision(
                id: "\(call.id)#\(place)/\(letter)", of: input, about: resource, in: call, effect: effect)
            decision.actions = actions
            let policies = output.policies(of: actions)
            decision.policies = policies.isEmpty ? effectivePolicies : policies
            decision.extras = output.extras(policyVersion: input.policyVersion)
            items.append(.decision(decision))
        }
        guard sorted.allowed.count + sorted.refused.count == output.answers.count else {
            throw .invalid(field: inputName + ".actions", expected: "all the actions that were answered")
        }
        guard sorted.isComplete else {
            throw .invalid(
                field: outputName + ".actions", expected: "an answer to each action that was asked")
        }
    }

    private func decision(of plan: Plan, in call: Call) throws(DecisionError) -> Decision {
        guard let input = plan.input else { throw .missing(field: "planResources.input") }
        guard plan.isAnswered else { throw .missing(field: "planResources.output") }
        guard let kind = input.kind else { throw .missing(field: "planResources.input.resource.kind") }
        guard !input.actions.isEmpty else { throw .missing(field: "planResources.input.actions") }
        let effect: Effect =
            switch plan.filter {
            case "KIND_ALWAYS_ALLOWED": .allow
            case "KIND_ALWAYS_DENIED": .deny
            default: .conditional
            }
        // A plan is about all resources of its kind.
        let resource = Resource(kind: kind, id: "*", scope: input.scope?.present)
        var decision = decision(id: call.id + "#plan", of: input, about: resource, in: call, effect: effect)
        decision.policies = effectivePolicies
        decision.extras = ["attrs": .object(["plan": .bool(true)])]
        return decision
    }

    private func decision(
        id: String, of input: CerbosInput, about resource: Resource, in call: Call, effect: Effect
    ) -> Decision {
        var decision = Decision(
            id: id, time: call.time, tenant: input.tenant ?? "",
            principal: Principal(id: input.principal ?? "?", roles: input.roles), resource: resource,
            actions: input.actions, effect: effect)
        decision.outcome = effect == .deny ? "denied" : "ok"
        decision.source = call.source
        return decision
    }
}

extension CerbosEntry.Check {
    /// How many pairs there are, also those of which one side is missing.
    fileprivate var count: Int { max(inputs.count, outputs.count) }

    fileprivate func input(at place: Int) -> CerbosInput? {
        inputs.indices.contains(place) ? inputs[place] : nil
    }

    fileprivate func output(at place: Int) -> CerbosOutput? {
        outputs.indices.contains(place) ? outputs[place] : nil
    }
}

extension CerbosOutput {
    /// Actions by what was answered, in the order in which they were asked.
    fileprivate struct Sorted {
        var allowed: [String] = []
        var refused: [String] = []
        /// Whether every action was answered.
        var isComplete = true
    }

    fileprivate func sorted(_ actions: [String]) -> Sorted {
        var sorted = Sorted()
        var seen: Set<ByteKey> = []
        for action in actions where seen.insert(ByteKey(action)).inserted {
            switch answers[ByteKey(action)].map({ $0.effect == "EFFECT_ALLOW" }) {
            case true?: sorted.allowed.append(action)
            case false?: sorted.refused.append(action)
            case nil: sorted.isComplete = false
            }
        }
        return sorted
    }

    /// The policies that answered these actions, each once; `NO_MATCH` where none did.
    fileprivate func policies(of actions: [String]) -> [String] {
        var seen: Set<ByteKey> = []
        return actions.compactMap { action in
            guard let policy = answers[ByteKey(action)]?.policy, seen.insert(ByteKey(policy)).inserted else {
                return nil
            }
            return policy
        }
    }

    fileprivate func extras(policyVersion: String?) -> JSONObject {
        var attributes = JSONObject()
        attributes.append("derivedRoles", .array(derivedRoles.map(JSONValue.string)))
        attributes.append("policyVersion", .string(policyVersion ?? ""))
        attributes.append("validationErrors", .number(String(validationErrors)))
        var extras = JSONObject()
        extras.append("attrs", .object(attributes))
        return extras
    }
}
