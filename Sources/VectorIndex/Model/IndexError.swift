import Glibc

/// Why an index refused a vector, a row, a configuration or a file.
public enum IndexError: Error, Sendable, Equatable {
    /// The vector has another number of dimensions than the index.
    case dimension(expected: Int, found: Int)
    /// The vector is of another kind than the index holds.
    case element(expected: VectorElement)
    /// The index measures similarity otherwise.
    case metric(expected: Metric)
    /// A value or scale is infinite or not a number.
    case notFinite
    /// A zero vector has no direction, so it has no cosine.
    case zeroVector
    /// The row is already in the index.
    case rowTaken(Row)
    /// The row or partition number is beyond its limit.
    case numberBeyondLimit(name: String, value: UInt32, limit: UInt32)
    /// The index holds as many distinct vectors as it can.
    case full(nodes: Int)
    /// A setting is outside its bounds.
    case configuration(name: String, value: Int, bounds: ClosedRange<Int>)
    /// This processor lacks the instructions of the kernel level asked for.
    case kernelMissing(KernelLevel)
    /// The system refused memory for a part of the index.
    case memory(part: String, bytes: Int)
    /// The operation was cancelled; nothing changed.
    case cancelled
    /// A rebuild is already running.
    case rebuilding
    /// The rebuilt index did not pass its verification; the old one still serves.
    case verification(String)
    /// A file could not be read or written.
    case file(path: String, action: String, code: Int32)
    /// A snapshot is damaged or foreign: which file, which section, what is wrong.
    case snapshot(path: String, section: String, problem: String)
    /// A file of vectors cannot be used: which file and what is wrong.
    case vectorFile(path: String, problem: String)
}

extension IndexError: CustomStringConvertible {
    /// What the system calls an error.
    private static func reason(_ code: Int32) -> String { unsafe String(cString: strerror(code)) }

    /// One sentence: what, where, what to do.
    public var description: String {
        switch self {
        case .dimension(let expected, let found):
            "The vector has \(found) dimensions, the index \(expected): use the index's own embedding."
        case .element(let expected):
            "The index holds \(expected): hand it vectors of that kind."
        case .metric(let expected):
            "The index measures by \(expected), which a rebuild cannot change: make a new index."
        case .notFinite:
            "The vector holds an infinite value or one that is not a number: correct its source."
        case .zeroVector:
            "A zero vector has no direction and cannot be compared by cosine: leave it out."
        case .rowTaken(let row):
            "Row \(row.rawValue) is already in the index: remove it first."
        case .numberBeyondLimit(let name, let value, let limit):
            "The \(name) number \(value) is beyond the limit of \(limit): number them densely from 0."
        case .full(let nodes):
            "The index is full with \(nodes) distinct vectors: delete some and rebuild it."
        case .configuration(let name, let value, let bounds):
            "The index setting \(name) is \(value); use \(bounds.lowerBound) to \(bounds.upperBound)."
        case .kernelMissing(let level):
            "This processor cannot run the \(level.name) kernels: choose another level or none."
        case .memory(let part, let bytes):
            "The system refused \(bytes) bytes for the index's \(part): raise its memory limit."
        case .cancelled:
            "The rebuild was cancelled; the old index still serves."
        case .rebuilding:
            "A rebuild of this index is already running: wait for it or cancel it."
        case .verification(let problem):
            "The rebuilt index failed verification (\(problem)); the old one serves on: report it."
        case .file(let path, let action, let code):
            "The file \(path) could not be \(action) (\(Self.reason(code))): check path, rights and space."
        case .snapshot(let path, let section, let problem):
            "The snapshot \(path) is damaged in section \(section): \(problem); rebuild it."
        case .vectorFile(let path, let problem):
            "The vector file \(path) cannot be used: \(problem)."
        }
    }
}
