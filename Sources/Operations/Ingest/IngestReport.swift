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
    /// Not readable.
    public var rejected = 0
    /// Flagged as anomalous.
    public var anomalous = 0
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
        anomalous += counts.anomalous
        skipped += counts.expired
        read += counts.accepted + counts.duplicates + counts.merged + counts.conflicts + counts.expired
    }

    /// Notes an item that is in order and no decision.
    public mutating func skip() {
        read += 1
        skipped += 1
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
