public import Decisions
public import VectorStores

/// The last run of the periodic pass over a store, as every process reads it.
public struct PassRecord: Sendable, Hashable {
    /// When it began.
    public var began: Timestamp
    /// How long it took, in seconds.
    public var seconds: Double
    /// What it did.
    public var report: PassReport
    /// When the next one begins.
    public var next: Timestamp
    /// Why it did not come to its end; `nil` when it did.
    public var problem: String?

    /// The collection it is kept in.
    public static let collection = "passes"
    /// Its key there.
    public static let key = "last"
    /// What its check is called.
    public static let checkName = "pass"

    /// Creates a record.
    public init(
        began: Timestamp, seconds: Double, report: PassReport, next: Timestamp, problem: String? = nil
    ) {
        self.began = began
        self.seconds = seconds
        self.report = report
        self.next = next
        self.problem = problem
    }

    /// The last run over a store; `nil` when there was none, or when what is kept of it cannot be read.
    public static func last(of store: any RecordStore) async throws -> PassRecord? {
        guard let value = try await store.record(in: collection, key: key)?.value else { return nil }
        return try? PassRecord(json: value)
    }

    /// What keeps it in a store as the last run, for ``DetectionService/writeDetecting(_:)``.
    public var change: RecordChange {
        RecordChange(collection: Self.collection, key: Self.key, value: json)
    }

    /// The record as it is saved.
    var json: JSONValue {
        .object([
            "began": .string(began.description), "seconds": .double(seconds),
            "looked": .integer(report.looked), "principals": .integer(report.principals),
            "rescored": .integer(report.rescored), "drifts": .integer(report.drifts),
            "strange": .integer(report.strange), "incidents": .texts(report.incidents),
            "next": .string(next.description), "problem": problem.map { .string($0) } ?? .null,
        ])
    }

    /// Reads a saved record.
    init(json: JSONValue) throws(IncidentError) {
        let fields = try JSONFields(json, name: "pass")
        began = try fields.time("began")
        guard case .number(let text)? = fields["seconds"], let seconds = Double(text), seconds >= 0,
            seconds < 1e9
        else { throw fields.damage("seconds") }
        self.seconds = seconds
        report = PassReport()
        report.looked = try fields.integer("looked")
        report.principals = try fields.integer("principals")
        report.rescored = try fields.integer("rescored")
        report.drifts = try fields.integer("drifts")
        report.strange = try fields.integer("strange")
        report.incidents = try fields.texts("incidents")
        next = try fields.time("next")
        if case .string(let text)? = fields["problem"] { problem = text }
    }

    /// What health says of it.
    public func check(at now: Timestamp) -> HealthCheck {
        var detail =
            "last run \(began) took \(Self.tenths(seconds)) s: \(report.sentence); "
        detail += now > next ? "the next is due since \(next)" : "next run \(next)"
        if let problem { detail = "the run of \(began) was not ended: \(problem); next run \(next)" }
        return HealthCheck(
            name: Self.checkName, status: problem == nil ? .ok : .degraded, since: began, detail: detail)
    }

    private static func tenths(_ seconds: Double) -> String {
        let tenths = Int((min(seconds, 1e9) * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}

/// What one run of the periodic pass did.
public struct PassReport: Sendable, Hashable {
    /// Recent decisions that were looked at.
    public var looked = 0
    /// Principals whose mix was compared with their past.
    public var principals = 0
    /// Decisions that were scored again, since nobody judged them when they came.
    public var rescored = 0
    /// Principals that were found to have drifted and are told for the first time.
    public var drifts = 0
    /// Decisions that were found strange by hindsight.
    public var strange = 0
    /// The incidents that were opened, in the order in which they were.
    public var incidents: [String] = []

    /// A report of nothing.
    public init() {}

    /// What was found: drifts, and decisions found strange by hindsight.
    public var findings: Int { drifts + strange }

    /// What was done, in words: `812 decisions of 14 principals looked at, 3 scored again, nothing found`.
    public var sentence: String {
        let found =
            switch findings {
            case 0: "nothing found"
            case 1: "1 finding"
            default: "\(findings) findings"
            }
        let named = incidents.isEmpty ? "" : " (\(incidents.prefix(5).joined(separator: ", ")))"
        return "\(PrintedNumber.counted(looked, "decision")) looked at, "
            + "\(PrintedNumber.counted(principals, "principal")) compared, \(rescored) scored again, "
            + "\(found)\(named)"
    }
}
