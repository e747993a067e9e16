internal import CVectorKernels
import Glibc

/// Writes a snapshot beside its place and moves it there when it is whole and on disk.
@safe final class SnapshotWriter {
    private let path: String
    private let temporary: String
    private let descriptor: Int32
    private var isOpen = true
    private var offset = 0
    /// Where the bytes of the sections written so far lie.
    private(set) var ranges: [SnapshotSection: Range<Int>] = [:]
    /// The CRC-32C over the headers of the sections written so far, and with them over all content.
    private(set) var checksum: UInt32 = 0

    init(path: String) throws(IndexError) {
        self.path = path
        temporary = path + ".partial"
        descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .file(path: temporary, action: "created", code: errno) }
    }

    deinit {
        guard isOpen else { return }
        close(descriptor)
        unsafe unlink(temporary)
    }

    func writeHeader(sections: Int) throws(IndexError) {
        try write(SnapshotFormat.magic)
        try write(bytes(of: SnapshotFormat.version) + bytes(of: UInt32(sections)))
    }

    /// Writes a section from a table.
    func write<Element: BitwiseCopyable>(
        _ section: SnapshotSection, _ table: borrowing ReservedArray<Element>, count: Int
    ) throws(IndexError) {
        let bytes = unsafe UnsafeRawBufferPointer(
            start: table.base, count: count * MemoryLayout<Element>.stride)
        try unsafe write(section, bytes)
    }

    /// Writes a section from an array.
    func write<Element: BitwiseCopyable>(_ section: SnapshotSection, _ values: [Element]) throws(IndexError) {
        let failure: IndexError? = unsafe values.withUnsafeBytes { bytes in
            do throws(IndexError) {
                try unsafe write(section, bytes)
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw failure }
    }

    private func write(_ section: SnapshotSection, _ content: UnsafeRawBufferPointer) throws(IndexError) {
        let sum = unsafe vk_crc32c(0, content.baseAddress, content.count)
        let header = bytes(of: section.rawValue) + bytes(of: sum) + bytes(of: UInt64(content.count))
        checksum = unsafe header.withUnsafeBytes { unsafe vk_crc32c(checksum, $0.baseAddress, $0.count) }
        let begin = SnapshotFormat.begin(
            ofSectionAt: offset, length: UInt64(content.count), version: SnapshotFormat.version)
        try write(header)
        try write([UInt8](repeating: 0, count: begin - offset))
        ranges[section] = begin..<begin + content.count
        try unsafe write(content)
        let next = SnapshotFormat.next(
            after: offset, length: content.count, version: SnapshotFormat.version)
        try write([UInt8](repeating: 0, count: next - offset))
    }

    /// Puts the file on disk and in place.
    func finish() throws(IndexError) {
        guard fsync(descriptor) == 0 else { throw .file(path: temporary, action: "written", code: errno) }
        close(descriptor)
        isOpen = false
        guard unsafe rename(temporary, path) == 0 else {
            let code = errno
            unsafe unlink(temporary)
            throw .file(path: path, action: "replaced", code: code)
        }
        let directory = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        let parent = unsafe open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard parent >= 0 else { return }
        fsync(parent)
        close(parent)
    }

    private func write(_ values: [UInt8]) throws(IndexError) {
        var failure: IndexError?
        unsafe values.withUnsafeBytes { bytes in
            do throws(IndexError) { try unsafe write(bytes) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    private func write(_ bytes: UnsafeRawBufferPointer) throws(IndexError) {
        var done = 0
        while done < bytes.count {
            // A single call writes at most about 2 GB.
            let block = min(bytes.count - done, 1 << 30)
            let written = unsafe Glibc.write(descriptor, bytes.baseAddress.map { unsafe $0 + done }, block)
            if written < 0 {
                if errno == EINTR { continue }
                throw .file(path: temporary, action: "written", code: errno)
            }
            done += written
            offset += written
        }
    }

    private func bytes<Value: FixedWidthInteger>(of value: Value) -> [UInt8] {
        (0..<MemoryLayout<Value>.size).map { UInt8(truncatingIfNeeded: value >> (8 * Value($0))) }
    }
}
