internal import Decisions

extension GKEEntry {
    /// The decision that the entry tells of.
    func decision() throws(DecisionError) -> Decision {
        guard let service = call.service else { throw .missing(field: "serviceName") }
        guard service == "k8s.io" else { throw .invalid(field: "serviceName", expected: "k8s.io") }
        guard let insertID else { throw .missing(field: "insertId") }
        guard let time else { throw .missing(field: "timestamp") }
        guard let method = call.method else { throw .missing(field: "methodName") }
        let effect = self.effect
        var decision = Decision(
            id: insertID, time: time, tenant: cluster.project ?? "",
            principal: Principal(id: call.principal ?? "?"), resource: try resource(),
            actions: [Self.verb(of: method)], effect: effect)
        decision.outcome = outcome(effect)
        decision.source = Source(ip: call.address?.present, agent: call.agent?.present, format: "gke")
        var attributes = JSONObject()
        attributes.append("cluster", .string(cluster.name ?? ""))
        attributes.append("permission", .string(call.permission ?? ""))
        decision.extras.append("attrs", .object(attributes))
        return decision
    }

    /// `create` of `io.k8s.core.v1.pods.exec.create`.
    private static func verb(of method: String) -> String {
        let last = method.utf8.split(separator: UInt8(ascii: ".")).last
        return last.map { String(Substring($0)) } ?? method
    }

    /// What the authorizer answered, as far as it is told, else whether every permission was granted, else
    /// whether the call failed for want of one: `PERMISSION_DENIED` is 7 in `google.rpc.Code`.
    private var effect: Effect {
        switch answer {
        case "allow": return .allow
        case "forbid": return .deny
        default: break
        }
        if let isGranted = call.isGranted { return isGranted ? .allow : .deny }
        return status == 7 ? .deny : .allow
    }

    private var status: Int { call.code.flatMap { Int($0) } ?? 0 }

    private func outcome(_ effect: Effect) -> String {
        if effect == .deny { return "denied" }
        return status == 0 ? "ok" : String(status)
    }

    /// What `core/v1/namespaces/prod/pods/web-1/exec` names: `pods/exec`, `prod/web-1`, in `prod`.
    ///
    /// Group and version come first; what is no resource of the API is told by its path.
    private func resource() throws(DecisionError) -> Resource {
        guard let name = call.resource else { throw .missing(field: "resourceName") }
        var parts = name.utf8.split(separator: UInt8(ascii: "/"), maxSplits: 7).map { String(Substring($0)) }
        guard let group = parts.first else { throw .missing(field: "resourceName") }
        guard parts.count > 2 else {
            return Resource(kind: "url:/" + parts.joined(separator: "/"), id: "/" + name)
        }
        parts.removeFirst(2)
        var namespace: String?
        if parts.count > 2, parts[0] == "namespaces", !Self.partsOfNamespaces.contains(parts[2]) {
            namespace = parts[1]
            parts.removeFirst(2)
        }
        var kind = group == "core" ? parts[0] : group + "/" + parts[0]
        if parts.count > 2 { kind += "/" + parts[2] }
        let object = parts.count > 1 ? parts[1] : nil
        let names = [namespace, object].compactMap(\.self)
        return Resource(
            kind: kind, id: names.isEmpty ? nil : names.joined(separator: "/"), scope: namespace)
    }

    /// What the API server takes for a part of a namespace and not for a kind of resource in it.
    private static let partsOfNamespaces = ["status", "finalize"]
}
