import Decisions
import VectorStores

/// The identifiers of rows in the tables, whose only key they are, where they differ from those within a tenant.
///
/// A tenant's identifier that another tenant's row has is stored under a derived one. Only such rows are held here;
/// where rows lie by tenant there are none but those that were derived before.
struct RowNames {
    /// How the tables lie: what an identifier must be told apart from.
    let layout: TableLayout
    private var derived: [EntryIdentity: String] = [:]
    private var owners: [ByteKey: EntryIdentity] = [:]

    /// All of them.
    var all: [(identity: EntryIdentity, rowID: String)] { derived.map { ($0.key, $0.value) } }

    init(layout: TableLayout = .plain) { self.layout = layout }

    /// What names an entry's row: its identifier, or tenant and identifier where rows lie by tenant.
    func rowID(of identity: EntryIdentity) -> String { derived[identity] ?? ownRowID(of: identity) }

    private func ownRowID(of identity: EntryIdentity) -> String {
        layout.rowID(tenant: identity.tenant, id: identity.id)
    }

    /// Whose row has an identifier, among those that a mirror holds.
    func owner(of rowID: String, in mirror: StoreMirror) -> EntryIdentity? {
        if let owner = owners[ByteKey(rowID)] { return owner }
        if layout.isByTenant {
            guard let identity = Self.identity(of: rowID), derived[identity] == nil, mirror.holds(identity)
            else { return nil }
            return identity
        }
        for tenant in mirror.tenants(holding: rowID) {
            let identity = EntryIdentity(tenant: tenant, id: rowID)
            if derived[identity] == nil { return identity }
        }
        return nil
    }

    /// Notes which row is an entry's.
    mutating func note(_ identity: EntryIdentity, rowID: String) {
        forget(identity)
        guard !rowID.utf8.elementsEqual(ownRowID(of: identity).utf8) else { return }
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
