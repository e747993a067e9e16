/// The layout by tenant that somebody asks for.
package enum LayoutWish: Sendable, Hashable {
    /// So many partitions.
    case partition(Int)
    /// A table that Citus spreads over its servers.
    case distribute

    /// The option that asks for it.
    package var option: String {
        switch self {
        case .partition(let count): "--partition \(count)"
        case .distribute: "--distribute"
        }
    }

    /// How many partitions it has.
    var partitions: Int {
        switch self {
        case .partition(let count): count
        case .distribute: 0
        }
    }

    /// What comes of it.
    var layout: TableLayout { self == .distribute ? .distributed : .partitioned }
}

/// One step to a layout by tenant, with what it costs others.
package struct LayoutStep: Sendable, Hashable {
    enum Work: Sendable {
        case tables, citus, rows, indexes, check, view
    }

    let work: Work
    /// What it is called in a report.
    package let title: String
    /// The lock it takes and on what, in words.
    package let lock: String
    /// Whether rows are written anew.
    package let rewrites: Bool
    /// Whether it works beside writers for long.
    package let isConcurrent: Bool
    /// About how long it takes, in words.
    package let estimate: String
}

/// What a layout by tenant would take, and what stands in its way.
package struct LayoutPlan: Sendable {
    /// The steps that are left, in order.
    package private(set) var steps: [LayoutStep] = []
    /// What must be changed first; with one of these nothing is done.
    package private(set) var problems: [String] = []
    /// The room that it takes on the server's disk until the table from before is dropped, in bytes.
    package private(set) var roomBytes = 0

    /// Rows copied in a second, with their key: for an estimate only.
    private static let rowsPerSecond = 10_000
    /// Rows compared in a second.
    private static let comparedPerSecond = 200_000
    /// Waiting rows that get their tenant's column in a second.
    private static let inboxRowsPerSecond = 50_000

    /// Judges a database.
    init(_ wish: LayoutWish, _ facts: DatabaseFacts, _ surroundings: LayoutSurroundings) {
        problems = Self.problems(wish, facts, surroundings)
        guard problems.isEmpty else { return }
        guard !facts.layout.isByTenant else {
            if !facts.neededTenantIndexes.isEmpty { steps = [Self.indexes(facts)] }
            return
        }
        let rows = facts.tables[Schema.vectors]?.rows ?? 0
        roomBytes = surroundings.bytes
        steps.append(
            LayoutStep(
                work: .tables, title: Schema.rows,
                lock: "SHARE ROW EXCLUSIVE on \(Schema.vectors): writers wait", rewrites: false,
                isConcurrent: false, estimate: "under a second"))
        if wish == .distribute {
            steps.append(
                LayoutStep(
                    work: .citus, title: "create_distributed_table", lock: "none", rewrites: false,
                    isConcurrent: false, estimate: "some seconds"))
        }
        steps.append(
            LayoutStep(
                work: .rows, title: "rows into \(Schema.rows)",
                lock: "KEY SHARE on the rows of a batch: who deletes one of them waits", rewrites: true,
                isConcurrent: true, estimate: Self.text(rows / Self.rowsPerSecond)))
        steps.append(Self.indexes(facts))
        steps.append(
            LayoutStep(
                work: .check, title: "rows compared", lock: "none", rewrites: false, isConcurrent: true,
                estimate: Self.text(rows / Self.comparedPerSecond)))
        steps.append(
            LayoutStep(
                work: .view, title: "view \(Schema.vectors)",
                lock: "ACCESS EXCLUSIVE on \(Schema.vectors), and on \(Schema.inbox), which is written anew: "
                    + "readers and writers wait",
                rewrites: true, isConcurrent: false,
                estimate: Self.text((facts.tables[Schema.inbox]?.rows ?? 0) / Self.inboxRowsPerSecond)))
    }

    private static func indexes(_ facts: DatabaseFacts) -> LayoutStep {
        let rows = facts.tables[Schema.vectors]?.rows ?? 0
        let seconds = facts.neededTenantIndexes.reduce(0) { $0 + $1.seconds(forRows: rows) }
        return LayoutStep(
            work: .indexes, title: "indexes of \(Schema.rows)",
            lock: "SHARE UPDATE EXCLUSIVE on each partition: neither readers nor writers wait",
            rewrites: false,
            isConcurrent: true, estimate: text(seconds))
    }

    private static func text(_ seconds: Int) -> String {
        seconds < 1 ? "under a second" : "about \(MigrationStep.text(seconds: seconds))"
    }

    private static func problems(
        _ wish: LayoutWish, _ facts: DatabaseFacts, _ surroundings: LayoutSurroundings
    ) -> [String] {
        if facts.serverVersion < Schema.oldestPartitionedServer {
            return [
                "\(wish.option) needs PostgreSQL 15 or newer: before, a view went by the rights of its owner"
            ]
        }
        if case .partition(let count) = wish, !Schema.partitions.contains(count) {
            return [
                "\(wish.option) is out of bounds: take \(Schema.partitions.lowerBound) to "
                    + "\(Schema.partitions.upperBound) partitions"
            ]
        }
        if wish == .distribute, !surroundings.hasCitus {
            return [
                "--distribute needs Citus, and this database does not have it: install its package, run create "
                    + "extension citus, then migrate again; on one server use --partition N"
            ]
        }
        let isSame = facts.layoutOption == wish.option
        if facts.layout.isByTenant {
            if isSame { return [] }
            return [
                "the rows lie as \(facts.layoutOption) laid them out: for another layout export them and import "
                    + "them into an empty database"
            ]
        }
        if facts.byTenant != nil, !isSame {
            return [
                "rows are on the way as \(facts.layoutOption) asked: let that come to an end, or give it up with drop "
                    + "function \(LayoutScripts.copyFunction)() cascade; drop table \(Schema.rows)"
            ]
        }
        for name in [Schema.vectors, Schema.inbox] {
            guard let table = facts.tables[name], !table.isOwn else { continue }
            return [
                "only the owner of \(name), role \(printed(table.owner)), may lay it out anew: migrate as a "
                    + "member of that role, with options=-crole=\(printed(table.owner)) in the address"
            ]
        }
        if facts.byTenant == nil, !facts.mayCreateTables {
            return ["role \(printed(facts.user)) may not create tables here, which \(wish.option) needs"]
        }
        if surroundings.isBoundByPolicies {
            return [RowSecurity.hidesRows(from: facts.user)]
        }
        return surroundings.hindrances.map { what in
            "\(printed(what)) of \(Schema.vectors) cannot be taken over by \(wish.option): drop it, migrate, and "
                + "make it anew on \(Schema.rows)"
        }
    }
}
