import VectorStores

/// How much an index finds of what is there: sampled rows are searched for by it and exactly.
///
/// Nearest is what the index calls so, whatever its distance is.
struct OwnRecallProbe {
    /// What was found at each breadth.
    private(set) var points: [RecallPoint] = []
    /// How many rows were asked about.
    private(set) var questions = 0

    private static let mostQuestions = 20
    private static let neighbours = 10
    /// No question is begun after this long.
    private static let patience = Duration.seconds(5)
    /// What a distance may differ by and still be as near.
    private static let tolerance = 1e-6

    private let table: OwnTable
    private let index: OwnIndex

    /// Measures at some breadths; where none is named, at the one that the server's searches have.
    ///
    /// The exact answer to each question reads the whole table: twenty times, and no longer than some seconds unless
    /// one takes that long.
    init(
        _ table: OwnTable, _ index: OwnIndex, breadths: [Int]?, _ connection: PostgresConnection
    ) throws(PostgresError) {
        self.table = table
        self.index = index
        var tallies: [Tally] = []
        if let breadths {
            tallies = breadths.map { Tally(breadth: $0) }
        } else {
            tallies = [Tally(breadth: try index.breadth(connection))]
        }
        let start = ContinuousClock.now
        let sampled = try connection.run(
            """
            select \(sql: table.vector) from \(sql: table.name)
            where \(identifier: table.embedding.name) is not null
            order by hashtext(\(sql: table.text)), \(sql: table.text) limit \(Self.mostQuestions)
            """)
        var wanted = 0
        for row in sampled.rows where ContinuousClock.now - start < Self.patience {
            let floats = try row.floats(0)
            let exact = try nearest(to: floats, connection)
            guard let last = exact.last else { continue }
            for place in tallies.indices {
                let begun = ContinuousClock.now
                let given = try walk(to: floats, breadth: tallies[place].breadth, connection)
                tallies[place].microseconds.append((ContinuousClock.now - begun) / .nanoseconds(1) / 1_000)
                tallies[place].hits += given.count { $0 <= last + Self.tolerance }
            }
            wanted += exact.count
            questions += 1
        }
        guard wanted > 0 else { return }
        points = tallies.map { tally in
            RecallPoint(
                breadth: tally.breadth, recall: min(1, Double(tally.hits) / Double(wanted)),
                p50Microseconds: tally.microseconds.sorted()[tally.microseconds.count / 2])
        }
    }

    /// What came of the walks of one breadth.
    private struct Tally {
        var breadth: Int
        var hits = 0
        var microseconds: [Double] = []
    }

    private func distance(to floats: [Float]) -> SQL {
        index.metric.distance("\(identifier: table.embedding.name)", table.bound(floats))
    }

    /// The distances of the nearest rows of all, nearest first.
    private func nearest(
        to floats: [Float], _ connection: PostgresConnection
    ) throws(PostgresError) -> [Double] {
        let rows = try connection.run(
            """
            select (\(sql: distance(to: floats))) + 0 from \(sql: table.name)
            where \(identifier: table.embedding.name) is not null order by 1 limit \(Self.neighbours)
            """
        ).rows
        return try rows.map { (row) throws(PostgresError) in try row.float8(0) }
    }

    /// The distances of the rows that a walk of the index gives.
    private func walk(
        to floats: [Float], breadth: Int, _ connection: PostgresConnection
    ) throws(PostgresError) -> [Double] {
        let (table, index, distance) = (table, index, distance(to: floats))
        let rows = try connection.transaction(.readOnlySnapshot) { connection throws(PostgresError) in
            try connection.run(
                """
                select set_config('enable_seqscan', 'off', true),
                    set_config(\(index.breadthSetting), \("\(breadth)"), true)
                """)
            return try connection.run(
                """
                select \(sql: distance) from \(sql: table.name)
                order by \(sql: index.order(to: floats, in: table)) limit \(Self.neighbours)
                """
            ).rows
        }
        var distances: [Double] = []
        for row in rows where !row.isNull(0) { distances.append(try row.float8(0)) }
        return distances
    }
}
