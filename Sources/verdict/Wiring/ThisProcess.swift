#if canImport(Glibc)
    import Glibc
#endif

/// Who this process is, and what is known here of others.
enum ThisProcess {
    /// The process's number.
    static let id = Int(getpid())

    /// The machine's name.
    static let host: String = {
        var bytes = [CChar](repeating: 0, count: 256)
        // Safe: the array's own storage and a size that leaves room for the terminating zero.
        let status = unsafe bytes.withUnsafeMutableBufferPointer { buffer in
            unsafe buffer.baseAddress.map { unsafe gethostname($0, buffer.count - 1) } ?? -1
        }
        guard status == 0 else { return "localhost" }
        return String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }()

    /// Whether a process is of this machine and the kernel does not know it any more.
    static func knowsToHaveEnded(_ processID: Int, on host: String) -> Bool {
        host == self.host && kill(pid_t(truncatingIfNeeded: processID), 0) != 0 && errno == ESRCH
    }
}
