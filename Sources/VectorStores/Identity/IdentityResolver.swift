import Crypto
import Decisions

/// Says what an insert means when its identity is already taken.
///
/// Pure: a stored decision and an incoming one go in, a relation comes out, the same on every store
/// and every machine.
enum IdentityResolver {
    /// Compares an incoming decision with the one stored under its identity.
    ///
    /// A client may choose an identifier that looks like a derived one: the row stored under it then
    /// has another original identifier, which is a conflict whatever else is equal.
    static func relation(of incoming: Decision, toStored stored: Decision) -> IdentityRelation {
        guard incoming.id == stored.id, incoming.tenant == stored.tenant else { return .conflict }
        return incoming.relation(toStored: stored)
    }

    /// The identifier a conflicting decision is stored under: `ID~H`.
    ///
    /// H is the first 12 hexadecimal digits of SHA-256 over the canonical decision, so a second
    /// ingest of the same log finds it again.
    static func derivedID(of decision: Decision, from taken: String) -> String {
        let digest = SHA256.hash(data: Array(decision.nativeLine(canonical: true).utf8))
        var hex = ""
        for byte in digest.prefix(6) {
            hex += String(byte >> 4, radix: 16)
            hex += String(byte & 15, radix: 16)
        }
        return taken + "~" + hex
    }
}
