public import DecisionLogs
import Decisions

/// Reads logs into a store: once to their end, or as they grow.
public struct LogIngester: Sendable {
    /// How far reading is.
    public struct Progress: Sendable {
        /// The file being read.
        public var file: String
        /// Bytes of it read.
        public var bytesRead: Int
        /// Bytes it has; `nil` when not known.
        public var bytes: Int?
        /// What became of everything so far.
        public var report: IngestReport
    }

    /// Pause between two looks at a followed file.
    public static let followPause = Duration.milliseconds(250)

    private let pipeline: DecisionPipeline
    let parser: LineParser
    let board: SourceBoard?

    /// Creates an ingester; a board is told how each source is doing.
    public init(pipeline: DecisionPipeline, parser: LineParser, board: SourceBoard? = nil) {
        self.pipeline = pipeline
        self.parser = parser
        self.board = board
    }

    /// Reads sources to their end, one after the other.
    ///
    /// A source that cannot be read on, and one of several that cannot be opened, is a reject and keeps no
    /// other from being read. Throws what a single source or the store throws; everything reported so far
    /// is acknowledged. Cancelling ends it at the next batch, also while nothing comes.
    public func ingest(
        _ sources: [LogSource], into report: inout IngestReport,
        progress: (Progress) throws -> Void = { _ in }
    ) async throws {
        let started = ContinuousClock().now
        defer { report.seconds = secondsBetween(started, ContinuousClock().now) }
        for source in sources {
            board?.begin(source.path, following: false)
            do {
                let reader = try LogReader(source, parser: parser, amongOthers: sources.count > 1)
                try await ingest(reader, into: &report, progress: progress)
                board?.end(source.path)
            } catch {
                board?.end(source.path, failure: "\(error)")
                throw error
            }
        }
    }

    private func ingest(
        _ reader: consuming LogReader, into report: inout IngestReport, progress: (Progress) throws -> Void
    ) async throws {
        let source = reader.source
        var pending: [Decision] = []
        while let items = reader.nextBatch() {
            try Task.checkCancellation()
            sort(items, of: source.path, from: source.path, into: &pending, &report)
            while pending.count >= DecisionPipeline.batchSize {
                let batch = Array(pending.prefix(DecisionPipeline.batchSize))
                pending.removeFirst(batch.count)
                try await accept(batch, from: source.path, into: &report)
            }
            if !pending.isEmpty, reader.isWaiting {
                // Whoever writes may take hours for the rest: what has come is stored now.
                try await accept(pending, from: source.path, into: &report)
                pending = []
            }
            try progress(
                Progress(
                    file: source.path, bytesRead: reader.bytesRead, bytes: source.sizeBytes, report: report))
        }
        if !pending.isEmpty { try await accept(pending, from: source.path, into: &report) }
        try progress(
            Progress(file: source.path, bytesRead: reader.bytesRead, bytes: source.sizeBytes, report: report))
    }

    /// Reads files from where they were left, else from their beginning, and goes on as they grow, until the task is
    /// cancelled.
    ///
    /// Neither a file that cannot be read nor a store that does not accept ends it: `tell` is told of either in a
    /// sentence with how serious it is, and of where it goes on.
    public func follow(
        _ paths: [String], options: FollowOptions = FollowOptions(),
        progress: @Sendable (IngestReport) -> Void = { _ in },
        tell: @escaping @Sendable (LogLine.Level, String) -> Void = { _, _ in }
    ) async -> IngestReport {
        var leftOut = LeftOutFiles()
        _ = LogSource.expand(paths, leftOut: &leftOut)
        if let sentence = leftOut.sentence { tell(.warning, sentence) }
        let started = ContinuousClock().now
        var positions = PositionSaving(options.keeper, tell: tell)
        let kept = await positions.load(paths, parser: parser)
        var following = LogFollowing(
            paths, ingester: self, options: options, resuming: options.isFromStart ? [:] : kept, tell: tell
        )
        for path in paths { board?.begin(path, following: true) }
        while !Task.isCancelled {
            let isHurried = await following.turn(at: ContinuousClock.now)
            positions.saveIfDue(at: ContinuousClock.now)
            progress(following.report)
            if !isHurried { try? await Task.sleep(for: Self.followPause) }
        }
        // What was held back is no longer waited for. The task is cancelled, and this is not.
        let (rest, last) = (following.rest, positions)
        var report = await Task { await Self.end(rest, last, tell: tell) }.value
        for path in paths { board?.end(path) }
        report.seconds = secondsBetween(started, ContinuousClock().now)
        return report
    }

    private static func end(
        _ rest: FollowedRest, _ positions: PositionSaving, tell: @Sendable (LogLine.Level, String) -> Void
    ) async -> IngestReport {
        var rest = rest
        do {
            try await rest.settle(at: ContinuousClock.now)
        } catch {
            tell(
                .warning,
                "what was read last is not stored: \(error); it is read again when this is followed again")
        }
        await positions.saveLast()
        return rest.report
    }

    /// Puts the decisions of a file aside and counts the rest; the board knows it as a source.
    func sort(
        _ items: [LogItem], of path: String, from source: String, into pending: inout [Decision],
        _ report: inout IngestReport
    ) {
        var leftOut = 0
        var rejected = 0
        var lastReject: String?
        for item in items {
            switch item.item {
            case .decision(let decision):
                pending.append(decision)
            case .skipped(let reason):
                if reason == .dropped || reason == .sampledOut { leftOut += 1 }
                report.skip(reason)
            case .rejected(let reason):
                rejected += 1
                lastReject = (path == source ? "" : "\(path), ") + "line \(item.line): \(reason)"
                report.reject(file: path, line: item.line, reason: reason)
            }
        }
        if rejected > 0 || leftOut > 0 {
            board?.note(
                source, accepted: 0, rejected: rejected, leftOut: leftOut, lastEvent: nil,
                lastReject: lastReject)
        }
    }

    /// Hands decisions of a source to the store and counts what became of them.
    func accept(
        _ batch: [Decision], from source: String, into report: inout IngestReport
    ) async throws {
        let counts = try await pipeline.accept(batch)
        report.add(counts)
        board?.note(
            source, accepted: counts.accepted + counts.merged + counts.conflicts,
            duplicates: counts.duplicates, rejected: 0, lastEvent: batch.map(\.time).max())
    }
}
