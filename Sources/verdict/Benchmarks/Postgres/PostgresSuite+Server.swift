import Decisions
import PostgresStore
import VectorStores

/// Searching without a mirror: by plain statements, and by what asks a server where no mirror answers.
extension PostgresSuite {
    /// How wide the server walks.
    private static let breadths = [20, 40, 80, 120, 200, 400, 800]
    private static let goal = 0.95
    /// Similarities of the server's floats and of the mirror's whole numbers differ by less.
    private static let tolerance: Float = 1e-5
    /// So many searches are made at least, however long one takes.
    private static let leastSearches = 5

    /// Searches of one way: how long they took, and what of their answers was right.
    private struct Searches: Sendable {
        var times = Durations()
        var right = 0
        var strategies: Set<String> = []

        /// The share of the right answers.
        var recall: Double { Double(right) / Double(max(1, times.count * PostgresSuite.limit)) }

        func microseconds(_ share: Double) -> Double? { times.milliseconds(share).map { $0 * 1e3 } }

        mutating func add(_ answer: SearchAnswer, _ seconds: Double, _ bound: Float) {
            times.add(seconds)
            right += answer.results.count { ($0.similarity ?? 0) >= bound }
            strategies.insert(answer.strategy.rawValue)
        }
    }

    /// How near the last of the right answers to each target is.
    func bounds(_ store: MemoryStore) async throws -> [Float] {
        var bounds: [Float] = []
        for target in targets {
            bounds.append(try await bound(target, nil, store).least - Self.tolerance)
        }
        return bounds
    }

    /// What the server answers to a plain statement, wider and wider until the recall is reached.
    func measurePlainSearches(_ bounds: [Float]) async throws {
        for breadth in Self.breadths {
            try Interruption.check()
            let (vectors, seconds) = (floats, options.seconds)
            let searches = try await pool.perform { connection throws(PostgresError) -> Searches in
                try Self.walk(breadth, connection)
                var searches = Searches()
                let began = ContinuousClock().now
                repeat {
                    for (vector, bound) in zip(vectors, bounds) {
                        try Self.ask(vector, bound, connection, &searches)
                    }
                } while began.secondsUntilNow < seconds
                return searches
            }
            try tell(
                "pgvector",
                [
                    "ef": .integer(breadth), "recall10": Self.figure(searches.recall, 4),
                    "p50_us": Self.figure(searches.microseconds(0.5)),
                    "p99_us": Self.figure(searches.microseconds(0.99)),
                    "qps_1t": Self.figure(Double(searches.times.count) / searches.times.total, 0),
                ])
            if searches.recall >= Self.goal { break }
        }
    }

    /// What it costs to ask as the store does: the same walk beside plain statements, then as searches go by themselves
    /// and by comparing everything.
    func measureServerSearches(_ bounds: [Float]) async throws {
        try await measureWalks(bounds)
        for way in ["automatic", "exact"] {
            try Interruption.check()
            let (targets, seconds) = (targets, options.seconds)
            let searches = try await pool.perform { connection throws(PostgresError) -> Searches in
                let searcher = try ServerSearcher(opening: connection)
                var searches = Searches()
                let began = ContinuousClock().now
                for (target, bound) in zip(targets, bounds) {
                    let request = SearchRequest(
                        target: .embedding(target), limit: Self.limit, exact: way == "exact")
                    try Self.ask(searcher, request, bound, connection, &searches)
                    if searches.times.count >= Self.leastSearches, began.secondsUntilNow > seconds { break }
                }
                return searches
            }
            try tell(
                "server-search",
                [
                    "way": .string(way), "searches": .integer(searches.times.count),
                    "strategy": .string(searches.strategies.sorted().joined(separator: ",")),
                    "recall10": Self.figure(searches.recall, 4),
                    "p50_us": Self.figure(searches.microseconds(0.5)),
                    "p99_us": Self.figure(searches.microseconds(0.99)),
                ])
        }
    }

