import Decisions

/// Who did what in a log: what a seeded attack is put together from.
struct BehaviourCatalog {
    /// An action on a kind of resource.
    struct Deed: Hashable, Comparable {
        var action: String
        var kind: String

        static func < (lhs: Deed, rhs: Deed) -> Bool {
            (lhs.kind, lhs.action) < (rhs.kind, rhs.action)
        }
    }

    /// The principals of the log, by name.
    let principals: [String]
    /// Every deed of the log, in order.
    let deeds: [Deed]
    private(set) var deedsOfPrincipal: [String: Set<Deed>] = [:]
    private(set) var kindsOfPrincipal: [String: Set<String>] = [:]
    private(set) var resourcesOfDeed: [Deed: [Resource]] = [:]
    private(set) var principalOfName: [String: Principal] = [:]
    private(set) var sourceOfName: [String: Source] = [:]

    /// The most resources remembered per deed.
    static let maximumResources = 200

    /// Reads a log.
    init(_ decisions: [Decision]) {
        var known: [Deed: Set<Resource>] = [:]
        for decision in decisions {
            guard let action = decision.actions.first else { continue }
            let name = decision.principal.id
            let deed = Deed(action: action, kind: decision.resource.kind)
            deedsOfPrincipal[name, default: []].insert(deed)
            kindsOfPrincipal[name, default: []].insert(deed.kind)
            principalOfName[name] = decision.principal
            sourceOfName[name] = decision.source
            if known[deed, default: []].count < Self.maximumResources,
                known[deed, default: []].insert(decision.resource).inserted
            {
                resourcesOfDeed[deed, default: []].append(decision.resource)
            }
        }
        principals = deedsOfPrincipal.keys.sorted()
        deeds = resourcesOfDeed.keys.sorted()
    }

    /// Whether an action reads rather than changes.
    static func isReading(_ action: String) -> Bool {
        let verb = action.split(separator: ":").last.map { $0.lowercased() } ?? ""
        return ["get", "list", "watch", "read", "view", "describe", "head", "query"].contains {
            verb.hasPrefix($0)
        }
    }

    /// The deeds a principal never did on kinds it never touched.
    func foreignDeeds(to principal: String, where isWanted: (Deed) -> Bool) -> [Deed] {
        let kinds = kindsOfPrincipal[principal] ?? []
        return deeds.filter { !kinds.contains($0.kind) && isWanted($0) }
    }
}
