import Decisions
import Operations
import PostgresStore
import VectorStores

/// Storing a little at a time beside the index of neighbours.
extension PostgresSuite {
    /// How many single inserts and batches are timed; fewer of a small store.
    private var singles: Int { min(500, options.decisions / 5) }
    private var batches: Int { min(20, max(3, options.decisions / 5_000)) }
    private static let plainBatches = 3
    /// Batches begin so far apart at least: 5,000 rows a second, as many as are promised at all times.
    ///
    /// One that takes longer lets the next begin at once.
    private static let batchInterval = Duration.milliseconds(200)
    private static let foreignRows = 20
    /// A row of another client that no search has found by then is given up.
    private static let patienceSeconds = 10.0
    /// How long the inbox is watched while it empties.
    private static let drainSeconds = 10.0

    /// What plain statements take: into a table with the index of neighbours, and into one without.
    func measurePlainWrites() async throws {
        let insertions: [(String, SQL)] = [
            ("plain", "insert into plain values"),
            ("decision_vectors", "insert into decision_vectors values"),
        ]
        let rows = Array(sample.prefix(singles))
        for (table, into) in insertions {
            let times = try await pool.perform { connection throws(PostgresError) -> Durations in
                var times = Durations()
                for (number, entry) in rows.enumerated() {
                    let began = ContinuousClock().now
                    _ = try connection.run(into + Self.values(entry, id: "single-\(number)"))
                    times.add(began.secondsUntilNow)
                }
                return times
            }
            try tellTimes("plain-insert", times, ["table": .string(table)])
        }
        let copies: [(String, SQL)] = [
            ("plain", "copy plain from stdin (format binary)"),
            ("decision_vectors", "copy decision_vectors from stdin (format binary)"),
        ]
        for (table, statement) in copies {
            var times = Durations()
            for number in 0..<Self.plainBatches {
                let rows = sample.prefix(Self.batch).map { entry in
                    var entry = entry
                    entry.decision.id = "batch-\(number)-" + entry.decision.id
                    return entry
                }
                times.add(try await copy(statement, rows))
            }
            try tellTimes("plain-batch", times, ["table": .string(table)])
        }
        try await pool.perform { connection throws(PostgresError) in
            try connection.script(
                """
                delete from decision_vectors where id like 'single-%' or id like 'batch-%';
                truncate verdict_changes
                """)
            _ = try connection.run("vacuum analyze decision_vectors")
        }
    }

    private static func values(_ entry: Entry, id: String) -> SQL {
        let floats = entry.embedding.floats
        let metadata = String(
            decoding: StoredDecision(decision: entry.decision, embedding: entry.embedding, storedID: id)
                .archivedMetadata(id: id), as: UTF8.self)
        return "(\(id), \(floats)::vector, \(.jsonb(metadata)), now())"
    }

    /// The same through the store: acknowledged, and found by the next search.
    ///
    /// Single entries are measured for how new they are, as who detects stores them. Batches are not, as who records
    /// and imports stores them, at 5,000 rows a second, and are linked into the mirror's graph behind the
    /// acknowledgement: `unlinked` vectors wait for that at the end. `novelty_p50_ms` and `novelty_p99_ms` are those of
    /// as many batches that are measured. What batches without a pause take, the line `throughput` tells.
    func measureWrites(_ store: any DecisionStore) async throws {
        var fresh = try FreshEntries()
        var times = Durations()
        for entry in fresh.next(singles) {
            let began = ContinuousClock().now
            _ = try await store.insert([entry])
            times.add(began.secondsUntilNow)
        }
        try tellTimes("insert", times)
        let plain = try await timeBatches(store, &fresh, measuringNovelty: false)
        let unlinked = try await store.statistics().index.tail
        // So that the others do not share the processor with what those left behind.
        while try await store.statistics().index.tail > 0 {
            try Interruption.check()
            try await Task.sleep(for: .milliseconds(100))
        }
        let measured = try await timeBatches(store, &fresh, measuringNovelty: true)
        try tellTimes(
            "batch", plain,
            [
                "unlinked": .integer(unlinked), "novelty_p50_ms": Self.figure(measured.milliseconds(0.5), 3),
                "novelty_p99_ms": Self.figure(measured.milliseconds(0.99), 3),
            ])
        try await measureForeign(store)
        try await measureThroughput(store, &fresh)
    }

