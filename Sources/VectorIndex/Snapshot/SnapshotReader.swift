internal import CVectorKernels
import Glibc

/// Reads the sections of a mapped snapshot; nothing is trusted before its checksum and bounds were checked.
@safe final class SnapshotReader {
    let path: String
    private let start: UnsafeMutableRawPointer
    private let size: Int
    /// The open file, to map its sections in place of memory.
    private let descriptor: Int32
    private var sections: [SnapshotSection: Range<Int>] = [:]
    /// The CRC-32C over the headers of all sections, as its writer answered it.
    private(set) var checksum: UInt32 = 0

    init(path: String) throws(IndexError) {
        self.path = path
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw .file(path: path, action: "opened", code: errno) }
        do throws(IndexError) {
            size = try SnapshotReader.size(of: file, path: path)
            unsafe start = try SnapshotReader.map(file, size: size, path: path)
        } catch {
            close(file)
            throw error
        }
        descriptor = file
        try readTable()
    }

    deinit {
        unsafe munmap(start, size)
        close(descriptor)
    }

    private static func size(of file: Int32, path: String) throws(IndexError) -> Int {
        var information = stat()
        guard unsafe fstat(file, &information) == 0 else {
            throw .file(path: path, action: "examined", code: errno)
        }
        guard Int(information.st_size) >= SnapshotFormat.headerBytes else {
            throw .snapshot(path: path, section: "header", problem: "the file is too short")
        }
        return Int(information.st_size)
    }

    @unsafe private static func map(_ file: Int32, size: Int, path: String) throws(IndexError)
        -> UnsafeMutableRawPointer
    {
        guard let mapping = unsafe mmap(nil, size, PROT_READ, MAP_PRIVATE, file, 0),
            unsafe mapping != MAP_FAILED
        else { throw .file(path: path, action: "mapped", code: errno) }
        return unsafe mapping
    }

    private func readTable() throws(IndexError) {
        let magic = (0..<SnapshotFormat.magic.count).map { byte(at: $0) }
        guard magic == SnapshotFormat.magic else {
            throw .snapshot(path: path, section: "header", problem: "this is no index snapshot")
        }
        let version: UInt32 = integer(at: 8)
        guard (SnapshotFormat.oldestVersion...SnapshotFormat.version).contains(version) else {
            throw .snapshot(
                path: path, section: "header", problem: "version \(version) is unknown to this build")
        }
        let count: UInt32 = integer(at: 12)
        guard count <= SnapshotSection.allCases.count else {
            throw .snapshot(path: path, section: "header", problem: "its number of sections is impossible")
        }
        var offset = SnapshotFormat.headerBytes
        for _ in 0..<count {
            guard offset + SnapshotFormat.sectionHeaderBytes <= size else {
                throw .snapshot(
                    path: path, section: "header", problem: "it counts more sections than there are")
            }
            guard let section = SnapshotSection(rawValue: integer(at: offset)), sections[section] == nil
            else {
                throw .snapshot(path: path, section: "header", problem: "a section is unknown or repeated")
            }
            let sum: UInt32 = integer(at: offset + 4)
            let length: UInt64 = integer(at: offset + 8)
            let begin = SnapshotFormat.begin(ofSectionAt: offset, length: length, version: version)
            guard begin <= size, length <= UInt64(size - begin) else {
                throw .snapshot(path: path, section: section.name, problem: "the file ends within it")
            }
            guard unsafe vk_crc32c(0, start + begin, Int(length)) == sum else {
                throw .snapshot(path: path, section: section.name, problem: "its checksum does not agree")
            }
            checksum = unsafe vk_crc32c(checksum, start + offset, SnapshotFormat.sectionHeaderBytes)
            sections[section] = begin..<begin + Int(length)
            let headerEnd = offset + SnapshotFormat.sectionHeaderBytes
            offset = SnapshotFormat.next(
                after: begin + Int(length), length: Int(length), version: version)
            guard isEmpty(headerEnd..<begin), isEmpty(begin + Int(length)..<min(offset, size)) else {
                throw .snapshot(path: path, section: section.name, problem: "its padding is not empty")
            }
        }
        guard offset == size else {
            throw .snapshot(
                path: path, section: "end",
                problem: offset < size
                    ? "something follows the last section" : "the file ends within its padding")
        }
    }

    /// Whether a stretch of the file holds nothing but zeros.
    private func isEmpty(_ range: Range<Int>) -> Bool { range.allSatisfy { byte(at: $0) == 0 } }

    /// A section's values.
    func array<Element: BitwiseCopyable>(_ section: SnapshotSection, of type: Element.Type) throws(IndexError)
        -> [Element]
    {
        let range = try range(of: section)
        guard range.count % MemoryLayout<Element>.stride == 0 else { throw wrongLength(section) }
        let count = range.count / MemoryLayout<Element>.stride
        // The shared storage of empty arrays would be written, by several threads at once.
        if count == 0 { return [] }
        return unsafe [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
            unsafe UnsafeMutableRawBufferPointer(buffer).copyMemory(
                from: UnsafeRawBufferPointer(start: start + range.lowerBound, count: range.count))
            initialized = count
        }
    }

    /// Copies a section of exactly `count` finite numbers into a table.
    func copyFinite(
        _ section: SnapshotSection, to table: borrowing ReservedArray<Float>, count: Int
    ) throws(IndexError) {
        try copy(section, to: table, count: count)
        for index in 0..<count where unsafe !table.base[index].isFinite {
            throw damaged(section, "a number is not finite")
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

    /// Puts a section of exactly `count` elements in a table's place: its whole pages are those of the file,
    /// read when they are touched and copied when they are written.
    func map<Element: BitwiseCopyable>(
        _ section: SnapshotSection, to table: borrowing ReservedArray<Element>, count: Int
    ) throws(IndexError) {
        let range = try range(of: section)
        try copy(section, to: table, count: count)
        try table.mapPages(of: descriptor, at: range, path: path)
    }

    /// How many bytes a section has.
    func length(_ section: SnapshotSection) throws(IndexError) -> Int { try range(of: section).count }

    private func range(of section: SnapshotSection) throws(IndexError) -> Range<Int> {
        guard let range = sections[section] else {
            throw damaged(section, "it is missing")
        }
        return range
    }

    /// The error for a section that is not as it was written.
    func damaged(_ section: SnapshotSection, _ problem: String = "its values are impossible") -> IndexError {
        .snapshot(path: path, section: section.name, problem: problem)
    }

    private func wrongLength(_ section: SnapshotSection) -> IndexError {
        damaged(section, "its length does not agree with the header")
    }

    private func byte(at offset: Int) -> UInt8 { unsafe start.load(fromByteOffset: offset, as: UInt8.self) }

    private func integer<Value: FixedWidthInteger>(at offset: Int) -> Value {
        (0..<MemoryLayout<Value>.size).reduce(Value(0)) {
            $0 | Value(byte(at: offset + $1)) << (8 * Value($1))
        }
    }
}
