import Decisions

extension IdentifierColumn {
    /// Whether a row's identifier comes before another's as their bytes are ordered; nil when they are equal.
    func precedes(_ row: Int, _ form: Form, _ other: Int, _ otherForm: Form) -> Bool? {
        switch (form, otherForm) {
        case (.short, .short):
            // The first byte is the lowest. What lies past the end is zero, and the length comes last, so
            // that a text comes before those that go on.
            IdentifierColumn.precedes(
                (highs[row].byteSwapped, lows[row].byteSwapped),
                (highs[other].byteSwapped, lows[other].byteSwapped))
        case (.uuid, .uuid):
            // Digits are ordered as their values, and hyphens are at the same places.
            IdentifierColumn.precedes((highs[row], lows[row]), (highs[other], lows[other]))
        default: precedesByBytes(row, form, other, otherForm)
        }
    }

    private static func precedes(_ left: (UInt64, UInt64), _ right: (UInt64, UInt64)) -> Bool? {
        left == right ? nil : left < right
    }

    private func precedesByBytes(_ row: Int, _ form: Form, _ other: Int, _ otherForm: Form) -> Bool? {
        let (count, otherCount) = (byteCount(at: row, form: form), byteCount(at: other, form: otherForm))
        for place in 0..<min(count, otherCount) {
            let (left, right) = (
                byte(place, at: row, form: form), byte(place, at: other, form: otherForm)
            )
            if left != right { return left < right }
        }
        return count == otherCount ? nil : count < otherCount
    }

    /// How many bytes a row's identifier has.
    private func byteCount(at row: Int, form: Form) -> Int {
        switch form {
        case .short: Int(lows[row] >> 56)
        case .uuid: 36
        case .long: longRange(at: row).count
        }
    }

    /// One byte of a row's identifier.
    private func byte(_ place: Int, at row: Int, form: Form) -> UInt8 {
        switch form {
        case .short:
            let word = place < 8 ? highs[row] : lows[row]
            return UInt8(truncatingIfNeeded: word >> UInt64(place % 8 * 8))
        case .uuid:
            guard let digit = IdentifierColumn.uuidDigits[place] else { return UInt8(ascii: "-") }
            let word = digit < 16 ? highs[row] : lows[row]
            let value = UInt8(truncatingIfNeeded: word >> UInt64((15 - digit % 16) * 4)) & 15
            return value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
        case .long: return arena[longRange(at: row).lowerBound + place]
        }
    }

    /// Which digit of a UUID stands at each place of its text; nil where a hyphen does.
    static let uuidDigits: [Int?] = {
        var next = 0
        return (0..<36).map { place in
            if [8, 13, 18, 23].contains(place) { return nil }
            defer { next += 1 }
            return next
        }
    }()
}

extension DecisionColumns {
    /// Whether a row is listed before another: by identifier, then tenant, as their bytes are ordered.
    func isListed(_ row: Int, before other: Int) -> Bool {
        let (form, otherForm) = (RowFlags(rawValue: flags[row]).form, RowFlags(rawValue: flags[other]).form)
        if let precedes = identifiers.precedes(row, form, other, otherForm) { return precedes }
        return ByteKey(tenants.text(at: row) ?? "") < ByteKey(tenants.text(at: other) ?? "")
    }
}
