import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// A private directory for a measurement, removed with what is in it.
struct TemporaryDirectory {
    let path: String

    /// Creates one below `$TMPDIR`, else below `/var/tmp`, which is not memory on most systems.
    init() throws {
        let base = EnvironmentVariables.value("TMPDIR") ?? "/var/tmp"
        var template = Array((base + "/verdict-XXXXXX").utf8CString)
        // Safe: mkdtemp changes the array in place and keeps its length.
        let made = unsafe template.withUnsafeMutableBufferPointer { buffer in
            unsafe buffer.baseAddress.map { unsafe mkdtemp($0) != nil } ?? false
        }
        guard made else {
            throw CommandFailure.failed(
                "cannot create a directory in \(base); set TMPDIR to one that is writable")
        }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// How often removing begins again when something new was written meanwhile.
    private static let attempts = 100

    /// Removes the directory and what is in it while others may still write there.
    func removeFromUnderWriters() {
        for _ in 1..<Self.attempts {
            try? FileManager.default.removeItem(atPath: path)
            if !FileManager.default.fileExists(atPath: path) { return }
        }
        remove()
    }

    /// Removes the directory and what is in it.
    func remove() {
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            StandardError.write("verdict: \(path) could not be removed: \(error)\n")
        }
    }
}
