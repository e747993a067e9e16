extension TenantDetector {
    /// Halves every count and forgets what reaches zero, so that a flood of names that came once
    /// leaves the memory while habits stay.
    mutating func age() {
        decisionsWhenAged = decisions
        let principalNumbers = principals.age()
        let actionNumbers = actions.age()
        let kindNumbers = kinds.age()
        let scopeNumbers = scopes.age()
        let addressNumbers = addresses.age()

        var aged = CounterTable()
        for entry in counters.entries.sorted(by: { $0.key < $1.key }) {
            guard entry.value > 1, let family = CounterKey.family(of: entry.key) else { continue }
            let parts = CounterKey.parts(of: entry.key)
            let key: UInt64
            switch family {
            case .principalAction:
                key = CounterKey.pair(family, principalNumbers[parts.first], actionNumbers[parts.second])
            case .principalKind:
                key = CounterKey.pair(family, principalNumbers[parts.first], kindNumbers[parts.second])
            case .principalEffect, .principalHour:
                key = CounterKey.pair(family, principalNumbers[parts.first], UInt32(parts.second))
            case .kindAction:
                key = CounterKey.pair(family, kindNumbers[parts.first], actionNumbers[parts.second])
            case .actionEffect:
                key = CounterKey.pair(family, actionNumbers[parts.first], UInt32(parts.second))
            case .principalScope:
                key = CounterKey.pair(family, principalNumbers[parts.first], scopeNumbers[parts.second])
            case .principalAddress:
                key = CounterKey.pair(family, principalNumbers[parts.first], addressNumbers[parts.second])
            case .principalActionKindEffect:
                let whole = CounterKey.wholeParts(of: entry.key)
                key = CounterKey.whole(
                    principal: principalNumbers[whole.principal], action: actionNumbers[whole.action],
                    kind: kindNumbers[whole.kind], effect: whole.effect)
            }
            aged.set(key, to: entry.value / 2)
        }
        counters = aged
        renumberKinds(kindNumbers)
        footprintWhenAged = footprint
    }

    private mutating func renumberKinds(_ numbers: [UInt32]) {
        var principals = [UInt32](repeating: 0, count: kinds.distinct + 1)
        var newest = [Int64](repeating: 0, count: kinds.distinct + 1)
        for old in kindPrincipals.indices where old < numbers.count && numbers[old] != 0 {
            principals[Int(numbers[old])] = kindPrincipals[old]
            newest[Int(numbers[old])] = kindNewestPrincipal[old]
        }
        kindPrincipals = principals
        kindNewestPrincipal = newest
    }
}

extension CounterKey {
    /// The two numbers of a pair's key.
    static func parts(of key: UInt64) -> (first: Int, second: Int) {
        (first: Int(key >> 36 & 0x3f_ffff), second: Int(key >> 2 & 0xf_ffff))
    }

    /// The numbers of the key of a principal, action, kind and effect.
    static func wholeParts(of key: UInt64) -> (principal: Int, action: Int, kind: Int, effect: UInt32) {
        (
            principal: Int(key >> 36 & 0x3f_ffff), action: Int(key >> 22 & 0x3fff),
            kind: Int(key >> 2 & 0xf_ffff), effect: UInt32(key & 3)
        )
    }
}
