import PostgresTesting
import Testing
import VectorStores

@testable import PostgresStore

/// The nearest rows of somebody's own table are those of the largest cosine, whatever its index measures by.
@Suite(.timeLimit(.minutes(5))) struct OwnTableMetricTests {
    /// Many more than a walk is asked for, of very different lengths, and one without a direction.
    private static let vectors: [[Float]] = {
        var state: UInt64 = 42
        func next() -> Float {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Float(state >> 40) / Float(1 << 24)
        }
        let others = (1..<300).map { _ in
            let length = 0.1 + 50 * next() * next()
            return (0..<8).map { _ in (next() - 0.5) * length }
        }
        return others + [[Float](repeating: 0, count: 8)]
    }()

    private static func database(_ operators: String) throws -> StoreDatabase {
        let database = try StoreDatabase(.eighteenWithVectors)
        let connection = try database.database.connect()
        defer { connection.close() }
        try connection.script("create table lengths (id int primary key, embedding vector(8))")
        for (id, floats) in vectors.enumerated() {
            try connection.run("insert into lengths values (\(id), \(floats)::vector)")
        }
        try connection.script(
            "create index lengths_near on lengths using hnsw (embedding \(operators)); analyze lengths")
        return database
    }

    /// The other rows by cosine, which is 0 where there is no direction; then by identifier as text.
    private static func nearest(to id: Int) -> [(id: String, cosine: Double)] {
        func cosine(_ other: [Float]) -> Double {
            var (product, square, otherSquare) = (0.0, 0.0, 0.0)
            for (one, two) in zip(vectors[id], other) {
                product += Double(one) * Double(two)
                square += Double(one) * Double(one)
                otherSquare += Double(two) * Double(two)
            }
            return square * otherSquare > 0 ? product / (square * otherSquare).squareRoot() : 0
        }
        return vectors.indices.filter { $0 != id }.map { (id: "\($0)", cosine: cosine(vectors[$0])) }
            .sorted { $0.cosine == $1.cosine ? $0.id < $1.id : $0.cosine > $1.cosine }
    }

    @Test(arguments: ["vector_cosine_ops", "vector_l2_ops", "vector_ip_ops", "vector_l1_ops"])
    func `the nearest have the largest cosines, walked or compared`(operators: String) async throws {
        let database = try Self.database(operators)
        defer { database.drop() }
        var options = StoreOptions(clock: Sample.clock)
        options.access = .read
        let store = try PostgresStore.open(
            .postgres(database.address + "&table=lengths"), options: options)
        for id in [0, 17, 204] {
            let truth = Self.nearest(to: id)
            var request = SearchRequest(target: .like(id: "\(id)", tenant: nil), forcesGraph: true)
            let walked = try await store.search(request)
            if operators == "vector_cosine_ops" {
                #expect(walked.strategy == .pgvector && !walked.exact)
                let bar = truth[9].cosine - 1e-6
                #expect(walked.results.count { Double($0.similarity ?? 0) >= bar } >= 9)
            } else {
                // An index by another distance finds other rows: none is walked.
                #expect(walked.strategy == .exact && walked.exact)
                #expect(walked.results.map(\.stored.storedID) == truth.prefix(10).map(\.id))
            }
            request.exact = true
            // Past the row without a direction, whose cosine is 0.
            for limit in [1, 10, 250] {
                request.limit = limit
                let exact = try await store.search(request)
                #expect(exact.strategy == .exact && exact.scanned == 299)
                #expect(exact.results.map(\.stored.storedID) == truth.prefix(limit).map(\.id))
                for (result, wanted) in zip(exact.results, truth) {
                    #expect(abs(Double(result.similarity ?? 2) - wanted.cosine) < 1e-5)
                }
            }
        }
        let index = try await store.health().first { $0.name == "index lengths_near" }
        #expect(
            index?.detail.contains("searches here do not go by it") == (operators != "vector_cosine_ops"))
        await store.close()
    }
}
