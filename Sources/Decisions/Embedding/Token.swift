/// One token of a decision: what it says, how much it weighs, where it falls in the vector.
public struct Token: Sendable, Hashable {
    /// Which field or combination it stands for.
    public let kind: TokenKind
    /// The value; the parts of a combined token stand apart by `|`.
    public let value: String
    /// The dimension it falls on, 0 to 383.
    public let slot: Int
    /// 1 or -1.
    public let sign: Int

    /// The short name of the token's kind.
    public var name: String { kind.rawValue }

    /// The weight before the sign.
    public var weight: Int { kind.weight }
}

extension DecisionEmbedder {
    /// The tokens of a decision, in the order of the recipe.
    public func tokens(of decision: Decision) -> [Token] {
        var hashes: [UInt64] = []
        decision.forEachToken(as: TokenHash.self) { _, hash in hashes.append(hash.value) }
        var tokens: [Token] = []
        tokens.reserveCapacity(hashes.count)
        decision.forEachToken(as: TokenText.self) { kind, text in
            let hash = hashes[tokens.count]
            tokens.append(
                Token(
                    kind: kind, value: String(decoding: text.bytes, as: UTF8.self),
                    slot: TokenHash.slot(hash), sign: TokenHash.isNegative(hash) ? -1 : 1))
        }
        return tokens
    }
}
