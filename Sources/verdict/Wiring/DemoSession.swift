import AnomalyDetection
import DecisionLogs
import Decisions
import Operations
import PolicyEngine
import VectorStores

/// The demonstration: sample data that ends now, then live traffic in which a story unfolds.
struct DemoSession {
    /// What live traffic is called among the sources.
    static let liveSource = "live traffic"
    /// The tenant that real Kubernetes events are shown under.
    static let kubernetesTenant = "kubernetes"
    /// How long before the start the real events end, in seconds, so that live charts stay readable.
    static let kubernetesEndSeconds: Int64 = 900
    /// Pause between two batches of live traffic.
    static let livePause = Duration.milliseconds(100)

    private let pipeline: DecisionPipeline
    private let detection: DetectionService
    private let board: SourceBoard
    private let start: Timestamp
    private var script: DemoScript

    /// Creates the demonstration that starts at a time.
    init(
        seed: UInt64, start: Timestamp, pipeline: DecisionPipeline, detection: DetectionService,
        board: SourceBoard
    ) throws {
        self.pipeline = pipeline
        self.detection = detection
        self.board = board
        self.start = start
        script = DemoScript(seed: seed, start: start, policies: try SamplePolicySet.load())
    }

    /// Takes the sample data in.
    mutating func fill(progress: @Sendable (LoadingProgress) async -> Void) async throws {
        let history = script.history().map(\.decision)
        let events = try SampleData.kubernetesEvents(
            endingAt: start.advanced(bySeconds: -Self.kubernetesEndSeconds), tenant: Self.kubernetesTenant)
        let total = history.count + events.count
        var done = 0
        for (name, decisions) in [("sample traffic", history), ("sample kubernetes audit", events)] {
            guard !decisions.isEmpty else { continue }
            board.begin(name, following: false)
            for place in stride(from: 0, to: decisions.count, by: DecisionPipeline.batchSize) {
                try Task.checkCancellation()
                let batch = Array(decisions[place..<min(place + DecisionPipeline.batchSize, decisions.count)])
                let counts = try await pipeline.accept(batch)
                board.note(
                    name, accepted: counts.accepted + counts.merged + counts.conflicts, rejected: 0,
                    lastEvent: batch.last?.time)
                done += batch.count
                await progress(
                    LoadingProgress(
                        what: "loading sample data", fraction: Double(done) / Double(total), done: done))
            }
            board.end(name)
        }
        // Made up, it has nobody who was missed while it was learnt.
        await detection.takeUnjudgedAsOrdinary()
        try await resolvePast()
    }

    /// Resolves what the past brought up, as the shift before would have: the story starts quiet.
    private func resolvePast() async throws {
        for incident in await detection.snapshot().incidents where incident.state != .resolved {
            _ = try await detection.setState(.resolved, ofIncident: incident.id, by: "earlier shift")
        }
    }

    /// Takes in at once what the live traffic says up to a time, for a picture.
    mutating func tell(until end: Timestamp) async throws {
        board.begin(Self.liveSource, following: true)
        let decisions = script.decisions(until: end).map(\.decision)
        for place in stride(from: 0, to: decisions.count, by: DecisionPipeline.batchSize) {
            let batch = Array(decisions[place..<min(place + DecisionPipeline.batchSize, decisions.count)])
            let counts = try await pipeline.accept(batch)
            board.note(
                Self.liveSource, accepted: counts.accepted, rejected: 0, lastEvent: batch.last?.time)
        }
    }

    /// Records live traffic until the task is cancelled.
    ///
    /// Decisions go through a recorder, as from an engine in production: recording never waits.
    mutating func runLive(recorder: DecisionRecorder, clock: @Sendable () -> Timestamp) async {
        while !Task.isCancelled {
            for generated in script.decisions(until: clock()) { recorder.record(generated.decision) }
            try? await Task.sleep(for: Self.livePause)
        }
    }
}
