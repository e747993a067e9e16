import ArgumentParser
import Decisions
import VectorIndex
import VectorStores

/// Measures this build on this machine.
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Measure this build on this machine; prints JSON lines.",
        discussion: """
            index: recall and speed over base, query and truth .fvecs in --data, one line per breadth. \
            search: over the same files, inserts beside searches, filters, tenants. life: over the same \
            files, opening, one large group, half of the rows replaced five times. filters: expressions in \
            a memory store of generated decisions. store: single inserts into one beside searches. embed: \
            native line to vector. ingest: native line to searchable and scored, or with --log a whole log \
            from its file. engine: checks with and without a recorder, in turns, and recording by itself; with \
            --minutes also 1,000 a second into a store, for that long. detection: writes a log with known \
            attacks in it, which verdict evaluate reads. console: drawing, differences, ncurses. postgres: a \
            server as the home of decisions, in a schema verdict_bench that is made anew there and removed at \
            the end, or when it is cut. Run on a quiet machine; pin with taskset for one core.
            """)

    /// What can be measured.
    enum Suite: String, ExpressibleByArgument, CaseIterable {
        case index
        case search
        case life
        case filters
        case store
        case embed
        case ingest
        case engine
        case detection
        case console
        case postgres
    }

    /// What the vectors of a data set are taken as.
    enum Element: String, ExpressibleByArgument, CaseIterable {
        case auto
        case floats
        case counts

        /// The element, or nil where the data decides.
        var vectors: VectorElement? {
            switch self {
            case .auto: nil
            case .floats: .floats
            case .counts: .counts
            }
        }
    }

    @Option(name: .long, help: ArgumentHelp("Folder with base, query and truth .fvecs.", valueName: "dir"))
    var data: String?

    @Option(
        name: .long,
        help: """
            What to measure: index, search, life, filters, store, embed, ingest, engine, detection, console or \
            postgres.
            """)
    var suite = Suite.index

    @Option(name: .long, help: ArgumentHelp("Threads that build the index.", valueName: "number"))
    var threads = 2

    @Option(
        name: .long, help: ArgumentHelp("The distance kernel; the best one unless said.", valueName: "name"))
    var kernel: String?

    @Option(
        name: .long, help: "What the vectors are taken as; auto is counts where all are multiples of some.")
    var element = Element.auto

    @Option(
        name: .long,
        help: ArgumentHelp("Codes that searches walk over: \(Quantization.names).", valueName: "name"))
    var quantization: String?

    @Option(
        name: .long,
        help: ArgumentHelp("Candidates the building of the index keeps, 8 to 2000.", valueName: "number"))
    var efc = 200

    @Flag(help: "Insert the vectors of the index suite one by one, as a store does that only grows.")
    var inserted = false

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Breadths of the index suite, as 48,96; all it knows unless said.", valueName: "list"))
    var ef: String?

    @Option(
        name: .long,
        help: ArgumentHelp("How long each figure over vectors is measured, at least.", valueName: "number"))
    var seconds = 3.0

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Decisions of the filters, store, embed, ingest, engine and postgres suites.", valueName: "number"
        ))
    var decisions = 200_000

    @Option(
        name: .long, help: ArgumentHelp("The server of the postgres suite.", valueName: "address"))
    var store: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "How long the postgres suite stores without a pause, and the engine suite records, 0.01 to 60 "
                + "minutes.", valueName: "number"))
    var minutes: Double?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "The log that the ingest suite reads, or that the detection suite mixes attacks into.",
            valueName: "file"))
    var log: String?

    @Option(
        name: .long, help: ArgumentHelp("Decides what is random in the detection suite.", valueName: "number")
    )
    var seed: UInt64 = 1

    @Option(
        name: .long,
        help: ArgumentHelp("The folder that the detection suite writes logs and labels to.", valueName: "dir")
    )
    var out: String?

    @OptionGroup var output: JSONOnlyOptions

    func run() async throws {
        guard (1...64).contains(threads) else {
            throw CommandFailure.usage("--threads takes 1 to 64, not \(threads)")
        }
        guard (1_000...10_000_000).contains(decisions) else {
            throw CommandFailure.usage("--decisions takes 1000 to 10000000, not \(decisions)")
        }
        guard (8...2_000).contains(efc) else {
            throw CommandFailure.usage("--efc takes 8 to 2000, not \(efc)")
        }
        guard (0.01...3_600).contains(seconds) else {
            throw CommandFailure.usage("--seconds takes 0.01 to 3600, not \(seconds)")
        }
        if let minutes, !(0.01...60).contains(minutes) {
            throw CommandFailure.usage("--minutes takes 0.01 to 60, not \(minutes)")
        }
        if log != nil, suite != .ingest, suite != .detection {
            throw CommandFailure.usage("--log is for the ingest and the detection suite")
        }
        if inserted {
            guard suite == .index, quantization == nil else {
                throw CommandFailure.usage("--inserted is for the index suite, without --quantization")
            }
        }
        switch suite {
        // These leave something that must be removed first: they see to it themselves.
        case .index, .life, .ingest, .detection, .postgres: break
        case .engine where minutes != nil: break
        case .search, .filters, .store, .embed, .engine, .console: try Interruption.endAtOnce()
        }
        switch suite {
        case .index: try IndexSuite.run(try vectorOptions(), tellsCodes: quantization != nil)
        case .search: try SearchSuite.run(try vectorOptions())
        case .life: try LifeSuite.run(try vectorOptions())
        case .filters: try await FilterSuite.run(decisions: decisions, seconds: seconds)
        case .store: try await StoreSuite.run(decisions: decisions)
        case .embed: try EmbedSuite.run(decisions: decisions)
        case .ingest:
            if let log {
                try await IngestSuite.run(log: log)
            } else {
                try await IngestSuite.run(decisions: decisions)
            }
        case .engine:
            try await EngineSuite.run(decisions: decisions)
            if let minutes { try await SteadySuite.run(minutes: minutes) }
        case .detection: try DetectionSuite.run(try detectionOptions())
        case .console: try await ConsoleSuite.run()
        case .postgres: try await PostgresSuite.run(try postgresOptions())
        }
    }

    /// What the suite of known attacks writes, and where.
    private func detectionOptions() throws -> DetectionSuite.Options {
        guard let log, let out else {
            throw CommandFailure.usage("the detection suite needs --log FILE and --out DIR")
        }
        return DetectionSuite.Options(log: log, seed: seed, out: out)
    }

    /// How the suite over a server runs.
    private func postgresOptions() throws -> PostgresSuite.Options {
        guard let store else {
            throw CommandFailure.usage("the postgres suite needs --store postgres://…")
        }
        do {
            let address = try StoreAddress(parsing: store)
            return PostgresSuite.Options(
                address: address, decisions: decisions, seconds: seconds, minutes: minutes ?? 0.5)
        } catch {
            throw CommandFailure.usage("\(error.description) (from --store)")
        }
    }

    /// How the suites over files of vectors run.
    private func vectorOptions() throws -> IndexBenchmark.Options {
        guard let data else { throw CommandFailure.usage("the \(suite.rawValue) suite needs --data DIR") }
        var options = IndexBenchmark.Options(directory: data)
        options.threads = threads
        options.constructionBreadth = efc
        options.isInserted = inserted
        options.element = element.vectors
        options.secondsPerFigure = seconds
        if let ef {
            let breadths = ef.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
            guard breadths.allSatisfy((1...10_000).contains) else {
                throw CommandFailure.usage(
                    "--ef takes numbers of 1 to 10000, as 48,96, not '\(printable(ef))'")
            }
            options.breadths = breadths
        }
        if let quantization {
            guard let chosen = Quantization(rawValue: quantization) else {
                throw CommandFailure.usage(
                    "--quantization takes one of \(Quantization.names), not '\(printable(quantization))'")
            }
            options.quantization = chosen
        }
        if let kernel {
            guard let level = KernelLevel(name: kernel), level.isAvailable else {
                let known = KernelLevel.allCases.filter(\.isAvailable).map(\.name).joined(separator: ", ")
                throw CommandFailure.usage("--kernel takes one of \(known), not '\(printable(kernel))'")
            }
            options.kernel = level
        }
        return options
    }
}
