internal import Decisions

/// What a record is, told apart more finely than by the names that options use.
enum RecordShape: Equatable {
    /// A native line.
    case verdict
    /// A decision log event of Open Policy Agent.
    case opa
    /// An audit log entry of Cerbos.
    case cerbos
    /// An audit event of a Kubernetes API server.
    case kubernetes
    /// An audit log entry of Google Kubernetes Engine; `--format kubernetes` means it too.
    case gke
    /// A CloudTrail record.
    case cloudtrail
    /// A call of Amazon Verified Permissions, which is a CloudTrail record.
    case avp
    /// A request that an OpenFGA server logged.
    case openfga
    /// An audit event of SpiceDB.
    case spicedb
    /// A line that a program logs beside its decisions.
    case otherLog

    /// The shape that a named format has by itself; nil for `auto`.
    init?(_ format: DecisionLogFormat) {
        switch format {
        case .auto: return nil
        case .verdict: self = .verdict
        case .opa: self = .opa
        case .cerbos: self = .cerbos
        case .kubernetes: self = .kubernetes
        case .cloudtrail: self = .cloudtrail
        case .avp: self = .avp
        case .openfga: self = .openfga
        case .spicedb: self = .spicedb
        }
    }

    /// The shape by which a record that looks like this one is read where a format is named.
    ///
    /// The name is taken at its word, but for records that lie in the same log.
    func read(as format: DecisionLogFormat) -> RecordShape {
        switch (format, self) {
        case (.auto, _), (_, .otherLog), (.kubernetes, .gke), (.cloudtrail, .avp), (.avp, .cloudtrail): self
        default: RecordShape(format) ?? self
        }
    }

    /// Reads a record of this shape and adds what it came to; what is thrown is why it is rejected.
    ///
    /// Mappings say where events of Open Policy Agent have their fields.
    func parse(
        _ record: Span<UInt8>, limits: JSONLimits, mappings: [OPAMapping], into items: inout [ParsedItem]
    ) throws {
        switch self {
        case .verdict: items.append(.decision(try Decision(parsing: record, limits: limits)))
        case .kubernetes: items.append(try KubernetesEvent.parse(record, limits: limits))
        case .opa: try OPAEvent(mappings: mappings).parse(record, limits: limits, into: &items)
        case .cerbos: try CerbosEntry.parse(record, limits: limits, into: &items)
        case .gke: try GKEEntry.parse(record, limits: limits, into: &items)
        case .cloudtrail: try CloudTrailRecord.parse(record, limits: limits, into: &items)
        case .avp: try VerifiedPermissionsCall.parse(record, limits: limits, into: &items)
        case .openfga: try OpenFGACheck.parse(record, limits: limits, into: &items)
        case .spicedb: try SpiceDBCheck.parse(record, limits: limits, into: &items)
        case .otherLog:
            _ = try JSONReader.read(record, limits: limits) { try $0.skip() }
            items.append(.skipped(.notADecision))
        }
    }
}
