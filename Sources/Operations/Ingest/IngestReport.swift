public import DecisionLogs

/// What became of everything that was read from some logs.
public struct IngestReport: Sendable, Hashable {
    /// Decisions, and lines or items that yield none: the sum of the six below.
    public var read = 0
    /// Stored.
    public var accepted = 0
    /// Already there.
    public var duplicates = 0
    /// Later stages that followed.
    public var merged = 0
    /// Same identity, other content: stored beside.
    public var conflicts = 0
    /// In order, and no decision, or one older than what the store keeps.
    public var skipped = 0
    /// Of these, decisions that a rule leaves out.
    public var dropped = 0
    /// Of these, decisions outside the sample that a rule keeps.
    public var sampledOut = 0
    /// Not readable.
    public var rejected = 0
    /// Scored.
    public var scored = 0
    /// Flagged as anomalous.
    public var anomalous = 0
    /// Older than what had gone on already by more than what following holds back.
    public var late = 0
    /// Later than the clock of this machine.
    public var ahead = 0
    /// By how many seconds at most.
    public var aheadSeconds: Int64 = 0
    /// Stretches of a followed log's time without any decision.
    public var gaps = 0
    /// Wall time, in seconds.
    public var seconds = 0.0
    /// The first rejected lines.
    public var rejects: [Reject] = []

    /// How many rejects are kept.
    public static let maximumRejects = 10

    /// A rejected line.
    public struct Reject: Sendable, Hashable {
        /// The file, `-` for standard input.
        public var file: String
        /// The line, from 1.
        public var line: Int
        /// What is wrong with it.
        public var reason: String

        /// Creates a reject.
        public init(file: String, line: Int, reason: String) {
            self.file = file
            self.line = line
            self.reason = reason
        }
    }

    /// Creates an empty report.
    public init() {}

    /// Adds what became of a batch of decisions.
    public mutating func add(_ counts: DecisionPipeline.Counts) {
        accepted += counts.accepted
        duplicates += counts.duplicates
        merged += counts.merged
        conflicts += counts.conflicts
        scored += counts.scored
        anomalous += counts.anomalous
        skipped += counts.expired
        read += counts.accepted + counts.duplicates + counts.merged + counts.conflicts + counts.expired
    }

    /// Adds what was noticed of the order of decisions.
    mutating func add(_ order: FollowedLane.Order) {
        late += order.late
        ahead += order.ahead
        aheadSeconds = max(aheadSeconds, order.aheadSeconds)
        gaps += order.gaps.count
    }

    /// Notes an item that is in order and not taken in.
    public mutating func skip(_ reason: SkipReason = .notADecision) {
        read += 1
        skipped += 1
        switch reason {
        case .dropped: dropped += 1
        case .sampledOut: sampledOut += 1
        case .blank, .emptyContainer, .notADecision, .contentDropped: break
        }
    }

    /// Notes an item that is not readable.
    public mutating func reject(file: String, line: Int, reason: String) {
        read += 1
        rejected += 1
        if rejects.count < Self.maximumRejects {
            rejects.append(Reject(file: file, line: line, reason: reason))
        }
    }
}
