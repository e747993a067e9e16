/// Finds the row of a (tenant, identifier): an open-addressing table of row numbers.
///
/// The key itself stays in the columns; the table holds four bytes per slot.
struct IdentityTable: ~Copyable {
    private static let empty: UInt32 = 0
    private static let removed = UInt32.max

    /// Row plus one; zero is empty.
    private var slots = [UInt32](repeating: IdentityTable.empty, count: 64)
    /// Rows in the table.
    private(set) var count = 0
    /// Slots that are not empty.
    private var used = 0

    init() {}

    /// Bytes allocated.
    var memoryBytes: Int { slots.capacity * 4 }

    /// The row stored under an identifier in a tenant.
    func row(tenant: UInt32, id: String, in columns: borrowing DecisionColumns) -> Int? {
        row(
            tenant: tenant, id: id, compact: IdentifierColumn.compact(id),
            hash: IdentityTable.hash(tenant: tenant, id: id), in: columns)
    }

    private func row(
        tenant: UInt32, id: String, compact: IdentifierColumn.Code?, hash: Int,
        in columns: borrowing DecisionColumns
    ) -> Int? {
        let mask = slots.count - 1
        var slot = hash & mask
        while slots[slot] != IdentityTable.empty {
            if slots[slot] != IdentityTable.removed {
                let row = Int(slots[slot] - 1)
                if columns.matches(row: row, tenant: tenant, id: id, compact: compact) { return row }
            }
            slot = (slot + 1) & mask
        }
        return nil
    }

    /// Adds a row that is not there yet.
    mutating func insert(_ row: Int, tenant: UInt32, id: String, in columns: borrowing DecisionColumns) {
        if (used + 1) * 5 > slots.count * 4 { grow(columns) }
        place(row, hash: IdentityTable.hash(tenant: tenant, id: id))
        count += 1
    }

    /// Adds a row unless its identity would not lead to it: another row has it, or its identifier is no text.
    mutating func insertIfNew(
        _ row: Int, tenant: UInt32, id: String, in columns: borrowing DecisionColumns
    ) -> Bool {
        if (used + 1) * 5 > slots.count * 4 { grow(columns) }
        let compact = IdentifierColumn.compact(id)
        let hash = IdentityTable.hash(tenant: tenant, id: id)
        guard columns.matches(row: row, tenant: tenant, id: id, compact: compact),
            self.row(tenant: tenant, id: id, compact: compact, hash: hash, in: columns) == nil
        else { return false }
        place(row, hash: hash)
        count += 1
        return true
    }

    /// Takes a row out.
    mutating func remove(_ row: Int, in columns: borrowing DecisionColumns) {
        let mask = slots.count - 1
        var slot = IdentityTable.hash(row, in: columns) & mask
        while slots[slot] != IdentityTable.empty {
            if slots[slot] == UInt32(row) + 1 {
                slots[slot] = IdentityTable.removed
                count -= 1
                return
            }
            slot = (slot + 1) & mask
        }
    }

    /// Makes room for a number of rows at once.
    mutating func reserve(_ rows: Int, in columns: borrowing DecisionColumns) {
        var size = slots.count
        while rows * 5 > size * 4 { size *= 2 }
        if size > slots.count { rehash(slots: size, columns) }
    }

    private mutating func grow(_ columns: borrowing DecisionColumns) {
        rehash(slots: count * 5 > slots.count * 2 ? slots.count * 2 : slots.count, columns)
    }

    private mutating func rehash(slots size: Int, _ columns: borrowing DecisionColumns) {
        let old = slots
        slots = [UInt32](repeating: IdentityTable.empty, count: size)
        used = 0
        for entry in old where entry != IdentityTable.empty && entry != IdentityTable.removed {
            let row = Int(entry - 1)
            place(row, hash: IdentityTable.hash(row, in: columns))
        }
    }

    private mutating func place(_ row: Int, hash: Int) {
        let mask = slots.count - 1
        var slot = hash & mask
        while slots[slot] != IdentityTable.empty, slots[slot] != IdentityTable.removed {
            slot = (slot + 1) & mask
        }
        if slots[slot] == IdentityTable.empty { used += 1 }
        slots[slot] = UInt32(row) + 1
    }

    private static func hash(tenant: UInt32, id: String) -> Int {
        if let code = IdentifierColumn.compact(id) { return hash(tenant: tenant, code) }
        var hasher = Hasher()
        hasher.combine(tenant)
        unsafe id.utf8Span.span.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
        return hasher.finalize()
    }

    private static func hash(tenant: UInt32, _ code: IdentifierColumn.Code) -> Int {
        var hasher = Hasher()
        hasher.combine(tenant)
        hasher.combine(code.high)
        hasher.combine(code.low)
        return hasher.finalize()
    }

    /// The hash of a row's identity, without making a text of what is packed.
    ///
    /// A derived identifier that would fit is not packed, but found by its text, so it has the hash of that.
    private static func hash(_ row: Int, in columns: borrowing DecisionColumns) -> Int {
        let tenant = columns.tenants.numbers[row]
        guard let code = columns.identifiers.code(at: row, form: RowFlags(rawValue: columns.flags[row]).form)
        else { return hash(tenant: tenant, id: columns.storedID(at: row)) }
        return hash(tenant: tenant, code)
    }
}
