import Decisions
import VectorStores

/// What is written with a saved mirror: whose it is, and from where it is followed.
struct SavedNote {
    /// The database and what of it could be seen, as ``PostgresLog/identity(_:)`` tells them.
    var identity: String
    /// The transactions that were visible, as the server writes them.
    var snapshot: String
    /// How the rows lay, which says how they are named.
    var layout: TableLayout
    /// When it was written, by the wall clock.
    var savedAt: Timestamp
    /// How many rows the mirror holds.
    var rows: Int
    /// The rows whose identifiers are not their entries' own.
    var names: [(identity: EntryIdentity, rowID: String)]
    /// Rows that cannot be held, and why.
    var leftOut: [(id: String, reason: String)]
    /// The tables and their triggers, as ``Audit/tables`` tells them; `nil` where an earlier version wrote the note.
    var tables: String?

    /// The note as it is written.
    var text: String {
        let names = names.map { Self.list([$0.identity.tenant, $0.identity.id, $0.rowID]) }
        let leftOut = leftOut.map { Self.list([$0.id, $0.reason]) }
        var note: JSONObject = [
            "identity": .string(identity), "snapshot": .string(snapshot),
            "layout": .string(layout.rawValue),
            "saved": .string(savedAt.description), "rows": .number("\(rows)"),
            "names": .array(names), "left_out": .array(leftOut),
        ]
        if let tables { note["tables"] = .string(tables) }
        return StoredJSON.text(of: .object(note))
    }

    private static func list(_ texts: [String]) -> JSONValue { .array(texts.map { .string($0) }) }
}

extension SavedNote {
    /// Reads a note; `nil` where the text is none.
    init?(_ text: String) {
        guard let note = StoredJSON.value(of: text)?.object, let identity = note["identity"]?.text,
            let snapshot = note["snapshot"]?.text,
            let layout = note["layout"]?.text.flatMap({ TableLayout(rawValue: $0) }),
            let savedAt = note["saved"]?.text.flatMap({ Timestamp($0) }),
            case .number(let counted)? = note["rows"], let rows = Int(counted),
            let names = Self.lists(note["names"], of: 3), let leftOut = Self.lists(note["left_out"], of: 2)
        else { return nil }
        self.init(
            identity: identity, snapshot: snapshot, layout: layout, savedAt: savedAt, rows: rows,
            names: names.map { (EntryIdentity(tenant: $0[0], id: $0[1]), $0[2]) },
            leftOut: leftOut.map { ($0[0], $0[1]) }, tables: note["tables"]?.text)
    }

    /// Lists of so many texts each; `nil` for anything else.
    private static func lists(_ value: JSONValue?, of count: Int) -> [[String]]? {
        guard case .array(let elements)? = value else { return nil }
        var lists: [[String]] = []
        for element in elements {
            guard case .array(let parts) = element else { return nil }
            let texts = parts.compactMap(\.text)
            guard texts.count == count, parts.count == count else { return nil }
            lists.append(texts)
        }
        return lists
    }
}
