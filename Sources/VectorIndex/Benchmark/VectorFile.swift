import Glibc

/// A file of float vectors in the fvecs form.
///
/// For each vector there is a 32-bit dimension, then that many 32-bit floats, all little-endian. The file is
/// mapped, not read, so that its size does not count as memory of the process.
@safe public final class VectorFile: @unchecked Sendable {
    /// Where the file is.
    public let path: String
    /// How many dimensions every vector has.
    public let dimension: Int
    /// How many vectors there are.
    public let count: Int

    private let mapping: UnsafeMutableRawPointer
    private let bytes: Int

    /// The largest dimension accepted.
    public static let dimensionLimit = 4_096

    /// Opens a file and checks that its size fits its dimension; vectors after the first `limit` are left out.
    public init(path: String, first limit: Int = .max) throws(IndexError) {
        precondition(limit > 0, "a file of vectors holds one at least")
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .file(path: path, action: "opened", code: errno) }
        defer { close(descriptor) }
        var information = stat()
        guard unsafe fstat(descriptor, &information) == 0 else {
            throw .file(path: path, action: "examined", code: errno)
        }
        let size = Int(information.st_size)
        guard size >= 8 else { throw .vectorFile(path: path, problem: "it holds no vector") }
        guard let start = unsafe mmap(nil, size, PROT_READ, MAP_SHARED, descriptor, 0),
            unsafe start != MAP_FAILED
        else { throw .file(path: path, action: "mapped", code: errno) }
        let dimension = Int(unsafe start.load(as: Int32.self))
        let isWhole = (1...VectorFile.dimensionLimit).contains(dimension) && size % (4 + 4 * dimension) == 0
        guard isWhole else {
            unsafe munmap(start, size)
            throw .vectorFile(
                path: path, problem: "\(size) bytes are no whole vectors of dimension \(dimension)")
        }
        self.path = path
        self.dimension = dimension
        count = min(limit, size / (4 + 4 * dimension))
        unsafe mapping = start
        bytes = size
    }

    deinit { unsafe munmap(mapping, bytes) }

    /// Gives up the pages that were read: they are read again when they are needed.
    func leaveMemory() { unsafe madvise(mapping, bytes, MADV_DONTNEED) }

    /// Calls `body` with one vector.
    public func withVector<Result, Failure: Error>(
        _ index: Int, _ body: (Span<Float>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        precondition(index >= 0 && index < count, "vector \(index) of \(count)")
        let start = unsafe (mapping + index * (4 + 4 * dimension) + 4).assumingMemoryBound(to: Float.self)
        let vector = unsafe UnsafeBufferPointer(start: start, count: dimension)
        return try unsafe body(vector.span)
    }
}
