import Decisions

/// Everything a memory store holds beside the index, guarded by one lock.
struct StoreState: ~Copyable {
    var columns = DecisionColumns()
    var identities = IdentityTable()
    var records = RecordTable()
    /// One per tenant, by the tenant's number.
    var tenantCounts: [TenantCounts] = []
    /// Entries held, without deleted ones.
    var liveCount = 0
    /// The same for each chunk of rows, so that chunks of deleted rows are passed over.
    var liveRows: [Int] = []
    /// What retention removed.
    var retired = RetiredIdentities()
    /// Entries held under a derived identifier, since another has their own.
    var conflicts = 0
    /// When an entry was last inserted, by the wall clock.
    var lastInsert: Timestamp?
    /// The oldest and newest decision's time.
    var times: ClosedRange<Timestamp>?
    /// Grows with every change of content.
    var revision: UInt64 = 0
    /// How often the graph was built anew since the store was opened.
    var builds: UInt64 = 0
    /// What the rows' numbers and contents are named by, for those who remember some.
    private(set) var numbering = RowNumbering()
    /// How many rows were deleted since they are numbered so.
    private(set) var deletions: UInt64 = 0

    /// What is counted per tenant as rows come and go.
    struct TenantCounts {
        var rows = 0
        var denies = 0
        var newest: Timestamp?
    }

    init() {}

    /// The row of an identity.
    func row(_ identity: EntryIdentity) -> Int? {
        guard let tenant = columns.tenants.values.find(identity.tenant) else { return nil }
        return identities.row(tenant: tenant, id: identity.id, in: columns)
    }

    /// The rows stored under an identifier, in one tenant or in each that has it.
    func rows(id: String, tenant: String?) -> [Int] {
        if let tenant { return row(EntryIdentity(tenant: tenant, id: id)).map { [$0] } ?? [] }
        return (0..<UInt32(tenantCounts.count)).compactMap { number in
            tenantCounts[Int(number)].rows == 0 ? nil : identities.row(tenant: number, id: id, in: columns)
        }
    }

    /// Adds a decision whose identity is not taken; answers its row.
    mutating func insert(_ decision: Decision, storedID: String) -> Int {
        let row = columns.count
        columns.append(decision, storedID: storedID)
        let tenant = columns.tenants.numbers[row]
        if Int(tenant) == tenantCounts.count { tenantCounts.append(TenantCounts()) }
        identities.insert(row, tenant: tenant, id: storedID, in: columns)
        count(decision.effect, decision.time, tenant: Int(tenant))
        countLive(row)
        revision += 1
        return row
    }

    /// Replaces the content of a row by a later stage.
    mutating func replace(row: Int, by decision: Decision) {
        let tenant = Int(columns.tenants.numbers[row])
        if RowFlags(rawValue: columns.flags[row]).effect == .deny { tenantCounts[tenant].denies -= 1 }
        tenantCounts[tenant].rows -= 1
        columns.replace(row: row, by: decision)
        numbering = RowNumbering()
        count(decision.effect, decision.time, tenant: tenant)
        revision += 1
    }

    /// Counts a row that is not deleted.
    mutating func countLive(_ row: Int) {
        if RowFlags(rawValue: columns.flags[row]).isDerived { conflicts += 1 }
        let chunk = row >> Chunk.shift
        while liveRows.count <= chunk { liveRows.append(0) }
        liveRows[chunk] += 1
        liveCount += 1
    }

    /// The chunks that hold a row that is not deleted.
    var liveChunks: [Int] { liveRows.indices.filter { liveRows[$0] > 0 } }

    /// The identity of a row.
    func identity(of row: Int) -> EntryIdentity {
        EntryIdentity(tenant: columns.tenants.text(at: row) ?? "", id: columns.storedID(at: row))
    }

    /// Takes rows out because they are no longer kept, and remembers that they were here.
    mutating func retire(_ rows: some Sequence<Int>) {
        for row in rows where !columns.isDeleted(row) {
            retired.insert(identity(of: row), time: columns.time(at: row))
        }
        delete(rows)
    }

    /// Takes rows out; oldest and newest times follow.
    mutating func delete(_ rows: some Sequence<Int>) {
        var touchesBounds = false
        var withoutNewest: Set<Int> = []
        for row in rows where !columns.isDeleted(row) {
            let tenant = Int(columns.tenants.numbers[row])
            let time = columns.time(at: row)
            tenantCounts[tenant].rows -= 1
            let flags = RowFlags(rawValue: columns.flags[row])
            if flags.effect == .deny { tenantCounts[tenant].denies -= 1 }
            if flags.isDerived { conflicts -= 1 }
            if time == times?.lowerBound || time == times?.upperBound { touchesBounds = true }
            if time == tenantCounts[tenant].newest { withoutNewest.insert(tenant) }
            identities.remove(row, in: columns)
            columns.markDeleted(row)
            deletions += 1
            liveRows[row >> Chunk.shift] -= 1
            liveCount -= 1
            revision += 1
        }
        if touchesBounds { recountTimes() }
        for tenant in withoutNewest { tenantCounts[tenant].newest = nil }
        recountNewest(of: withoutNewest.filter { tenantCounts[$0].rows > 0 })
    }

    mutating func count(_ effect: Effect, _ time: Timestamp, tenant: Int) {
        tenantCounts[tenant].rows += 1
        if effect == .deny { tenantCounts[tenant].denies += 1 }
        tenantCounts[tenant].newest = tenantCounts[tenant].newest.map { max($0, time) } ?? time
        times = times.map { min($0.lowerBound, time)...max($0.upperBound, time) } ?? time...time
    }

    /// Says what is wrong with the state, for tests; empty when nothing is.
    func invariantViolations() -> [String] {
        var problems: [String] = []
        var live = 0
        var derived = 0
        var rows = [Int](repeating: 0, count: tenantCounts.count)
        for row in 0..<columns.count {
            let identity = identity(of: row)
            if columns.isDeleted(row) {
                if self.row(identity) == row { problems.append("deleted row \(row) is still found") }
                continue
            }
            live += 1
            if RowFlags(rawValue: columns.flags[row]).isDerived { derived += 1 }
            rows[Int(columns.tenants.numbers[row])] += 1
            if self.row(identity) != row { problems.append("row \(row) is not found by its identity") }
        }
        if live != liveCount { problems.append("\(live) rows live, \(liveCount) counted") }
        if derived != conflicts { problems.append("\(derived) conflicts held, \(conflicts) counted") }
        if live != identities.count { problems.append("\(live) rows live, \(identities.count) identities") }
        if live != liveRows.reduce(0, +) { problems.append("the chunks' counts of live rows are wrong") }
        if rows != tenantCounts.map(\.rows) { problems.append("tenant counts differ from their rows") }
        return problems
    }
}
