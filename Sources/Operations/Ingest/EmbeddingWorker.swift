public import Decisions

/// Carries decisions from a recorder into a store, in batches, until it is cancelled.
///
/// The engine that records never waits for it. What is in the recorder when the worker is
/// cancelled is still carried over before it ends.
public struct EmbeddingWorker: Sendable {
    private static let idlePause = Duration.milliseconds(20)

    private let recorder: DecisionRecorder
    private let pipeline: DecisionPipeline
    private let log: EventLog
    private let report: @Sendable (DecisionPipeline.Counts, Timestamp?) -> Void

    /// Creates a worker; `report` is told of each batch and the newest time in it.
    public init(
        recorder: DecisionRecorder, pipeline: DecisionPipeline, log: EventLog,
        report: @escaping @Sendable (DecisionPipeline.Counts, Timestamp?) -> Void = { _, _ in }
    ) {
        self.recorder = recorder
        self.pipeline = pipeline
        self.log = log
        self.report = report
    }

    /// Works until the task is cancelled and the recorder is empty.
    public func run() async {
        while true {
            let batch = recorder.drain(max: DecisionPipeline.batchSize)
            if batch.isEmpty {
                if Task.isCancelled { return }
                try? await Task.sleep(for: Self.idlePause)
                continue
            }
            await carry(batch)
        }
    }

    private func carry(_ batch: [Decision]) async {
        do {
            let counts = try await pipeline.accept(batch)
            report(counts, batch.map(\.time).max())
        } catch {
            log.write(.error, "worker", "\(batch.count) decisions could not be stored: \(error)")
        }
    }
}
