/// The log formats by the names that options use.
public enum DecisionLogFormat: String, Sendable, Hashable, CaseIterable {
    /// Told from each line.
    case auto
    /// Native lines.
    case verdict
    /// Open Policy Agent decision logs.
    case opa
    /// Cerbos audit logs.
    case cerbos
    /// Kubernetes audit events, and the entries of Google Kubernetes Engine.
    case kubernetes
    /// AWS CloudTrail records.
    case cloudtrail
    /// Amazon Verified Permissions, inside CloudTrail.
    case avp
    /// OpenFGA server logs.
    case openfga
    /// SpiceDB audit events.
    case spicedb
}
