import Crypto
package import Decisions

/// Says what an insert means when its identity is already taken.
///
/// Pure: a stored decision and an incoming one go in, a relation comes out, the same on every store
/// and every machine.
package enum IdentityResolver {
    /// Compares an incoming decision with the one stored under its identity.
    ///
    /// A client may choose an identifier that looks like a derived one: the row stored under it then
    /// has another original identifier, which is a conflict whatever else is equal.
    package static func relation(of incoming: Decision, toStored stored: Decision) -> IdentityRelation {
        guard EntryIdentity(incoming) == EntryIdentity(stored) else { return .conflict }
        return incoming.relation(toStored: stored)
    }

    /// The identifier a conflicting decision is stored under: `ID~H`.
    ///
    /// H is the first 12 hexadecimal digits of SHA-256 over the canonical decision, so a second
    /// ingest of the same log finds it again. Of an audit event it is what its stages have in common:
    /// they meet under one identifier, in whatever order they come.
    static func derivedID(of decision: Decision, from taken: String) -> String {
        taken + addition(of: decision)
    }

    /// The identifier a row has in a table of all tenants when another tenant's row has its own: `ID~H`,
    /// H over the tenant.
    package static func derivedID(ofTenant tenant: String, from taken: String) -> String {
        taken + addition(digesting: tenant)
    }

    /// Whether an identifier is derived from a decision's own: by conflicts, then by its tenant, each any number
    /// of times.
    package static func isDerived(_ id: String, for decision: Decision) -> Bool {
        guard id.utf8.count > decision.id.utf8.count, id.utf8.starts(with: decision.id.utf8) else {
            return false
        }
        var rest = id.utf8.dropFirst(decision.id.utf8.count)
        for addition in [addition(of: decision), addition(digesting: decision.tenant)] {
            while rest.starts(with: addition.utf8) { rest = rest.dropFirst(addition.utf8.count) }
        }
        return rest.isEmpty
    }

    /// The identifier within its tenant of a row in a table of all tenants: what is left when what the tenant
    /// added is taken off.
    static func storedID(ofRow id: String, for decision: Decision) -> String {
        guard isDerived(id, for: decision) else { return id }
        let addition = addition(digesting: decision.tenant)
        var rest = id[...]
        while rest.utf8.count > decision.id.utf8.count,
            rest.utf8.suffix(addition.utf8.count).elementsEqual(addition.utf8)
        {
            rest = rest.dropLast(addition.count)
        }
        return String(rest)
    }

    private static let digestDigits = 12

    private static func addition(of decision: Decision) -> String {
        addition(digesting: decision.event.nativeLine(canonical: true))
    }

    private static func addition(digesting text: String) -> String {
        var hex = "~"
        for byte in SHA256.hash(data: Array(text.utf8)).prefix(digestDigits / 2) {
            hex += String(byte >> 4, radix: 16)
            hex += String(byte & 15, radix: 16)
        }
        return hex
    }
}
