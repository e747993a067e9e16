internal import Glibc

/// Why a log could not be read.
public struct LogSourceError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The file or directory.
    public let path: String
    /// What happened, in words.
    public let reason: String

    /// Creates an error.
    public init(path: String, reason: String) {
        self.path = path
        self.reason = reason
    }

    /// Creates an error from the number a system call left behind.
    init(path: String, code: Int32) {
        self.path = path
        reason = unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
    }

    /// One sentence: what could not be read and why.
    public var description: String { "cannot read \(path): \(reason)" }
}
