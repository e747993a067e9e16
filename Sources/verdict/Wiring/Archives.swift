import DecisionLogs
import Decisions
import Gzip
import Operations
import VectorStores

#if canImport(Glibc)
    import Glibc
#endif

/// The files that export writes and import reads.
enum ArchiveFormat {
    case lines
    case gzippedLines
    case copyBinary

    /// The format of a path, by its ending.
    init(path: String) throws {
        if path.hasSuffix(".jsonl") {
            self = .lines
        } else if path.hasSuffix(".jsonl.gz") {
            self = .gzippedLines
        } else if path.hasSuffix(".pgcopy") {
            self = .copyBinary
        } else {
            throw CommandFailure.usage(
                "\(printable(path)): the file must end in .jsonl, .jsonl.gz or .pgcopy")
        }
    }
}

/// Writes an archive.
struct ArchiveWriter: ~Copyable {
    private static let chunkBytes = 256 * 1024

    private let format: ArchiveFormat
    private let file: OutputFile
    private var deflater: GzipDeflater
    private var copy = CopyBinaryWriter()
    private var lines: [UInt8] = []

    init(path: String, format: ArchiveFormat) throws {
        let deflater = try GzipDeflater()
        file = try OutputFile(path: path)
        self.format = format
        self.deflater = deflater
    }

    /// Adds a decision.
    mutating func append(_ stored: StoredDecision) throws {
        if format == .copyBinary {
            copy.append(stored)
            if copy.bytes.count >= Self.chunkBytes { try file.write(copy.take()) }
            return
        }
        lines.append(contentsOf: stored.decision.nativeLine().utf8)
        lines.append(UInt8(ascii: "\n"))
        if lines.count >= Self.chunkBytes { try writeLines() }
    }

    /// Completes the file, puts it in its place and returns its size in bytes.
    mutating func finish() throws -> Int {
        if format == .copyBinary {
            copy.finish()
            try file.write(copy.take())
        } else {
            try writeLines()
            if format == .gzippedLines {
                var deflated: [UInt8] = []
                try deflater.finish { deflated.append(copying: $0) }
                try file.write(deflated)
            }
        }
        try file.close()
        return file.size
    }

    /// Removes what was written.
    func discard() {
        file.discard()
    }

    private mutating func writeLines() throws {
        var content = lines
        lines.removeAll(keepingCapacity: true)
        if format == .gzippedLines {
            var deflated: [UInt8] = []
            try deflater.deflate(content.span) { deflated.append(copying: $0) }
            content = deflated
        }
        try file.write(content)
    }
}

/// Reads an archive batch by batch, as far as it can be read.
final class ArchiveSource {
    private static let chunkBytes = 1 << 20

    private let path: String
    private let embedder = DecisionEmbedder()
    private let format: ArchiveFormat
    private var lines: LogReader
    private var copy = CopyBinaryReader()
    private let descriptor: Int32
    private var isAtEnd = false
    private var row = 0
    /// Bytes read so far.
    private(set) var bytesRead = 0
    /// Lines or rows that were not usable.
    private(set) var rejected = 0
    /// Why the archive could not be read to its end.
    private(set) var failure: CommandFailure?

    init(path: String, format: ArchiveFormat) throws {
        guard !PrivateFiles.isDirectory(path) else {
            throw CommandFailure.failed("cannot read \(printable(path)): Is a directory")
        }
        // Opened for every format: a reader that is never asked costs one descriptor.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            let reason = unsafe String(cString: strerror(errno))
            throw CommandFailure.failed("cannot read \(printable(path)): \(reason)")
        }
        let lines = try LogReader(LogSource(path: path), parser: LineParser(format: .verdict))
        self.lines = lines
        self.descriptor = descriptor
        self.path = path
        self.format = format
    }

    deinit {
        close(descriptor)
    }

    /// The next entries, possibly none; `nil` at the end, and where the archive cannot be read on.
    func nextBatch() -> [Entry]? {
        format == .copyBinary ? nextRows() : nextLines()
    }

    private func nextRows() -> [Entry]? {
        guard !isAtEnd else { return nil }
        do {
            let bytes = try readChunk()
            guard !bytes.isEmpty else {
                isAtEnd = true
                try copy.finish()
                return nil
            }
            bytesRead += bytes.count
            return try copy.read(bytes).compactMap { entry(of: $0) }
        } catch let error as CommandFailure {
            failure = error
        } catch {
            failure = .failed("\(printable(path)): \(error)")
        }
        isAtEnd = true
        return nil
    }

    /// The entry of a row; `nil` when it is rejected, which is told.
    private func entry(of archived: Result<ArchivedRow, ArchiveError>) -> Entry? {
        row += 1
        do {
            let entry = try archived.get().entry(embedder: embedder)
            guard let refusal = entry.decision.tenantRefusal else { return entry }
            reject("\(printable(path)): row \(row): \(refusal)")
        } catch let error as ArchiveError {
            reject("\(printable(path)): \(error)")
        } catch {
            reject("\(printable(path)): row \(row): \(printable(describe(error)))")
        }
        return nil
    }

    private func nextLines() -> [Entry]? {
        guard let items = lines.nextBatch() else { return nil }
        bytesRead = lines.bytesRead
        var entries: [Entry] = []
        for item in items {
            switch item.item {
            case .decision(let decision):
                entries.append(Entry(decision: decision, embedding: embedder.embed(decision)))
            case .skipped:
                break
            case .rejected(let reason):
                reject("\(printable(path)):\(item.line): \(printable(reason))")
            }
        }
        return entries
    }

    /// How many were rejected without being told one by one.
    var rejectedUntold: Int { max(0, rejected - IngestReport.maximumRejects) }

    private func reject(_ sentence: String) {
        rejected += 1
        if rejected <= IngestReport.maximumRejects { StandardError.write(sentence + "\n") }
    }

    private func readChunk() throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Self.chunkBytes)
        while true {
            // Safe: read is given the array's own storage and size.
            let size = unsafe bytes.withUnsafeMutableBytes {
                unsafe read(descriptor, $0.baseAddress, $0.count)
            }
            if size < 0, errno == EINTR { continue }
            guard size >= 0 else {
                let reason = unsafe String(cString: strerror(errno))
                throw CommandFailure.failed("cannot read \(printable(path)): \(reason)")
            }
            bytes.removeSubrange(size...)
            return bytes
        }
    }
}

extension [UInt8] {
    /// Adds a copy of the bytes of a span.
    fileprivate mutating func append(copying span: Span<UInt8>) {
        reserveCapacity(count + span.count)
        for place in span.indices { append(span[place]) }
    }
}
