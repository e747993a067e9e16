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
        guard EntryIdentity(incoming) == EntryIdentity(stored) else { return .conflict }
        return incoming.relation(toStored: stored)
    }

    /// The identifier a conflicting decision is stored under: `ID~H`.
    ///
    /// H is the first 12 hexadecimal digits of SHA-256 over the canonical decision, so a second
    /// ingest of the same log finds it again. Of an audit event it is what its stages have in common:
    /// they meet under one identifier, in whatever order they come.
    static func derivedID(of decision: Decision, from taken: String) -> String {
        derivedID(from: taken, digesting: decision.event.nativeLine(canonical: true))
    }

    /// The identifier a row has in a table of all tenants when another tenant's row has its own: `ID~H`,
    /// H over the tenant.
    static func derivedID(ofTenant tenant: String, from taken: String) -> String {
        derivedID(from: taken, digesting: tenant)
    }

    private static let digestDigits = 12

    private static func derivedID(from taken: String, digesting text: String) -> String {
        var hex = ""
        for byte in SHA256.hash(data: Array(text.utf8)).prefix(digestDigits / 2) {
            hex += String(byte >> 4, radix: 16)
            hex += String(byte & 15, radix: 16)
        }
        return taken + "~" + hex
    }

    /// Whether an identifier is another one with `~` and 12 hexadecimal digits added, once or more often.
    static func isDerived(_ id: String, from original: String) -> Bool {
        guard id.utf8.starts(with: original.utf8) else { return false }
        let added = Array(id.utf8.dropFirst(original.utf8.count))
        let step = digestDigits + 1
        guard !added.isEmpty, added.count % step == 0 else { return false }
        return added.enumerated().allSatisfy { place, byte in
            switch byte {
            case UInt8(ascii: "~"): place % step == 0
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"):
                place % step != 0
            default: false
            }
        }
    }
}
