public import AnomalyDetection
public import Decisions
public import VectorStores

/// Runs the periodic pass at an interval, in the process that detects, and keeps what it did.
public actor PassKeeper {
    /// Pause between two looks whether one is due.
    public static let pause = Duration.seconds(2)

    private let store: any DecisionStore
    private let detection: DetectionService
    private let interval: Int64?
    private let clock: @Sendable () -> Timestamp
    private let instant: @Sendable () -> Double
    private let tell: @Sendable (String) -> Void
    private var isDetecting = false
    private var nextDue: Timestamp?
    private var trouble: String?

    /// Creates a keeper; without an interval it runs none.
    ///
    /// `tell` is told in a sentence what a run found, or why it was not ended.
    public init(
        store: any DecisionStore, detection: DetectionService, every interval: Int64?,
        clock: @escaping @Sendable () -> Timestamp,
        instant: @escaping @Sendable () -> Double = DrillKeeper.secondsOfThisProcess,
        tell: @escaping @Sendable (String) -> Void
    ) {
        self.store = store
        self.detection = detection
        self.interval = interval
        self.clock = clock
        self.instant = instant
        self.tell = tell
    }

    /// Runs passes as they are due until the task is cancelled, behind all that is more urgent.
    public func run() async {
        let looks = Task(priority: .background) {
            while !Task.isCancelled {
                await look()
                try? await Task.sleep(for: Self.pause)
            }
        }
        await withTaskCancellationHandler {
            await looks.value
        } onCancel: {
            looks.cancel()
        }
    }

    /// Runs a pass if one is due; the first comes an interval after detection began, so that a start is quick.
    public func look() async {
        guard let interval else { return }
        guard await detection.isScoring else {
            isDetecting = false
            return
        }
        do {
            if !isDetecting {
                let last = try await PassRecord.last(of: store)
                let now = clock()
                // A clock that was set back must not put it off.
                let isKnown = last.map { $0.began <= now } ?? false
                let due = (isKnown ? last?.began : nil) ?? now
                nextDue = due.advanced(bySeconds: interval)
                isDetecting = true
            }
            guard let due = nextDue, clock() >= due else { return }
            try await pass(every: interval)
            trouble = nil
        } catch  where error.isCancellation {
            return
        } catch {
            let sentence = "\(error)"
            if sentence != trouble { tell("the periodic pass was not ended: \(sentence)") }
            trouble = sentence
        }
    }

    private func pass(every interval: Int64) async throws {
        let (began, start) = (clock(), instant())
        // Whatever becomes of it: one that fails is not tried again at once.
        let next = began.advanced(bySeconds: interval)
        nextDue = next
        func record(_ report: PassReport, problem: String? = nil) -> PassRecord {
            PassRecord(
                began: began, seconds: max(0, instant() - start), report: report, next: next,
                problem: problem)
        }
        do {
            guard let report = try await detection.pass() else { return }
            // Another process that took over meanwhile has told of its own.
            guard try await detection.writeDetecting([record(report).change]) else { return }
            if report.findings > 0 { tell("the periodic pass: \(report.sentence)") }
        } catch  where error.isCancellation {
            throw error
        } catch {
            _ = try? await detection.writeDetecting([record(PassReport(), problem: "\(error)").change])
            throw error
        }
    }
}
