/// Identifiers in 16 bytes per row: UUIDs packed, short texts in place, longer ones in an arena.
struct IdentifierColumn: ~Copyable {
    /// How an identifier is kept.
    enum Form: UInt8 {
        /// Up to 15 bytes, the length in the last byte.
        case short = 0
        /// A lower-case UUID, packed.
        case uuid = 1
        /// Offset and lengths of a text in the arena.
        case long = 2
    }

    /// An identifier in 16 bytes.
    struct Code: Hashable {
        var form: Form
        var high: UInt64
        var low: UInt64
    }

    var highs = Column<UInt64>()
    var lows = Column<UInt64>()
    var arena: [UInt8] = []

    init() {}

    /// Rows held.
    var count: Int { highs.count }

    /// Bytes allocated.
    var memoryBytes: Int { highs.memoryBytes + lows.memoryBytes + arena.capacity }

    /// Appends an identifier and the length of its original part; answers how it is kept.
    ///
    /// A derived identifier (`originalLength` below the whole length) always goes to the arena.
    mutating func append(_ text: String, originalLength: Int) -> Form {
        let utf8 = text.utf8
        if utf8.count == originalLength, let code = IdentifierColumn.compact(text) {
            highs.append(code.high)
            lows.append(code.low)
            return code.form
        }
        highs.append(UInt64(arena.count))
        lows.append(UInt64(utf8.count) | UInt64(originalLength) << 32)
        arena.append(contentsOf: utf8)
        return .long
    }

    /// The stored identifier of a row.
    func text(at row: Int, form: Form) -> String {
        switch form {
        case .short: IdentifierColumn.shortText(high: highs[row], low: lows[row])
        case .uuid: IdentifierColumn.uuidText(high: highs[row], low: lows[row])
        case .long: String(decoding: arena[longRange(at: row)], as: UTF8.self)
        }
    }

    /// The packed identifier of a row; `nil` for one in the arena.
    func code(at row: Int, form: Form) -> Code? {
        form == .long ? nil : Code(form: form, high: highs[row], low: lows[row])
    }

    /// The identifier the source gave: the stored one without what was derived.
    func originalText(at row: Int, form: Form) -> String {
        guard form == .long else { return text(at: row, form: form) }
        let range = longRange(at: row)
        return String(decoding: arena[range.prefix(Int(lows[row] >> 32))], as: UTF8.self)
    }

    /// Whether a row's stored identifier is a text, given also in compact form where it has one.
    func matches(row: Int, form: Form, text: String, compact: Code?) -> Bool {
        guard form == .long else {
            return compact?.form == form && compact?.high == highs[row] && compact?.low == lows[row]
        }
        let range = longRange(at: row)
        return range.count == text.utf8.count && arena[range].elementsEqual(text.utf8)
    }

    /// The compact form of an identifier; `nil` when it needs the arena.
    static func compact(_ text: String) -> Code? {
        let bytes = text.utf8Span.span
        if bytes.count <= 15 {
            var high: UInt64 = 0
            var low = UInt64(bytes.count) << 56
            for index in bytes.indices {
                if index < 8 {
                    high |= UInt64(bytes[index]) << UInt64(index * 8)
                } else {
                    low |= UInt64(bytes[index]) << UInt64((index - 8) * 8)
                }
            }
            return Code(form: .short, high: high, low: low)
        }
        guard bytes.count == 36 else { return nil }
        var high: UInt64 = 0
        var low: UInt64 = 0
        var digits = 0
        for index in bytes.indices {
            let byte = bytes[index]
            if index == 8 || index == 13 || index == 18 || index == 23 {
                guard byte == UInt8(ascii: "-") else { return nil }
                continue
            }
            let digit: UInt64
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = UInt64(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = UInt64(byte - UInt8(ascii: "a")) + 10
            default: return nil
            }
            if digits < 16 { high = high << 4 | digit } else { low = low << 4 | digit }
            digits += 1
        }
        return Code(form: .uuid, high: high, low: low)
    }

    func longRange(at row: Int) -> Range<Int> {
        let start = Int(highs[row])
        return start..<(start + Int(lows[row] & 0xFFFF_FFFF))
    }

    private static func shortText(high: UInt64, low: UInt64) -> String {
        let length = Int(low >> 56)
        return unsafe String(unsafeUninitializedCapacity: 15) { buffer in
            for index in 0..<length {
                let word = index < 8 ? high >> UInt64(index * 8) : low >> UInt64((index - 8) * 8)
                unsafe buffer[index] = UInt8(truncatingIfNeeded: word)
            }
            return length
        }
    }

    private static func uuidText(high: UInt64, low: UInt64) -> String {
        unsafe String(unsafeUninitializedCapacity: 36) { buffer in
            var place = 0
            for digit in 0..<32 {
                if digit == 8 || digit == 12 || digit == 16 || digit == 20 {
                    unsafe buffer[place] = UInt8(ascii: "-")
                    place += 1
                }
                let word = digit < 16 ? high : low
                let value = UInt8(truncatingIfNeeded: word >> UInt64((15 - digit % 16) * 4)) & 15
                unsafe buffer[place] = value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
                place += 1
            }
            return 36
        }
    }
}
