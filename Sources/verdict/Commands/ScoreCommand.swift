import AnomalyDetection
import ArgumentParser
import DecisionLogs
import Decisions
import Operations
import VectorStores

/// Scores the decisions of logs against each other's past; reads no store.
struct ScoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "score", abstract: "Score the decisions of logs, each against those before it.",
        discussion: "All files are read first and ordered by time, then identifier. No store is read.")

    @OptionGroup var logs: LogOptions
    @OptionGroup var settings: ConfigurationOption
    @OptionGroup var output: OutputOptions

    func run() async throws {
        var decisions: [Decision] = []
        let rejected = try LogReading.forEachDecision(logs, config: settings.config) { decisions.append($0) }
        decisions.sort { $0.time == $1.time ? $0.id < $1.id : $0.time < $1.time }
        let scorer = try PastScorer()
        for start in stride(from: 0, to: decisions.count, by: DecisionPipeline.batchSize) {
            try Interruption.check()
            let batch = Array(decisions[start..<min(start + DecisionPipeline.batchSize, decisions.count)])
            for scored in try await scorer.score(batch) { try show(scored) }
        }
        if rejected > 0 { throw CommandExit.someRejected }
    }

    private func show(_ scored: ScoredDecision) throws {
        if output.json {
            try StandardOutput.shared.write(json: [
                "id": .string(scored.id), "time": .time(scored.time), "tenant": .string(scored.tenant),
                "score": .decimal(scored.score, digits: 6), "state": .string(scored.state.rawValue),
                "anomalous": .bool(scored.anomalous), "why": .strings(scored.why),
            ])
            return
        }
        let mark = scored.anomalous ? "▲" : " "
        let why = scored.why.isEmpty ? "" : "  " + scored.why.joined(separator: "; ")
        try StandardOutput.shared.write(
            "\(mark) \(fixed(scored.score, digits: 6))  \(scored.state.rawValue)  "
                + "\(scored.time)  \(printable(scored.id))\(printable(why))\n")
    }
}
