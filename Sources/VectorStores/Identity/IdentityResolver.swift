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

    /// The most bytes that tenant and identifier have together in the key of a table: one of PostgreSQL takes some
    /// 2,700, and what is added to an identifier needs room.
    package static let longestNames = 2_000
    /// How many bytes of an identifier a short one in its place begins with, at most.
    private static let keptBytes = 64

    /// The identifier of a row: what an entry is stored under, or, where a decision's own identifier and its tenant
    /// are too long for a key, that with a short one in place of the decision's: its beginning and `~H`, H over all
    /// of it.
    package static func rowID(of storedID: String, from id: String, tenant: String) -> String {
        guard let short = shortID(for: id, tenant: tenant), storedID.utf8.starts(with: id.utf8) else {
            return storedID
        }
        return short + String(decoding: storedID.utf8.dropFirst(id.utf8.count), as: UTF8.self)
    }

    /// The short identifier in place of one; `nil` where that fits, or where it is the tenant that is too long.
    private static func shortID(for id: String, tenant: String) -> String? {
        guard id.utf8.count + tenant.utf8.count > longestNames,
            tenant.utf8.count <= Decision.longestTenant
        else { return nil }
        var beginning = ""
        for scalar in id.unicodeScalars {
            guard beginning.utf8.count + UTF8.width(scalar) <= keptBytes else { break }
            beginning.unicodeScalars.append(scalar)
        }
        return beginning + addition(digesting: id)
    }

    /// What a row's identifier begins with where it is derived from a decision's: that, or the short one in its
    /// place; `nil` where it is not derived.
    private static func base(of id: String, for decision: Decision) -> String? {
        if id.utf8.starts(with: decision.id.utf8) {
            return id.utf8.count > decision.id.utf8.count ? decision.id : nil
        }
        guard let short = shortID(for: decision.id, tenant: decision.tenant),
            id.utf8.starts(with: short.utf8)
        else { return nil }
        return short
    }

    /// Whether an identifier is derived from a decision's own or from the short one in its place: by conflicts, then
    /// by its tenant, each any number of times.
    package static func isDerived(_ id: String, for decision: Decision) -> Bool {
        guard let base = base(of: id, for: decision) else { return false }
        var rest = id.utf8.dropFirst(base.utf8.count)
        for addition in [addition(of: decision), addition(digesting: decision.tenant)] {
            while rest.starts(with: addition.utf8) { rest = rest.dropFirst(addition.utf8.count) }
        }
        return rest.isEmpty
    }

    /// The identifier within its tenant of a row in a table of all tenants: what is left when what the tenant
    /// added is taken off, and what was shortened is whole again.
    static func storedID(ofRow id: String, for decision: Decision) -> String {
        guard let base = base(of: id, for: decision), isDerived(id, for: decision) else { return id }
        let addition = addition(digesting: decision.tenant)
        var rest = id.utf8.dropFirst(base.utf8.count)
        while !rest.isEmpty, rest.suffix(addition.utf8.count).elementsEqual(addition.utf8) {
            rest = rest.dropLast(addition.utf8.count)
        }
        return decision.id + String(decoding: rest, as: UTF8.self)
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