    /// The walk that the store asks for beside plain statements of the same breadth and as many rows, by turns.
    private func measureWalks(_ bounds: [Float]) async throws {
        func request(_ target: Embedding) -> SearchRequest {
            SearchRequest(target: .embedding(target), limit: Self.limit, forcesGraph: true)
        }
        let questions = zip(targets, zip(floats, bounds)).map { (request($0), $1.0, $1.1) }
        let breadth = ServerSearcher.breadth(of: request(targets[0]), among: Double(options.decisions))
        let seconds = options.seconds
        let (plain, own) = try await pool.perform {
            connection throws(PostgresError) -> (plain: Searches, own: Searches) in
            try Self.walk(breadth, connection)
            let searcher = try ServerSearcher(opening: connection)
            var (plain, own) = (Searches(), Searches())
            // What is prepared once is no part of a search.
            for (request, vector, bound) in questions.prefix(Self.leastSearches) {
                try Self.ask(vector, bound, connection, &plain)
                try Self.ask(searcher, request, bound, connection, &own)
            }
            (plain, own) = (Searches(), Searches())
            let began = ContinuousClock().now
            var isPlainFirst = true
            repeat {
                for (request, vector, bound) in questions {
                    // Who comes second finds in memory what the first has read.
                    if isPlainFirst { try Self.ask(vector, bound, connection, &plain) }
                    try Self.ask(searcher, request, bound, connection, &own)
                    if !isPlainFirst { try Self.ask(vector, bound, connection, &plain) }
                    isPlainFirst.toggle()
                }
                // The next round begins with the other one.
                isPlainFirst.toggle()
            } while began.secondsUntilNow < seconds
            return (plain, own)
        }
        func ratio(_ share: Double) -> Double? {
            guard let above = own.microseconds(share), let below = plain.microseconds(share) else {
                return nil
            }
            return above / below
        }
        try tell(
            "server-walk",
            [
                "ef": .integer(breadth), "k": .integer(Self.limit),
                "strategy": .string(own.strategies.sorted().joined(separator: ",")),
                "plain_recall10": Self.figure(plain.recall, 4),
                "plain_p50_us": Self.figure(plain.microseconds(0.5)),
                "plain_p99_us": Self.figure(plain.microseconds(0.99)),
                "recall10": Self.figure(own.recall, 4),
                "p50_us": Self.figure(own.microseconds(0.5)), "p99_us": Self.figure(own.microseconds(0.99)),
                "ratio_p50": Self.figure(ratio(0.5), 3), "ratio_p99": Self.figure(ratio(0.99), 3),
            ])
    }

    /// The vectors that are searched for, as the server takes them.
    private var floats: [[Float]] { targets.map(\.floats) }

    /// Says how wide plain statements walk.
    private static func walk(_ breadth: Int, _ connection: PostgresConnection) throws(PostgresError) {
        try connection.run("select set_config('hnsw.ef_search', \("\(breadth)"), false)")
    }

    /// Asks by a plain statement for what the store gives of a row.
    private static func ask(
        _ vector: [Float], _ bound: Float, _ connection: PostgresConnection, _ searches: inout Searches
    ) throws(PostgresError) {
        let started = ContinuousClock().now
        let rows = try connection.run(
            """
            select id, embedding, metadata, created_at, (1 - (embedding <=> \(vector)::vector))::float8
            from decision_vectors order by embedding <=> \(vector)::vector limit \(limit)
            """
        ).rows
        searches.times.add(started.secondsUntilNow)
        for row in rows where Float(try row.float8(4)) >= bound { searches.right += 1 }
    }

    /// Asks as the store does.
    private static func ask(
        _ searcher: ServerSearcher, _ request: SearchRequest, _ bound: Float,
        _ connection: PostgresConnection, _ searches: inout Searches
    ) throws(PostgresError) {
        let started = ContinuousClock().now
        let result = Result { () throws(StoreError) in try searcher.search(request, on: connection) }
        let seconds = started.secondsUntilNow
        switch result {
        case .success(let answer): searches.add(answer, seconds, bound)
        case .failure(let error): throw PostgresError(.server, error.description)
        }
    }
}
