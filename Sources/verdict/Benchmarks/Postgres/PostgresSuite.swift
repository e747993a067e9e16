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

    /// The schema, made anew by each run.
    private static let schema = "verdict_bench"
    /// How many of a batch are acknowledged together.
    static let batch = 1_000

    let options: Options
    /// The store's address in that schema.
    let address: StoreAddress
    let pool: PostgresPool
    let sample: [Entry]
    let targets: [Embedding]

    static func run(_ options: Options) async throws {
        do {
            let suite = try await PostgresSuite(options)
            try await suite.measureLoading()
            try await suite.measurePlainWrites()
            try await suite.measureOpening()
            try await suite.measurePlainSearches()
            let store = try await suite.opened()
            try await suite.measureSearches(store)
            try await suite.measureWrites(store)
            await store.close()
            try await suite.measureRebuild()
            try await suite.prepareSchema(isFinal: true)
        } catch let error as PostgresError {
            throw CommandFailure(postgres: error)
        }
    }

    private init(_ options: Options) async throws {
        guard case .postgres(let uri) = options.address else {
            throw CommandFailure.usage("the postgres suite needs --store postgres://…")
        }
        guard !uri.contains("options=") else {
            throw CommandFailure.usage("the postgres suite has a schema of its own: leave options= out")
        }
        let path = "options=-csearch_path%3D\(Self.schema)%2Cpublic"
        self.options = options
        address = .postgres(uri + (uri.contains("?") ? "&" : "?") + path)
        guard let server = try PostgresServerAddress(address) else {
            throw CommandFailure.usage("the postgres suite needs --store postgres://…")
        }
        pool = PostgresPool(server.forWriting)
        let embedder = DecisionEmbedder()
        let generated = try EmbedSuite.generatedSample(options.decisions + Self.searches)
        let entries = generated.map { Entry(decision: $0, embedding: embedder.embed($0)) }
        sample = Array(entries.prefix(options.decisions))
        targets = entries.suffix(Self.searches).map(\.embedding)
        try await prepareSchema()
    }

    private func prepareSchema(isFinal: Bool = false) async throws(PostgresError) {
        try await pool.perform { connection throws(PostgresError) in
            try connection.script("drop schema if exists \(Self.schema) cascade")
            if isFinal { return }
            try connection.script("create schema \(Self.schema)")
            let report = try Migrator(connection).migrate()
            guard report.problems.isEmpty else {
                throw PostgresError(.missing, report.problems.joined(separator: "; "))
            }
            let pgvector = try connection.run("select from pg_extension where extname = 'vector'").rows
            guard !pgvector.isEmpty else {
                throw PostgresError(.missing, "the postgres suite needs pgvector on the server")
            }
        }
    }

    /// Opens the store, which reads all of it.
    func opened() async throws -> any DecisionStore {
        var options = StoreOptions(clock: WallClock.now)
        options.access = .write
        options.commandName = CommandName.current
        options.recipe = EmbeddingRecipe.current.description
        return try await StoreOpening.opened(address, options)
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

    /// How many vectors are searched for; they are not in the store.
    static let searches = 200

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

    mutating func next(_ count: Int) -> [Entry] {
        (0..<count).compactMap { _ in
            guard var decision = generator.next()?.decision else { return nil }
            number += 1
            decision.id = "fresh-\(number)-" + decision.id
            return Entry(decision: decision, embedding: embedder.embed(decision))
        }
    }
}
