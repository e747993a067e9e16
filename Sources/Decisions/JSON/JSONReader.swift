/// A pull reader over one JSON text: the caller takes what it wants and skips the rest.
///
/// No tree is built, yet everything is validated after RFC 8259, skipped values included. The reader lives
/// only inside `read`, which keeps the bytes in place; it cannot be copied out.
@safe
package struct JSONReader: ~Copyable {
    let base: UnsafePointer<UInt8>
    let end: Int
    /// The offset of the next byte.
    package internal(set) var offset = 0
    var depth = 0
    let depthLimit: Int
    /// Whether the innermost container was just opened, so that no comma may come first.
    var atFirst = false

    private init(base: UnsafePointer<UInt8>, end: Int, depthLimit: Int) {
        unsafe self.base = unsafe base
        self.end = end
        self.depthLimit = depthLimit
    }

    /// What the next value is.
    package enum Kind: Sendable {
        case object, array, string, number, bool, null
    }

    /// Hands a reader over `bytes` to `body`, which must consume exactly one value.
    package static func read<Result>(
        _ bytes: Span<UInt8>, limits: JSONLimits = JSONLimits(),
        _ body: (inout JSONReader) throws -> Result
    ) throws -> Result {
        if bytes.count > limits.bytes { throw JSONError(.tooLong, at: limits.bytes) }
        if let offset = firstInvalidUTF8(bytes) { throw JSONError(.invalidUTF8, at: offset) }
        return try unsafe bytes.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { throw JSONError(.truncated, at: 0) }
            var reader = unsafe JSONReader(base: base, end: buffer.count, depthLimit: limits.depth)
            let result = try body(&reader)
            reader.skipSpace()
            if reader.offset < reader.end { throw JSONError(.trailingText, at: reader.offset) }
            return result
        }
    }

    /// Hands a reader to `body`, which may stop anywhere.
    ///
    /// Nothing past that point is looked at, and invalid UTF-8 reads as U+FFFD. For telling formats apart.
    package static func readPrefix<Result>(
        _ bytes: Span<UInt8>, _ body: (inout JSONReader) throws -> Result
    ) throws -> Result {
        try unsafe bytes.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { throw JSONError(.truncated, at: 0) }
            var reader = unsafe JSONReader(base: base, end: buffer.count, depthLimit: JSONLimits().depth)
            return try body(&reader)
        }
    }

    private static func firstInvalidUTF8(_ bytes: Span<UInt8>) -> Int? {
        do throws(UTF8.ValidationError) {
            _ = try UTF8Span(validating: bytes)
            return nil
        } catch {
            return error.byteOffsets.lowerBound
        }
    }

    @inline(__always)
    func byte(_ place: Int) -> UInt8 { unsafe base[place] }

    @inline(__always)
    mutating func skipSpace() {
        while offset < end {
            switch byte(offset) {
            case 0x20, 0x0A, 0x0D, 0x09: offset += 1
            default: return
            }
        }
    }

    @inline(__always)
    private mutating func peekByte() throws(JSONError) -> UInt8 {
        skipSpace()
        guard offset < end else { throw JSONError(.truncated, at: offset) }
        return byte(offset)
    }

    /// What the next value is, by its first character.
    package mutating func peek() throws(JSONError) -> Kind {
        switch try peekByte() {
        case UInt8(ascii: "{"): return .object
        case UInt8(ascii: "["): return .array
        case UInt8(ascii: "\""): return .string
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool
        case UInt8(ascii: "n"): return .null
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
        default: throw JSONError(.unexpectedByte, at: offset)
        }
    }

    private mutating func open(_ bracket: UInt8) throws(JSONError) {
        guard try peekByte() == bracket else { throw JSONError(.unexpectedType, at: offset) }
        guard depth < depthLimit else { throw JSONError(.tooDeep, at: offset) }
        depth += 1
        offset += 1
        atFirst = true
    }

    /// Enters an object; `nextKey` follows.
    package mutating func beginObject() throws(JSONError) { try open(UInt8(ascii: "{")) }

    /// Enters an array; `nextElement` follows.
    package mutating func beginArray() throws(JSONError) { try open(UInt8(ascii: "[")) }

    /// Whether another member follows; leaves the container when none does.
    private mutating func another(closing bracket: UInt8) throws(JSONError) -> Bool {
        let next = try peekByte()
        if next == bracket {
            offset += 1
            depth -= 1
            atFirst = false
            return false
        }
        if atFirst {
            atFirst = false
            return true
        }
        guard next == UInt8(ascii: ",") else { throw JSONError(.unexpectedByte, at: offset) }
        offset += 1
        return true
    }

    /// Moves to the next element of an array; false leaves the array.
    package mutating func nextElement() throws(JSONError) -> Bool {
        try another(closing: UInt8(ascii: "]"))
    }

    /// Moves to the next member of an object and returns its key; nil leaves the object.
    package mutating func nextKey() throws(JSONError) -> String? {
        guard try another(closing: UInt8(ascii: "}")) else { return nil }
        guard try peekByte() == UInt8(ascii: "\"") else { throw JSONError(.unexpectedByte, at: offset) }
        let key = try string()
        try colon()
        return key
    }

    private mutating func colon() throws(JSONError) {
        guard try peekByte() == UInt8(ascii: ":") else { throw JSONError(.unexpectedByte, at: offset) }
        offset += 1
    }

    /// Takes `true` or `false`.
    package mutating func bool() throws(JSONError) -> Bool {
        switch try peekByte() {
        case UInt8(ascii: "t"):
            try literal("true")
            return true
        case UInt8(ascii: "f"):
            try literal("false")
            return false
        default: throw JSONError(.unexpectedType, at: offset)
        }
    }

    /// Takes `null` if it is next, and says whether it was.
    package mutating func null() throws(JSONError) -> Bool {
        guard try peekByte() == UInt8(ascii: "n") else { return false }
        try literal("null")
        return true
    }

    private mutating func literal(_ text: StaticString) throws(JSONError) {
        for index in 0..<text.utf8CodeUnitCount {
            guard offset < end else { throw JSONError(.truncated, at: offset) }
            guard unsafe byte(offset) == text.utf8Start[index] else {
                throw JSONError(.unexpectedByte, at: offset)
            }
            offset += 1
        }
    }

    /// Passes over one value, validating it, and returns the bytes it spans.
    @discardableResult
    package mutating func skip() throws(JSONError) -> Range<Int> {
        let kind = try peek()
        let start = offset
        switch kind {
        case .string: try skipString()
        case .number: try skipNumber()
        case .bool: _ = try bool()
        case .null: _ = try null()
        case .array:
            try beginArray()
            while try nextElement() { try skip() }
        case .object:
            try beginObject()
            while try another(closing: UInt8(ascii: "}")) {
                guard try peekByte() == UInt8(ascii: "\"") else {
                    throw JSONError(.unexpectedByte, at: offset)
                }
                try skipString()
                try colon()
                try skip()
            }
        }
        return start..<offset
    }
}
