import VectorStores

extension ServerIndexBuild {
    /// Builds what a plan says, a partition at a time where there are some; answers what became of it.
    func work(
        _ connection: PostgresConnection, _ plan: ServerIndexPlan
    ) throws(PostgresError) -> ServerRebuild {
        var before: (bytes: Int, parameters: IndexParameters)?
        if let old = plan.old ?? plan.replaced.first {
            before = try old.measured(connection, on: plan.layout)
        }
        let has = before?.parameters ?? IndexParameters()
        let wanted: IndexParameters
        switch has.changed(by: request) {
        case .success(let parameters): wanted = parameters
        case .failure(let refusal): return ServerRebuild(index: plan.name, refusal: refusal.reason)
        }
        var useless = plan.replaced.map(\.name)
        if plan.isRepeatable, wanted == has {
            for (number, index) in plan.repeated.enumerated() {
                try checkCancelled()
                state.update { $0.place = plan.place(of: number) }
                try run("reindex index concurrently \(SQL.quoted(identifier: index))", on: connection)
            }
        } else {
            if let refusal = plan.refusal { return ServerRebuild(index: plan.name, refusal: refusal) }
            try create(plan, wanted, connection)
            // From here on the new index serves: what is left is quick and must come to its end.
            state.update { $0.cancellation = nil }
            try connection.transaction { connection throws(PostgresError) in
                try connection.script(plan.renames)
            }
            state.update { $0.isExchanged = true }
            if plan.old != nil { useless.append(LeftoverIndexes.oldName(of: plan.layout.table)) }
        }
        state.update { $0.cancellation = nil }
        let note = try drop(useless, plan, connection)
        let after = try ServerIndex(name: plan.name).measured(connection, on: plan.layout)
        var rebuild = ServerRebuild(
            index: plan.name, m: after.parameters.m, efConstruction: after.parameters.efConstruction,
            bytesBefore: before?.bytes ?? 0, bytesAfter: after.bytes)
        rebuild.note = note
        return rebuild
    }

    /// Builds the new index beside the old one, under another name.
    ///
    /// The server builds no index over partitions beside writers: each gets its own, and a frame takes them all up at
    /// the end, for which each is waited for in turns.
    private func create(
        _ plan: ServerIndexPlan, _ parameters: IndexParameters, _ connection: PostgresConnection
    ) throws(PostgresError) {
        for part in plan.parts where part.index == nil {
            // What a migration that was cut left there.
            let name = SQL.quoted(identifier: plan.name(on: part))
            try connection.script("drop index concurrently if exists \(name)")
        }
        var done: Set<String> = []
        for (number, table) in plan.tables.enumerated() {
            try checkCancelled()
            state.update { $0.place = plan.place(of: number) }
            let index = plan.new(on: table, parameters)
            try run(index.statement(concurrently: true), on: connection, sparing: done)
            done.insert(index.name)
        }
        if plan.parts.isEmpty { return }
        let frame = plan.frame(parameters)
        try connection.takingTurns(frame.statement(concurrently: false, only: true), checkCancelled)
        for table in plan.tables {
            try connection.takingTurns(
                "alter index \(frame.name) attach partition \(LeftoverIndexes.newName(of: table))",
                checkCancelled)
        }
    }

    /// Whether a segment of shared memory found no room, in whatever language the server says so.
    private static func lacksSharedMemory(_ error: PostgresError) -> Bool {
        error.sqlState == "53100" || error.description.contains("shared memory segment")
    }

    /// Does what takes long; where the helpers' shared memory is too small it is done again without helpers.
    ///
    /// What was begun is dropped before, but for the indexes that are done.
    private func run(
        _ statement: String, on connection: PostgresConnection, sparing done: Set<String> = []
    ) throws(PostgresError) {
        do throws(PostgresError) {
            try connection.script(statement)
        } catch  where Self.lacksSharedMemory(error) {
            _ = try LeftoverIndexes.drop(connection, sparing: done)
            try checkCancelled()
            try connection.script("set max_parallel_maintenance_workers = 0")
            try connection.script(statement)
        }
    }

    /// Drops what another index has taken the place of, while all read and write; answers what could not be done.
    private func drop(
        _ names: [String], _ plan: ServerIndexPlan, _ connection: PostgresConnection
    ) throws(PostgresError) -> String {
        var left: [String] = []
        for name in names {
            let quoted = SQL.quoted(identifier: name)
            if plan.parts.isEmpty {
                try connection.script("drop index concurrently if exists \(quoted)")
                continue
            }
            do throws(PostgresError) {
                try connection.takingTurns("drop index if exists \(quoted)")
            } catch  where error.code == .conflict {
                left.append(quoted)
            }
        }
        if left.isEmpty { return "" }
        return
            "the old one could not be dropped, since transactions use the table all the time: run drop index "
            + left.joined(separator: ", ")
    }
}
