extension Decision {
    /// Builds every token of the decision, in a fixed order.
    ///
    /// Absent fields give no token.
    ///
    /// Verbs and kinds are taken in lower case; lists in ascending order, the first sixteen distinct
    /// elements. The tenant stands in no combination, so that equal behaviour is equal in every tenant.
    @inline(__always)
    func forEachToken<Builder: TokenBuilder>(as: Builder.Type, _ body: (TokenKind, Builder) -> Void) {
        func token(_ kind: TokenKind, _ feed: (inout Builder) -> Void) {
            var builder = Builder(kind)
            feed(&builder)
            body(kind, builder)
        }
        func pair(_ kind: TokenKind, _ text: String, _ second: (inout Builder) -> Void) {
            token(kind) {
                $0.add(text)
                $0.separate()
                second(&$0)
            }
        }
        let name = principal.id
        token(.effect) { $0.add(effect.rawValue) }
        token(.kind) { $0.add(lowercasing: resource.kind) }
        token(.principal) { $0.add(name) }
        if !tenant.isEmpty { token(.tenant) { $0.add(tenant) } }
        token(.hours) { $0.add(UInt8(ascii: "0") + UInt8(time.hourOfDay / 4)) }
        if let outcome { token(.outcome) { $0.add(outcome) } }
        if let hit = cacheHit { token(.cacheHit) { $0.add(UInt8(ascii: hit ? "1" : "0")) } }
        if let nanoseconds = durationNanoseconds {
            token(.latency) { $0.add(UInt8(ascii: "a") + Self.latencyBucket(nanoseconds)) }
        }
        pair(.principalKind, name) { $0.add(lowercasing: resource.kind) }
        pair(.principalEffect, name) { $0.add(effect.rawValue) }
        if let scope = resource.scope, !scope.isEmpty {
            token(.scope) { $0.add(scope) }
            pair(.principalScope, name) { $0.add(scope) }
        }
        if let id = resource.id, !id.isEmpty {
            token(.resource) { $0.add(id) }
            token(.resourceClass) { builder in
                builder.add(lowercasing: resource.kind)
                builder.separate()
                ResourceClass.forEachByte(of: id) { builder.add($0) }
            }
        }
        if let ip = source.ip, !ip.isEmpty {
            token(.address) { $0.add(ip) }
            pair(.principalAddress, name) { $0.add(ip) }
        }
        var access = 0
        let firstActions = EmbeddingList(actions)
        firstActions.forEach { action in
            token(.action) { $0.add(lowercasing: action) }
            pair(.principalAction, name) { $0.add(lowercasing: action) }
            pair(.principalActionKind, name) {
                $0.add(lowercasing: action)
                $0.separate()
                $0.add(lowercasing: resource.kind)
            }
            token(.actionKind) {
                $0.add(lowercasing: action)
                $0.separate()
                $0.add(lowercasing: resource.kind)
            }
            token(.actionEffect) {
                $0.add(lowercasing: action)
                $0.separate()
                $0.add(effect.rawValue)
            }
            access |= AccessClass(action: action) == .read ? 1 : 2
        }
        if access & 1 != 0 { pair(.principalAccess, name) { $0.add(AccessClass.read.rawValue) } }
        if access & 2 != 0 { pair(.principalAccess, name) { $0.add(AccessClass.write.rawValue) } }
        var combinations = 0
        EmbeddingList(principal.roles).forEach { role in
            token(.role) { $0.add(role) }
            firstActions.forEach { action in
                combinations += 1
                guard combinations <= EmbeddingRecipe.listLimit else { return }
                pair(.roleAction, role) { $0.add(lowercasing: action) }
            }
        }
        EmbeddingList(policies).forEach { policy in token(.policy) { $0.add(policy) } }
    }

    /// 0 below a millisecond, then one more for every doubling; at most 25, beyond four hours.
    private static func latencyBucket(_ nanoseconds: Int64) -> UInt8 {
        let milliseconds = max(0, nanoseconds) / 1_000_000
        return UInt8(min(25, 64 - milliseconds.leadingZeroBitCount))
    }
}
