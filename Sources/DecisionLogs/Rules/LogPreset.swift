/// What fills audit logs of Kubernetes and tells little, by a name.
///
/// None of them means a request that was refused: who asks for what they may not have is what is looked for.
enum LogPreset: String, CaseIterable {
    /// Which interfaces the server has, as clients ask before they ask anything else.
    case discovery
    /// Leaders and nodes that say every few seconds that they are there.
    case leases
    /// Clients that wait for changes; but not for those of secrets, since a watch can begin with all of them.
    case watches

    /// The conditions that it stands for, as a rule would have them.
    var meaning: String {
        switch self {
        case .discovery:
            "kind:[url:/api,url:/api/*,url:/apis,url:/apis/*,url:/openapi/*,url:/version] action:get effect:allow"
        case .leases: "kind:coordination.k8s.io/leases action:[get,update,patch] effect:allow"
        case .watches: "action:watch effect:allow not kind:secrets"
        }
    }
}
