/// Cuts chunks of bytes into the items of JSON documents that stretch over lines.
///
/// The elements of a top-level array, and those of a container's array in a top-level object, come out one by
/// one; any other object comes out whole. Only one item is held at a time, so that a document may be larger
/// than memory. Brackets and strings are followed here; what is between them is for the parser to judge.
struct DocumentSplitter {
    /// How long an item may be.
    let limitBytes: Int
    private var lineNumber = 1
    private var itemLine = 1
    private var item: [UInt8] = []
    private var isTooLong = false
    /// The open brackets, innermost last: their closing characters.
    private var closers: [UInt8] = []
    private var inString = false
    private var isEscaped = false
    /// The depth at which elements stand, nil while none come out singly.
    private var elementDepth: Int?
    private var elements = 0
    /// The last string directly inside a top-level object, as far as a container's key is long.
    private var lastKey: [UInt8] = []
    private(set) var isBroken = false

    /// Deeper than any line may nest; past it the document is broken.
    private static let depthLimit = 128
    private static let keyLimitBytes = 8
    /// Beside `logEvents` stands the log group, by which a tenant can be told, and a service keeps such a
    /// document small: it comes out whole.
    private static let containerKeys = ["items", "Records", "records", "Events", "events"].map {
        Array($0.utf8)
    }

    init(limitBytes: Int) {
        self.limitBytes = limitBytes
    }

    /// Takes a chunk and hands out each item that it completes.
    ///
    /// Stops where the bytes are no document and returns how many were taken; all of them otherwise.
    mutating func feed(_ chunk: Span<UInt8>, _ body: (Int, Piece, Span<UInt8>) throws -> Void) rethrows -> Int
    {
        for index in chunk.indices {
            let byte = chunk[index]
            if inString {
                if byte == 0x0A { return try broke(at: index, body) }
                string(byte)
            } else {
                guard try structure(byte, body) else { return try broke(at: index, body) }
            }
            if byte == 0x0A { lineNumber += 1 }
        }
        return chunk.count
    }

    /// Says that nothing follows.
    mutating func finish(_ body: (Int, Piece, Span<UInt8>) throws -> Void) rethrows {
        if !closers.isEmpty || inString { _ = try broke(at: 0, body) }
    }

    private mutating func broke(
        at index: Int, _ body: (Int, Piece, Span<UInt8>) throws -> Void
    ) rethrows -> Int {
        isBroken = true
        try body(lineNumber, .broken, [UInt8]().span)
        return index
    }

    /// The number of the line that is being read.
    var currentLine: Int { lineNumber }

    private mutating func string(_ byte: UInt8) {
        keep(byte)
        if isEscaped {
            isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
            isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
            inString = false
        } else if closers.count == 1, lastKey.count < Self.keyLimitBytes {
            lastKey.append(byte)
        }
    }

    /// Takes a byte outside strings; false when it cannot stand there.
    private mutating func structure(
        _ byte: UInt8, _ body: (Int, Piece, Span<UInt8>) throws -> Void
    ) rethrows -> Bool {
        switch byte {
        case 0x20, 0x09, 0x0A, 0x0D:
            if !closers.isEmpty, closers.count != elementDepth { keep(byte) }
        case UInt8(ascii: "{"), UInt8(ascii: "["): return open(byte)
        case UInt8(ascii: "}"), UInt8(ascii: "]"): return try close(byte, body)
        case UInt8(ascii: ","):
            if closers.count == elementDepth { try emit(body) } else { keep(byte) }
            return !closers.isEmpty
        case UInt8(ascii: "\""):
            beginItem()
            inString = true
            if closers.count == 1 { lastKey.removeAll(keepingCapacity: true) }
            keep(byte)
            return !closers.isEmpty
        default:
            beginItem()
            keep(byte)
            return !closers.isEmpty
        }
        return true
    }

    private mutating func open(_ byte: UInt8) -> Bool {
        guard closers.count < Self.depthLimit else { return false }
        let isArray = byte == UInt8(ascii: "[")
        let holdsElements =
            elementDepth == nil && isArray
            && (closers.isEmpty || closers.count == 1 && Self.containerKeys.contains(lastKey))
        if !holdsElements { beginItem() }
        closers.append(isArray ? UInt8(ascii: "]") : UInt8(ascii: "}"))
        if holdsElements {
            elementDepth = closers.count
            elements = 0
            item.removeAll(keepingCapacity: true)
            isTooLong = false
            itemLine = lineNumber
        } else {
            keep(byte)
        }
        return true
    }

    private mutating func close(
        _ byte: UInt8, _ body: (Int, Piece, Span<UInt8>) throws -> Void
    ) rethrows -> Bool {
        guard closers.last == byte else { return false }
        if closers.count == elementDepth {
            try emit(body)
            if elements == 0 { try body(itemLine, .whole, Array("[]".utf8).span) }
            closers.removeLast()
            elementDepth = closers.isEmpty ? nil : 0
            return true
        }
        closers.removeLast()
        keep(byte)
        if closers.isEmpty {
            // What is left of an object whose elements came out singly is only its shell.
            if elementDepth == nil { try emit(body) }
            elementDepth = nil
            item.removeAll(keepingCapacity: true)
            isTooLong = false
        } else if closers.count == elementDepth {
            try emit(body)
        }
        return true
    }

    private mutating func beginItem() {
        if item.isEmpty, !isTooLong { itemLine = lineNumber }
    }

    private mutating func keep(_ byte: UInt8) {
        if isTooLong || elementDepth == 0 { return }
        if item.count >= limitBytes {
            isTooLong = true
            item = []
            return
        }
        item.append(byte)
    }

    private mutating func emit(_ body: (Int, Piece, Span<UInt8>) throws -> Void) rethrows {
        if item.isEmpty, !isTooLong { return }
        elements += 1
        defer {
            item.removeAll(keepingCapacity: true)
            isTooLong = false
        }
        if isTooLong {
            try body(itemLine, .tooLong, [UInt8]().span)
        } else {
            try body(itemLine, .whole, item.span)
        }
    }
}