    private func timeBatches(
        _ store: any DecisionStore, _ fresh: inout FreshEntries, measuringNovelty: Bool
    ) async throws -> Durations {
        var times = Durations()
        let start = ContinuousClock().now
        for number in 0..<batches {
            let entries = fresh.next(Self.batch)
            try await Task.sleep(until: start + Self.batchInterval * number)
            let began = ContinuousClock().now
            _ = try await store.insert(entries, measuringNovelty: measuringNovelty)
            times.add(began.secondsUntilNow)
        }
        return times
    }

    /// Whether a search for its vector gives an entry, which has that vector alone.
    private func search(
        for entry: Entry, _ id: String, _ store: any DecisionStore, exact: Bool = false
    ) async throws -> Bool {
        let answer = try await store.search(
            SearchRequest(target: .embedding(entry.embedding), limit: Self.limit, exact: exact))
        return answer.results.contains { $0.stored.storedID == id }
    }

    /// How long a row that another client committed is not found by a search.
    private func measureForeign(_ store: any DecisionStore) async throws {
        let embedder = DecisionEmbedder()
        var times = Durations()
        var found = 0
        for (number, like) in sample.prefix(Self.foreignRows).enumerated() {
            let id = "foreign-\(number)"
            let entry = Entry(like.decision, only: id, embedder)
            let insertion = ("insert into decision_vectors values" as SQL) + Self.values(entry, id: id)
            try await pool.perform { connection throws(PostgresError) in _ = try connection.run(insertion) }
            let began = ContinuousClock().now
            var isFound = false
            while !isFound, began.secondsUntilNow < Self.patienceSeconds {
                try Interruption.check()
                isFound = try await search(for: entry, id, store)
                if !isFound { try await Task.sleep(for: .milliseconds(1)) }
            }
            times.add(began.secondsUntilNow)
            found += isFound ? 1 : 0
        }
        try tellTimes("foreign", times, ["found": .integer(found)])
    }

    /// Stores without a pause and without asking how new it is, with the inbox and how fast it empties.
    private func measureThroughput(_ store: any DecisionStore, _ fresh: inout FreshEntries) async throws {
        var times = Durations()
        var (stored, found, walked, longest) = (0, 0, 0, 0)
        let began = ContinuousClock().now
        var looked = began
        repeat {
            try Interruption.check()
            let entries = fresh.next(Self.batch)
            let start = ContinuousClock().now
            let report = try await store.insert(entries, measuringNovelty: false)
            times.add(start.secondsUntilNow)
            stored += report.outcomes.count { $0.disposition.isWritten }
            if let last = entries.last, let outcome = report.outcomes.last {
                // What a walk misses is looked for among everything: it may be there all the same.
                let isWalkedTo = try await search(for: last, outcome.storedID, store)
                walked += isWalkedTo ? 1 : 0
                let isThere =
                    if isWalkedTo { true } else {
                        try await search(for: last, outcome.storedID, store, exact: true)
                    }
                found += isThere ? 1 : 0
            }
            if looked.secondsUntilNow > 2 {
                longest = max(longest, try await backlog())
                looked = ContinuousClock().now
            }
        } while began.secondsUntilNow < options.minutes * 60
        let seconds = began.secondsUntilNow
        let left = try await backlog()
        let drain = ContinuousClock().now
        var rest = left
        while rest > 0, drain.secondsUntilNow < Self.drainSeconds {
            try Interruption.check()
            try await Task.sleep(for: .milliseconds(200))
            rest = try await backlog()
        }
        let drained = Double(left - rest) / drain.secondsUntilNow
        try tellTimes(
            "throughput", times,
            [
                "seconds": Self.figure(seconds), "acknowledged": .integer(stored),
                "rows_per_s": Self.figure(Double(stored) / seconds, 0),
                "searchable": Self.figure(Double(found) / Double(times.count), 4),
                "searchable_at_once": Self.figure(Double(walked) / Double(times.count), 4),
                "backlog_most": .integer(max(longest, left)), "backlog": .integer(left),
                "moved_per_s": Self.figure(drained, 0),
            ])
    }

    private func backlog() async throws(PostgresError) -> Int {
        try await pool.perform { connection throws(PostgresError) in
            try connection.run("select count(*) from decision_inbox").onlyRow().int(0)
        }
    }

    private func tellTimes(_ measure: String, _ times: Durations, _ figures: JSONObject = [:]) throws {
        var line: JSONObject = [
            "count": .integer(times.count), "p50_ms": Self.figure(times.milliseconds(0.5), 3),
            "p99_ms": Self.figure(times.milliseconds(0.99), 3),
            "most_ms": Self.figure(times.milliseconds(1), 3),
        ]
        for member in figures.members { line[member.key] = member.value }
        try tell(measure, line)
    }
}
