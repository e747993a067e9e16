/// The parts of a snapshot file, in the order they are written.
enum SnapshotSection: UInt32, CaseIterable {
    case configuration = 1
    case codes
    case overflow
    case scales
    case offsets
    case residuals
    case residualScales
    case links
    case levels
    case partitions
    case upperLinks
    case postingCounts
    case postingRows

    /// The name told when the section is damaged.
    var name: String {
        switch self {
        case .configuration: "configuration"
        case .codes: "codes"
        case .overflow: "overflow"
        case .scales: "scales"
        case .offsets: "offsets"
        case .residuals: "residuals"
        case .residualScales: "residual scales"
        case .links: "links"
        case .levels: "levels"
        case .partitions: "partitions"
        case .upperLinks: "upper links"
        case .postingCounts: "posting counts"
        case .postingRows: "posting rows"
        }
    }
}

/// The fixed start of a snapshot file and of each of its sections; all integers are little-endian.
///
/// File: "VDINDEX1", version, number of sections. Section: its number, CRC-32C, length in bytes, then its
/// bytes padded to 64.
enum SnapshotFormat {
    static let magic: [UInt8] = Array("VDINDEX1".utf8)
    static let version: UInt32 = 2
    static let headerBytes = 16
    static let sectionHeaderBytes = 16
    static let alignment = 64
}
