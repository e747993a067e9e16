/// Writes compact JSON into a byte buffer; commas come by themselves.
///
/// Besides what RFC 8259 demands, it escapes the control characters above U+007E, line separators and marks
/// that reorder text or take no place in it, so that its output can be shown on a terminal as it is.
public struct JSONWriter: Sendable {
    /// What has been written.
    public private(set) var bytes: [UInt8] = []
    private var needsComma = false

    /// Creates an empty writer.
    public init() {}

    /// What has been written, as text.
    public var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Forgets what was written and keeps the buffer's memory.
    public mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        needsComma = false
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    /// Opens an object.
    public mutating func beginObject() {
        separate()
        bytes.append(UInt8(ascii: "{"))
        needsComma = false
    }

    /// Closes an object.
    public mutating func endObject() {
        bytes.append(UInt8(ascii: "}"))
        needsComma = true
    }

    /// Opens an array.
    public mutating func beginArray() {
        separate()
        bytes.append(UInt8(ascii: "["))
        needsComma = false
    }

    /// Closes an array.
    public mutating func endArray() {
        bytes.append(UInt8(ascii: "]"))
        needsComma = true
    }

    /// Writes a member's key; its value follows.
    public mutating func key(_ name: String) {
        separate()
        quote(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// Writes a string.
    public mutating func string(_ text: String) {
        separate()
        quote(text)
    }

    /// Writes a number given as valid JSON text.
    public mutating func number(_ text: String) {
        separate()
        bytes.append(contentsOf: text.utf8)
    }

    /// Writes an integer.
    public mutating func integer(_ value: some BinaryInteger) {
        number(String(value))
    }

    /// Writes a floating-point number, or null when it is not finite.
    public mutating func double(_ value: Double) {
        number(value.isFinite ? String(value) : "null")
    }

    /// Writes a boolean.
    public mutating func bool(_ value: Bool) {
        number(value ? "true" : "false")
    }

    /// Writes null.
    public mutating func null() {
        number("null")
    }

    /// Writes JSON text that is already valid and compact.
    public mutating func raw(_ json: String) {
        number(json)
    }

    /// Writes any value.
    public mutating func value(_ value: JSONValue) {
        switch value {
        case .null: null()
        case .bool(let bool): self.bool(bool)
        case .number(let text): number(text)
        case .string(let text): string(text)
        case .array(let elements):
            beginArray()
            for element in elements { self.value(element) }
            endArray()
        case .object(let object):
            beginObject()
            members(object)
            endObject()
        }
    }

    /// Writes the members of an object into the one that is open.
    public mutating func members(_ object: JSONObject) {
        for member in object.members {
            key(member.key)
            value(member.value)
        }
    }

    private mutating func quote(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { buffer in
            var plain = 0
            var place = 0
            while place < buffer.count {
                let (escape, length) = unsafe Self.escape(at: place, in: buffer)
                if length == 0 {
                    place += 1
                    continue
                }
                unsafe bytes.append(contentsOf: buffer[plain..<place])
                bytes.append(contentsOf: escape.utf8)
                place += length
                plain = place
            }
            unsafe bytes.append(contentsOf: buffer[plain...])
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// The escape for the character at a place and how many bytes it replaces; 0 when none is needed.
    @inline(__always)
    private static func escape(at place: Int, in buffer: UnsafeBufferPointer<UInt8>) -> (String, Int) {
        let byte = unsafe buffer[place]
        if byte >= 0x20, byte < 0x7F {
            if byte == UInt8(ascii: "\"") { return ("\\\"", 1) }
            if byte == UInt8(ascii: "\\") { return ("\\\\", 1) }
            return ("", 0)
        }
        if byte < 0x80 { return (control(UInt32(byte)), 1) }
        // Only what begins with one of these may be a character that is not shown as it is.
        let length: Int
        switch byte {
        case 0xC2, 0xD8: length = 2
        case 0xE1, 0xE2, 0xEF: length = 3
        case 0xF3: length = 4
        default: return ("", 0)
        }
        guard place + length <= buffer.count else { return ("", 0) }
        var scalar = UInt32(byte & (0x7F >> UInt8(length)))
        for next in place + 1..<place + length {
            scalar = unsafe scalar << 6 | UInt32(buffer[next] & 0x3F)
        }
        return isHidden(scalar) ? (control(scalar), length) : ("", 0)
    }

    /// Whether a character beyond ASCII controls a terminal, reorders text or takes no place in it.
    private static func isHidden(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x80...0x9F, 0xAD, 0x61C, 0x180E, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF,
            0xFFF9...0xFFFB, 0xE0000...0xE0FFF:
            true
        default: false
        }
    }

    private static func control(_ scalar: UInt32) -> String {
        switch scalar {
        case 0x08: return "\\b"
        case 0x09: return "\\t"
        case 0x0A: return "\\n"
        case 0x0C: return "\\f"
        case 0x0D: return "\\r"
        case 0x10000...:
            // Beyond four digits JSON takes the two halves of UTF-16.
            return hexadecimal(0xD800 + (scalar - 0x10000) >> 10) + hexadecimal(0xDC00 + scalar & 0x3FF)
        default: return hexadecimal(scalar)
        }
    }

    private static func hexadecimal(_ unit: UInt32) -> String {
        let digits = String(unit, radix: 16)
        return "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
    }
}
