import Decisions
import VectorStores

/// The identifiers of rows in the tables, whose only key they are, where they differ from those within a tenant.
///
/// A tenant's identifier that another tenant's row has is stored under a derived one. Only such rows are held here.
struct RowNames {
    private var derived: [EntryIdentity: String] = [:]
    private var owners: [ByteKey: EntryIdentity] = [:]

    /// All of them.
    var all: [(identity: EntryIdentity, rowID: String)] { derived.map { ($0.key, $0.value) } }

    /// The identifier of an entry's row.
    func rowID(of identity: EntryIdentity) -> String { derived[identity] ?? identity.id }

    /// Whose row has an identifier, among those that a mirror holds.
    func owner(of rowID: String, in mirror: StoreMirror) -> EntryIdentity? {
        if let owner = owners[ByteKey(rowID)] { return owner }
        for tenant in mirror.tenants(holding: rowID) {
            let identity = EntryIdentity(tenant: tenant, id: rowID)
            if derived[identity] == nil { return identity }
        }
        return nil
    }

    /// Notes which row is an entry's.
    mutating func note(_ identity: EntryIdentity, rowID: String) {
        forget(identity)
        guard !rowID.utf8.elementsEqual(identity.id.utf8) else { return }
        derived[identity] = rowID
        owners[ByteKey(rowID)] = identity
    }

    /// Forgets an entry that is gone.
    mutating func forget(_ identity: EntryIdentity) {
        if let rowID = derived.removeValue(forKey: identity) { owners[ByteKey(rowID)] = nil }
    }

    /// The text under which an entry that retention removed is remembered: the tenant's length, both names.
    static func text(of identity: EntryIdentity) -> String {
        "\(identity.tenant.utf8.count):\(identity.tenant)\(identity.id)"
    }

    /// Reads what ``text(of:)`` wrote; `nil` for anything else.
    static func identity(of text: String) -> EntryIdentity? {
        guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")), let length = Int(text[..<colon]),
            length >= 0
        else { return nil }
        let rest = text.utf8[text.utf8.index(after: colon)...]
        guard let border = rest.index(rest.startIndex, offsetBy: length, limitedBy: rest.endIndex),
            let tenant = String(rest[..<border]), let id = String(rest[border...])
        else { return nil }
        return EntryIdentity(tenant: tenant, id: id)
    }
}
