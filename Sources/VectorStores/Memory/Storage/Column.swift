/// How rows are cut into chunks, the same for every column.
enum Chunk {
    /// Rows per chunk, a power of two.
    static let rows = 16_384
    /// The binary logarithm of `rows`.
    static let shift = 14
    /// The bits of a row number that count within a chunk.
    static let mask = rows - 1
}

/// One value per row in chunks that never move, so growing copies nothing and wastes at most a chunk.
///
/// Sound: a chunk is owned by this column alone, is filled with zeroes before use, and every access
/// checks the row against `count`.
@safe struct Column<Element: BitwiseCopyable & FixedWidthInteger>: ~Copyable {
    private var chunks: [UnsafeMutablePointer<Element>] = unsafe []
    /// Rows held.
    private(set) var count = 0

    deinit {
        for index in unsafe chunks.indices { unsafe chunks[index].deallocate() }
    }

    subscript(row: Int) -> Element {
        get {
            precondition(row >= 0 && row < count, "row out of range")
            return unsafe chunks[row >> Chunk.shift][row & Chunk.mask]
        }
        set {
            precondition(row >= 0 && row < count, "row out of range")
            unsafe chunks[row >> Chunk.shift][row & Chunk.mask] = newValue
        }
    }

    mutating func append(_ element: Element) {
        if count & Chunk.mask == 0 { addChunk() }
        unsafe chunks[count >> Chunk.shift][count & Chunk.mask] = element
        count += 1
    }

    /// How many chunks there are.
    var chunkCount: Int { unsafe chunks.count }

    /// Bytes allocated.
    var memoryBytes: Int { chunkCount * Chunk.rows * MemoryLayout<Element>.stride }

    /// Runs a closure on the filled part of a chunk.
    @inline(__always)
    func withChunk<Result>(_ chunk: Int, _ body: (Span<Element>) -> Result) -> Result {
        let filled = min(Chunk.rows, count - chunk << Chunk.shift)
        let buffer = unsafe UnsafeBufferPointer(start: chunks[chunk], count: filled)
        return body(unsafe buffer.span)
    }

    /// The filled part of a chunk as bytes in this machine's order.
    func rawBytes(ofChunk chunk: Int) -> [UInt8] {
        let filled = min(Chunk.rows, count - chunk << Chunk.shift)
        return unsafe [UInt8](
            UnsafeRawBufferPointer(start: chunks[chunk], count: filled * MemoryLayout<Element>.stride))
    }

    /// Appends values given as bytes in this machine's order, as `withChunk` shows them.
    mutating func append(rawBytes: Span<UInt8>) {
        let stride = MemoryLayout<Element>.stride
        precondition(rawBytes.count % stride == 0, "a column of another width")
        var taken = 0
        while taken < rawBytes.count {
            if count & Chunk.mask == 0 { addChunk() }
            let place = count & Chunk.mask
            let rows = min(Chunk.rows - place, (rawBytes.count - taken) / stride)
            unsafe rawBytes.extracting(taken..<(taken + rows * stride)).withUnsafeBytes { source in
                guard let start = source.baseAddress else { return }
                unsafe UnsafeMutableRawPointer(chunks[count >> Chunk.shift] + place)
                    .copyMemory(from: start, byteCount: source.count)
            }
            count += rows
            taken += rows * stride
        }
    }

    /// A chunk's values, those past the last row zero.
    @unsafe func values(ofChunk chunk: Int) -> UnsafePointer<Element> { unsafe UnsafePointer(chunks[chunk]) }

    private mutating func addChunk() {
        let chunk = UnsafeMutablePointer<Element>.allocate(capacity: Chunk.rows)
        unsafe chunk.initialize(repeating: 0, count: Chunk.rows)
        unsafe chunks.append(chunk)
    }
}
