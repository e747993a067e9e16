public import Decisions
import VectorIndex

/// The quantization that a store's index shall have, and what became of the rebuild that was to make it.
///
/// It is a record of the store: whoever writes gives the index what was chosen, as soon as there is enough to
/// train on. What could not be made is not tried again before somebody chooses anew.
public struct QuantizationSetting: Sendable, Hashable {
    /// The collection of the record.
    public static let collection = "settings"
    /// The key of the record.
    public static let key = "quantization"
    /// What can be chosen.
    public static let names = Quantization.allCases.map(\.rawValue)

    /// What was chosen: one of the names.
    public let name: String
    /// The job that was started to make it; `nil` before.
    public var job: Int?
    /// How that job ended, where it did not make it.
    public var outcome: Outcome?
    private let quantization: Quantization

    /// How a job ended that made nothing.
    public enum Outcome: Sendable, Hashable {
        /// Somebody stopped it.
        case cancelled
        /// It failed, for a reason.
        case failed(String)
    }

    /// How a choice stands to an index.
    public enum Standing: Sendable, Hashable {
        /// The index has it.
        case present
        /// There are too few vectors to train on.
        case waiting
        /// It is to be made.
        case due
        /// A job makes it.
        case building(Int)
        /// A job that was to make it did not.
        case ended(Outcome)
    }

    /// Chooses one of the names; `nil` for anything else.
    public init?(_ name: String) {
        guard let quantization = Quantization(rawValue: name) else { return nil }
        self.name = name
        self.quantization = quantization
    }

    /// How many different vectors there must be before it is made.
    public var vectorsNeeded: Int { quantization.vectorsNeeded }

    /// Whether its codes name trained centroids.
    public var isTrained: Bool { quantization.isTrained }

    /// That there are fewer vectors than training should read: `3,144 of 10,000 vectors to train on`; `nil` when
    /// there are enough, or nothing is trained.
    public func shortage(distinct: Int) -> String? {
        guard isTrained, distinct < vectorsNeeded else { return nil }
        let needed = PrintedNumber.counted(vectorsNeeded, "vector")
        return "\(PrintedNumber.grouped(distinct)) of \(needed) to train on"
    }

    /// Bytes of one vector's code; where it makes none of its own, those of the exact form.
    public func codeBytes(dimension: Int, exact: Int) -> Int {
        quantization.ownBytes(dimension: dimension) ?? exact
    }

    /// How the choice stands to an index of that quantization and so many different vectors.
    public func standing(present: String, distinct: Int) -> Standing {
        if present == name { return .present }
        if let outcome { return .ended(outcome) }
        if let job { return .building(job) }
        return distinct < vectorsNeeded ? .waiting : .due
    }

    /// The choice in a sentence: `pq8 chosen, trained at 10,000 vectors (3,144 now)`.
    public func sentence(_ standing: Standing, distinct: Int) -> String {
        switch standing {
        case .present: "\(name) in use"
        case .waiting where quantization.isTrained:
            "\(name) chosen, trained at \(PrintedNumber.counted(vectorsNeeded, "vector")) "
                + "(\(PrintedNumber.grouped(distinct)) now)"
        case .waiting: "\(name) chosen, made as soon as there are decisions"
        case .due: "\(name) chosen, made by whoever writes next"
        case .building(let job): "\(name) chosen, made by job \(job)"
        case .ended(.cancelled):
            "\(name) chosen, its rebuild was cancelled: run verdict rebuild --quantization \(name)"
        case .ended(.failed(let reason)):
            "\(name) chosen, its rebuild failed (\(reason)): run verdict rebuild --quantization \(name)"
        }
    }

    /// A write of the choice; one that expects a revision fails when somebody else wrote meanwhile.
    public func change(expected: UInt64? = nil) -> RecordChange {
        RecordChange(collection: Self.collection, key: Self.key, value: json, expected: expected)
    }

    /// The choice as it is kept.
    public var json: JSONValue {
        var object: JSONObject = ["quantization": .string(name)]
        if let job { object["job"] = .number("\(job)") }
        switch outcome {
        case .cancelled: object["outcome"] = .string("cancelled")
        case .failed(let reason):
            object["outcome"] = .string("failed")
            object["reason"] = .string(reason)
        case nil: break
        }
        return .object(object)
    }

    /// Reads a kept choice; `nil` when it is not one.
    public init?(json: JSONValue) {
        guard let object = json.object, let name = object["quantization"]?.text else { return nil }
        self.init(name)
        if let value = object["job"] {
            guard let job = value.number.flatMap({ Int(exactly: $0) }), job > 0 else { return nil }
            self.job = job
        }
        switch (object["outcome"]?.text, object["reason"]?.text) {
        case (nil, nil): guard object["outcome"] == nil, object["reason"] == nil else { return nil }
        case ("cancelled", nil): outcome = .cancelled
        case ("failed", let reason?): outcome = .failed(reason)
        default: return nil
        }
    }
}
