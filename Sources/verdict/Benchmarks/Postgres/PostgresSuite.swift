import Decisions
import Operations
import PolicyEngine
import PostgresStore
import VectorStores

/// Measures a PostgreSQL server as the home of decisions, in a schema of its own that is removed at the end.
///
/// What Verdict does stands beside the same by plain statements over the same connections, without a store.
struct PostgresSuite {
    /// What is measured, and how long.
    struct Options {
        var address: StoreAddress
        var decisions: Int
        /// How long each figure of many short ones is measured, at least.
        var seconds: Double
        /// How long decisions are stored without a pause.
        var minutes: Double
    }

    /// How many of a batch are acknowledged together.
    static let batch = 1_000
    /// How many vectors are searched for, held out of what is stored.
    static let searches = 200
    /// How many of the nearest are asked for.
    static let limit = 10

    let options: Options
    /// The store's address in the schema of the run.
    let address: StoreAddress
    let pool: PostgresPool
    /// Where what is saved of the store lies.
    let folder: String
    let sample: [Entry]
    let targets: [Embedding]

    static func run(_ options: Options) async throws {
        let schema = try BenchSchema(at: options.address)
        let folder = try Interruption.temporaryDirectory { schema.removeFromUnderWorkers() }
        defer { folder.remove() }
        let pool = PostgresPool(schema.server)
        defer { pool.close() }
        do {
            try await schema.remove(pool)
            do {
                try await schema.make(pool)
                try await measure(options, schema, pool, folder)
                try await schema.remove(pool)
            } catch {
                await Interruption.waitForRequestedEnd()
                schema.removeFromUnderWorkers()
                throw error
            }
        } catch {
            // What is removed meanwhile makes statements fail: that is nothing to tell.
            await Interruption.waitForRequestedEnd()
            if let error = error as? PostgresError { throw CommandFailure(postgres: error) }
            throw error
        }
    }

    /// Measures everything; whatever was opened is closed when this returns.
    private static func measure(
        _ options: Options, _ schema: BenchSchema, _ pool: PostgresPool, _ folder: TemporaryDirectory
    ) async throws {
        let suite = try PostgresSuite(options, schema, pool, folder)
        try await suite.measureLoading()
        try await suite.measurePlainWrites()
        try await suite.measureOpening()
        let store = try await suite.linkedStore()
        let bounds = try await suite.bounds(store)
        try await suite.measurePlainSearches(bounds)
        try await suite.measureServerSearches(bounds)
        try await suite.measureSearches(store)
        try await suite.measureWrites(store)
        await store.close()
        try await suite.measureRebuild()
    }

    private init(
        _ options: Options, _ schema: BenchSchema, _ pool: PostgresPool, _ folder: TemporaryDirectory
    ) throws {
        self.options = options
        self.pool = pool
        self.folder = folder.path
        address = schema.address
        let embedder = DecisionEmbedder()
        let generated = try EmbedSuite.generatedSample(options.decisions + Self.searches)
        let entries = generated.map { Entry(decision: $0, embedding: embedder.embed($0)) }
        // Of all hours, as what is stored: those of one hour alone are a question of their own.
        let every = entries.count / Self.searches
        func isTarget(_ place: Int) -> Bool { place % every == 0 && place / every < Self.searches }
        sample = entries.indices.filter { !isTarget($0) }.map { entries[$0] }
        targets = entries.indices.filter { isTarget($0) }.map { entries[$0].embedding }
    }

    /// Prints a line.
    func tell(_ measure: String, _ figures: JSONObject) throws {
        var line: JSONObject = [
            "suite": .string("postgres"), "measure": .string(measure),
            "decisions": .integer(options.decisions),
        ]
        for member in figures.members { line[member.key] = member.value }
        try StandardOutput.shared.write(json: line)
        try StandardOutput.shared.flushNow()
    }

    /// A whole figure with so many digits after the point.
    static func figure(_ value: Double?, _ digits: Int = 1) -> JSONValue {
        value.map { .decimal($0, digits: digits) } ?? .null
    }
}

/// How long something took, over and over.
struct Durations: Sendable {
    private var seconds: [Double] = []

    var count: Int { seconds.count }
    var total: Double { seconds.reduce(0, +) }

    mutating func add(_ duration: Double) { seconds.append(duration) }

    /// The time that a share of them does not exceed, in milliseconds.
    func milliseconds(_ share: Double) -> Double? {
        guard !seconds.isEmpty else { return nil }
        let rank = max(1, Int((share * Double(seconds.count)).rounded(.up)))
        return seconds.sorted()[rank - 1] * 1e3
    }
}

/// Decisions that no store has seen, one after the other.
struct FreshEntries {
    private var generator: DecisionGenerator
    private let embedder = DecisionEmbedder()
    private var number = 0

    init() throws {
        generator = DecisionGenerator(
            seed: 11, decisions: 20_000_000, tenants: 12, days: 7, policies: try SamplePolicySet.load())
    }

    /// The next ones; the last has a vector of its own, so that a search for it can be told to have found it.
    mutating func next(_ count: Int) -> [Entry] {
        (1...count).compactMap { place in
            guard var decision = generator.next()?.decision else { return nil }
            number += 1
            decision.id = "fresh-\(number)-" + decision.id
            if place == count { return Entry(decision, only: "fresh-\(number)", embedder) }
            return Entry(decision: decision, embedding: embedder.embed(decision))
        }
    }
}

extension Entry {
    /// A decision of a principal that no other is of, so that no other has its vector.
    init(_ decision: Decision, only principal: String, _ embedder: DecisionEmbedder) {
        var decision = decision
        decision.principal.id = principal
        self.init(decision: decision, embedding: embedder.embed(decision))
    }
}
