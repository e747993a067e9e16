internal import CVectorKernels
import Glibc

/// Reads the sections of a mapped snapshot; nothing is trusted before its checksum and bounds were checked.
@safe final class SnapshotReader {
    let path: String
    private let start: UnsafeMutableRawPointer
    private let size: Int
    private var sections: [SnapshotSection: Range<Int>] = [:]

    init(path: String) throws(IndexError) {
        self.path = path
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .file(path: path, action: "opened", code: errno) }
        defer { close(descriptor) }
        var information = stat()
        guard unsafe fstat(descriptor, &information) == 0 else {
            throw .file(path: path, action: "examined", code: errno)
        }
        size = Int(information.st_size)
        guard size >= SnapshotFormat.headerBytes else {
            throw .snapshot(path: path, section: "header", problem: "the file is too short")
        }
        guard let mapping = unsafe mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0),
            unsafe mapping != MAP_FAILED
        else { throw .file(path: path, action: "mapped", code: errno) }
        unsafe start = mapping
        try readTable()
    }

    deinit { unsafe munmap(start, size) }

    private func readTable() throws(IndexError) {
        let magic = (0..<SnapshotFormat.magic.count).map { byte(at: $0) }
        guard magic == SnapshotFormat.magic else {
            throw .snapshot(path: path, section: "header", problem: "this is no index snapshot")
        }
        let version: UInt32 = integer(at: 8)
        guard version == SnapshotFormat.version else {
            throw .snapshot(
                path: path, section: "header", problem: "version \(version) is unknown to this build")
        }
        let count: UInt32 = integer(at: 12)
        var offset = SnapshotFormat.headerBytes
        for _ in 0..<min(Int(count), SnapshotSection.allCases.count) {
            guard offset + SnapshotFormat.sectionHeaderBytes <= size else { break }
            guard let section = SnapshotSection(rawValue: integer(at: offset)) else {
                throw .snapshot(path: path, section: "header", problem: "a section is unknown")
            }
            let checksum: UInt32 = integer(at: offset + 4)
            let length: UInt64 = integer(at: offset + 8)
            let begin = offset + SnapshotFormat.sectionHeaderBytes
            guard length <= UInt64(size - begin) else {
                throw .snapshot(path: path, section: section.name, problem: "the file ends within it")
            }
            guard unsafe vk_crc32c(0, start + begin, Int(length)) == checksum else {
                throw .snapshot(path: path, section: section.name, problem: "its checksum does not agree")
            }
            sections[section] = begin..<begin + Int(length)
            offset = begin + (Int(length) + SnapshotFormat.alignment - 1) & ~(SnapshotFormat.alignment - 1)
        }
    }

    /// A section's values.
    func array<Element: BitwiseCopyable>(_ section: SnapshotSection, of type: Element.Type) throws(IndexError)
        -> [Element]
    {
        let range = try range(of: section)
        guard range.count % MemoryLayout<Element>.stride == 0 else { throw wrongLength(section) }
        let count = range.count / MemoryLayout<Element>.stride
        return unsafe [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
            unsafe UnsafeMutableRawBufferPointer(buffer).copyMemory(
                from: UnsafeRawBufferPointer(start: start + range.lowerBound, count: range.count))
            initialized = count
        }
    }

    /// Copies a section of exactly `count` elements into a table.
    func copy<Element: BitwiseCopyable>(
        _ section: SnapshotSection, to table: borrowing ReservedArray<Element>, count: Int
    ) throws(IndexError) {
        let range = try range(of: section)
        guard count <= table.capacity, range.count == count * MemoryLayout<Element>.stride else {
            throw wrongLength(section)
        }
        unsafe UnsafeMutableRawPointer(table.base).copyMemory(
            from: start + range.lowerBound, byteCount: range.count)
    }

    /// How many bytes a section has.
    func length(_ section: SnapshotSection) throws(IndexError) -> Int { try range(of: section).count }

    private func range(of section: SnapshotSection) throws(IndexError) -> Range<Int> {
        guard let range = sections[section] else {
            throw .snapshot(path: path, section: section.name, problem: "it is missing")
        }
        return range
    }

    private func wrongLength(_ section: SnapshotSection) -> IndexError {
        .snapshot(path: path, section: section.name, problem: "its length does not agree with the header")
    }

    private func byte(at offset: Int) -> UInt8 { unsafe start.load(fromByteOffset: offset, as: UInt8.self) }

    private func integer<Value: FixedWidthInteger>(at offset: Int) -> Value {
        (0..<MemoryLayout<Value>.size).reduce(Value(0)) {
            $0 | Value(byte(at: offset + $1)) << (8 * Value($1))
        }
    }
}
