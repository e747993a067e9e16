public import Decisions
import VectorStores

/// Carries decisions from a recorder into a store, in batches, until it is cancelled.
///
/// The engine that records never waits for it. A batch that the store does not take is held and tried again
/// with growing pauses: meanwhile the recorder fills up, and drops and counts what is too much, so that memory
/// stays bounded. What the store will never take is counted as lost. What is in the recorder when the worker is
/// cancelled is still carried over before it ends.
public struct EmbeddingWorker: Sendable {
    /// The longest pause before a store is asked again.
    public static let longestPause = Duration.seconds(30)
    private static let firstPause = Duration.milliseconds(500)
    private static let idlePause = Duration.milliseconds(20)

    /// What is held and what was lost.
    public let progress = WorkerProgress()

    private let recorder: DecisionRecorder
    private let pipeline: DecisionPipeline
    private let log: EventLog
    private let sleep: @Sendable (Duration) async throws -> Void
    private let report: @Sendable (DecisionPipeline.Counts, Timestamp?) -> Void

    /// Creates a worker; `report` is told of each batch and the newest time in it.
    public init(
        recorder: DecisionRecorder, pipeline: DecisionPipeline, log: EventLog,
        report: @escaping @Sendable (DecisionPipeline.Counts, Timestamp?) -> Void = { _, _ in },
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        self.recorder = recorder
        self.pipeline = pipeline
        self.log = log
        self.sleep = sleep
        self.report = report
    }

    /// Works until the task is cancelled and the recorder is empty.
    public func run() async {
        progress.begin()
        defer { progress.end() }
        while true {
            let batch = recorder.drain(max: DecisionPipeline.batchSize)
            if batch.isEmpty {
                if Task.isCancelled { return }
                try? await sleep(Self.idlePause)
                continue
            }
            if let lost = await carry(batch[...]) {
                log.write(
                    .error, "worker",
                    "\(lost.count) of \(batch.count) decisions could not be stored: \(lost.reason)")
            }
            // Memory that was touched before costs who records no page faults.
            recorder.recycle(batch)
        }
    }

    /// Decisions that were given up, and why.
    private struct Lost {
        var count: Int
        var reason: String
    }

    /// Brings a batch into the store, however long that takes; `nil` when all of it got there.
    private func carry(_ batch: ArraySlice<Decision>) async -> Lost? {
        var failures = 0
        while true {
            // Who is cancelled tries once more and waits for nobody.
            let isLast = Task.isCancelled
            do {
                let counts = try await pipeline.accept(Array(batch))
                if failures > 0 { log.write(.info, "worker", "the store takes decisions again") }
                progress.carry(batch.count)
                report(counts, batch.map(\.time).max())
                return nil
            } catch {
                if Self.isFinal(error), batch.count > 1 {
                    // It may be about a single one, which must not take the others with it.
                    let middle = batch.startIndex + batch.count / 2
                    let first = await carry(batch[..<middle])
                    let second = await carry(batch[middle...])
                    guard let first, let second else { return first ?? second }
                    return Lost(count: first.count + second.count, reason: second.reason)
                }
                if Self.isFinal(error) || isLast {
                    progress.lose(batch.count, because: "\(error)")
                    return Lost(count: batch.count, reason: "\(error)")
                }
                progress.hold(batch.count, because: "\(error)")
                if failures == 0 {
                    log.write(
                        .warning, "worker",
                        "\(batch.count) decisions wait, and are tried again: \(error)")
                }
                try? await sleep(Self.pause(after: failures))
                failures += 1
            }
        }
    }

    /// How long to wait after so many failures before: twice as long each time.
    static func pause(after failures: Int) -> Duration {
        failures > 6 ? longestPause : min(longestPause, firstPause * (1 << failures))
    }

    /// Whether asking again gives the same answer: it is about what was asked, not about the store as it is now.
    private static func isFinal(_ error: any Error) -> Bool {
        guard let error = error as? StoreError else { return false }
        switch error.code {
        case .usage, .unknownID, .ambiguousID, .unsupported: return true
        case .missing, .locked, .readOnly, .corrupt, .inputOutput, .revisionConflict, .failed, .cancelled:
            return false
        }
    }
}
