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
    case quantizedCodes
    case quantizedScales
    case centroidCounts
    case centroids

    /// Those that only an index with smaller codes has.
    static let quantized: [SnapshotSection] = [
        .quantizedCodes, .quantizedScales, .centroidCounts, .centroids,
    ]

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
        case .quantizedCodes: "quantized codes"
        case .quantizedScales: "quantized scales"
        case .centroidCounts: "centroid counts"
        case .centroids: "centroids"
        }
    }
}

/// The fixed start of a snapshot file and of each of its sections; all integers are little-endian.
///
/// File: "VDINDEX1", version, number of sections. Section: its number, CRC-32C, length in bytes, then its
/// bytes. The bytes follow their header; from version 3 on, those of a long section begin at the next page of the
/// file, so that they can be mapped. The next section begins at a multiple of 64, before version 3 at one from
/// where the bytes began.
enum SnapshotFormat {
    static let magic: [UInt8] = Array("VDINDEX1".utf8)
    static let version: UInt32 = 3
    /// The oldest version that is still read.
    static let oldestVersion: UInt32 = 2
    static let headerBytes = 16
    static let sectionHeaderBytes = 16
    static let alignment = 64
    static let pageBytes = 4_096

    /// Sections of fewer bytes are not worth being mapped.
    static let longBytes: UInt64 = 16 * 4_096

    /// Where a section's bytes begin whose header is at `offset`.
    static func begin(ofSectionAt offset: Int, length: UInt64, version: UInt32) -> Int {
        let end = offset + sectionHeaderBytes
        return version < 3 || length < longBytes ? end : (end + pageBytes - 1) & ~(pageBytes - 1)
    }

    /// Where the section begins that follows `length` bytes which end at `end`.
    static func next(after end: Int, length: Int, version: UInt32) -> Int {
        version < 3 ? end + (-length & (alignment - 1)) : (end + alignment - 1) & ~(alignment - 1)
    }
}
