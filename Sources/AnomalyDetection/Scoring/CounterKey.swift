/// The key of one counter: a family and up to four numbered names, packed without loss in 64 bits.
///
/// 4 bits family, 22 bits principal, 14 bits action, 20 bits kind, 2 bits effect; 2 bits free.
/// Where a name is unknown (number 0) the key is 0, which is never counted.
enum CounterKey {
    /// What a counter counts.
    enum Family: UInt64, CaseIterable {
        case principalAction = 1
        case principalKind
        case principalEffect
        case kindAction
        case actionEffect
        case principalScope
        case principalActionKindEffect
        case principalHour
        case principalAddress
    }

    /// The most principals one tenant can have numbers for.
    static let maximumPrincipals = 1 << 22 - 1
    /// The most actions one tenant can have numbers for.
    static let maximumActions = 1 << 14 - 1
    /// The most kinds, scopes or addresses one tenant can have numbers for.
    static let maximumKinds = 1 << 20 - 1

    /// A counter of two names: the first up to 22 bits, the second up to 20.
    @inline(__always)
    static func pair(_ family: Family, _ first: UInt32, _ second: UInt32) -> UInt64 {
        guard first != 0, second != 0 else { return 0 }
        return family.rawValue << 60 | UInt64(first) << 36 | UInt64(second) << 2
    }

    /// A counter of a principal, an action, a kind and an effect together.
    @inline(__always)
    static func whole(principal: UInt32, action: UInt32, kind: UInt32, effect: UInt32) -> UInt64 {
        guard principal != 0, action != 0, kind != 0 else { return 0 }
        let family = Family.principalActionKindEffect.rawValue << 60
        return family | UInt64(principal) << 36 | UInt64(action) << 22 | UInt64(kind) << 2 | UInt64(effect)
    }

    /// The family of a key.
    static func family(of key: UInt64) -> Family? {
        Family(rawValue: key >> 60)
    }
}
