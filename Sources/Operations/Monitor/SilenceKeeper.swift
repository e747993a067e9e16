public import AnomalyDetection
public import Decisions

/// Makes an incident of each followed source that falls silent, and notes in it when the source is heard again.
public actor SilenceKeeper {
    /// Pause between two looks at the sources.
    public static let interval = Duration.seconds(2)

    private let board: SourceBoard
    private let detection: DetectionService
    private let clock: @Sendable () -> Timestamp
    private let tell: @Sendable (String) -> Void
    private var watch: SilenceWatch
    /// The last reason for which nothing could be raised, so that it is told once.
    private var trouble: String?

    /// Creates a keeper; `tell` is told in a sentence what could not be raised.
    public init(
        board: SourceBoard, detection: DetectionService, clock: @escaping @Sendable () -> Timestamp,
        tell: @escaping @Sendable (String) -> Void
    ) {
        self.board = board
        self.detection = detection
        self.clock = clock
        self.tell = tell
        watch = SilenceWatch(host: detection.host)
    }

    /// Looks until the task is cancelled.
    public func run() async {
        while !Task.isCancelled {
            await look()
            try? await Task.sleep(for: Self.interval)
        }
    }

    /// Looks once; what cannot be raised now is raised by a later look.
    public func look() async {
        watch.look(at: board.summaries(elapsedSeconds: 0), now: clock())
        for (source, signal) in watch.due {
            do {
                try await detection.raise(signal)
                watch.told(signal, of: source)
                trouble = nil
            } catch is CancellationError {
                return
            } catch {
                let reason = "\(error)"
                if reason != trouble { tell("that \(source) is silent could not be told: \(reason)") }
                trouble = reason
                return
            }
        }
    }
}
