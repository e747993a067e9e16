/// Why a gzip stream could not be read or written.
public enum GzipError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The bytes are not gzip, or damaged.
    case corrupt
    /// The stream ends before its end mark.
    case truncated
    /// The stream inflates past the limit.
    case tooLarge(limitBytes: Int)
    /// zlib refused, for want of memory.
    case unavailable(code: Int32)

    /// One sentence: what is wrong.
    public var description: String {
        switch self {
        case .corrupt: "the gzip data is damaged"
        case .truncated: "the gzip data ends too early: the file is incomplete"
        case .tooLarge(let limit): "the gzip data inflates to more than \(limit) bytes"
        case .unavailable(let code): "zlib could not start (code \(code))"
        }
    }
}
