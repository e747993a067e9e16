import ArgumentParser
import Decisions
import VectorIndex

/// Measures this build on this machine.
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Measure this build on this machine; prints JSON lines.",
        discussion: """
            index: recall and speed over base, query and truth .fvecs in --data, one line per breadth. \
            embed: native line to vector. ingest: native line to searchable and scored. console: drawing, \
            differences, ncurses. Run on a quiet machine; pin with taskset for one core.
            """)

    /// What can be measured.
    enum Suite: String, ExpressibleByArgument, CaseIterable {
        case index
        case embed
        case ingest
        case console
    }

    @Option(name: .long, help: ArgumentHelp("Folder with base, query and truth .fvecs.", valueName: "dir"))
    var data: String?

    @Option(name: .long, help: "What to measure: index, embed, ingest or console.")
    var suite = Suite.index

    @Option(name: .long, help: ArgumentHelp("Threads that build the index.", valueName: "number"))
    var threads = 2

    @Option(
        name: .long, help: ArgumentHelp("The distance kernel; the best one unless said.", valueName: "name"))
    var kernel: String?

    @Option(
        name: .long, help: ArgumentHelp("Decisions of the embed and ingest suites.", valueName: "number"))
    var decisions = 200_000

    @OptionGroup var output: JSONOnlyOptions

    func run() async throws {
        guard (1...64).contains(threads) else {
            throw CommandFailure.usage("--threads takes 1 to 64, not \(threads)")
        }
        guard (1_000...10_000_000).contains(decisions) else {
            throw CommandFailure.usage("--decisions takes 1000 to 10000000, not \(decisions)")
        }
        switch suite {
        case .index:
            guard let data else { throw CommandFailure.usage("the index suite needs --data DIR") }
            try IndexSuite.run(folder: data, threads: threads, kernel: kernel)
        case .embed: try EmbedSuite.run(decisions: decisions)
        case .ingest: try await IngestSuite.run(decisions: decisions)
        case .console: try await ConsoleSuite.run()
        }
    }
}
