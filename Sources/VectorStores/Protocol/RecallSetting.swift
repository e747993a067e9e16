public import Decisions

/// The least recall that searches of a store shall have, and the breadth that a measurement chose for it.
///
/// It is a record of the store: a search that names no breadth walks with the one that was chosen.
public struct RecallSetting: Sendable, Hashable {
    /// The collection of the record.
    public static let collection = "settings"
    /// The key of the record.
    public static let key = "recall"
    /// What can be asked for.
    public static let targets = 0.5...0.999
    /// What a stored breadth may be.
    static let breadths = 1...SearchRequest.maximumBreadth

    /// The recall at 10 that is asked for, 0 to 1.
    public var target: Double
    /// What was measured; `nil` until there are entries to measure with.
    public var measurement: Measurement?

    /// What a breadth was chosen by.
    public struct Measurement: Sendable, Hashable {
        /// The breadth that was chosen (the paper's ef).
        public var breadth: Int
        /// The recall at 10 that it has, tie-aware.
        public var recall: Double
        /// The median time of a search with it, in microseconds.
        public var p50Microseconds: Double
        /// How many different vectors there were.
        public var distinct: Int
        /// When it was measured.
        public var time: Timestamp

        /// Creates a measurement.
        public init(breadth: Int, recall: Double, p50Microseconds: Double, distinct: Int, time: Timestamp) {
            self.breadth = breadth
            self.recall = recall
            self.p50Microseconds = p50Microseconds
            self.distinct = distinct
            self.time = time
        }
    }

    /// Creates a setting.
    public init(target: Double, measurement: Measurement? = nil) {
        self.target = target
        self.measurement = measurement
    }

    /// Whether the chosen breadth has the recall that is asked for; `nil` before anything was measured.
    public var isReached: Bool? { measurement.map { $0.recall >= target } }

    /// The setting as it is kept.
    public var json: JSONValue {
        var object: JSONObject = ["target": .number("\(target)")]
        if let measurement {
            object["breadth"] = .number("\(measurement.breadth)")
            object["recall"] = .number("\(measurement.recall)")
            object["p50_us"] = .number("\(measurement.p50Microseconds)")
            object["distinct"] = .number("\(measurement.distinct)")
            object["time"] = .string(measurement.time.description)
        }
        return .object(object)
    }

    /// Reads a kept setting; `nil` when it is not one.
    public init?(json: JSONValue) {
        guard let object = json.object, let target = object["target"]?.number,
            Self.targets.contains(target)
        else { return nil }
        self.init(target: target)
        guard object["breadth"] != nil else { return }
        guard let breadth = object["breadth"]?.number.flatMap({ Int(exactly: $0) }),
            Self.breadths.contains(breadth), let recall = object["recall"]?.number, (0...1).contains(recall),
            let p50 = object["p50_us"]?.number, p50 >= 0,
            let distinct = object["distinct"]?.number.flatMap({ Int(exactly: $0) }), distinct >= 0,
            let time = object["time"]?.text.flatMap({ Timestamp($0) })
        else { return nil }
        measurement = Measurement(
            breadth: breadth, recall: recall, p50Microseconds: p50, distinct: distinct, time: time)
    }
}
