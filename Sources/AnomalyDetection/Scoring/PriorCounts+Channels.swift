#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension PriorCounts {
    /// How many different effects there are.
    static let effects = 3

    /// The surprise, in nats, of seeing a value again that was seen `count` times in `total`, when
    /// `distinct` different values are known and one more is always possible (Krichevsky-Trofimov:
    /// half a sight is added to each).
    static func surprise(_ count: UInt32, in total: UInt32, distinct: Int) -> Double {
        -log((Double(count) + 0.5) / (Double(total) + 0.5 * Double(distinct + 1)))
    }

    /// The part of the rarity mix that depends on one action: action given principal, action given
    /// kind, effect given action.
    func rarity(of action: ActionCounts) -> Double {
        Self.surprise(action.principalAction, in: principal, distinct: distinctActions)
            + Self.surprise(action.kindAction, in: kind, distinct: distinctActions)
            + Self.surprise(action.actionEffect, in: action.action, distinct: Self.effects)
    }

    /// How rare the combination is given its parts: six conditionals, in nats.
    var rarity: Double {
        rarity(of: action)
            + Self.surprise(principalKind, in: principal, distinct: distinctKinds)
            + Self.surprise(principalEffect, in: principal, distinct: Self.effects)
            + Self.surprise(principalScope, in: principal, distinct: distinctScopes)
    }

    /// How much of the decision was never or seldom seen: 0 to 5.
    var novelty: Double {
        func share(_ count: UInt32) -> Double { 1 / (1 + Double(count)) }
        return share(action.whole) + share(principalKind) + share(action.action) + share(principal)
            + share(principalEffect)
    }
}
