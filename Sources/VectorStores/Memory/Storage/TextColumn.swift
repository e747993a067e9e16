/// One interned byte string per row.
struct TextColumn: ~Copyable {
    /// The number of each row's value; ``Interner/absent`` where there is none.
    var numbers = NumberColumn()
    /// The values.
    var values = Interner()

    mutating func append(_ text: String?) { numbers.append(values.intern(text)) }

    mutating func set(_ text: String?, at row: Int) { numbers[row] = values.intern(text) }

    func text(at row: Int) -> String? { values.optionalText(numbers[row]) }

    /// Bytes allocated.
    var memoryBytes: Int { numbers.memoryBytes + values.memoryBytes }
}

/// Lists of strings as one byte string, so that a list is interned whole.
enum ListCode {
    /// The list as its elements' lengths and bytes.
    static func encoded(_ list: [String]) -> [UInt8] {
        var bytes: [UInt8] = []
        for element in list {
            Varint.append(UInt64(element.utf8.count), to: &bytes)
            bytes.append(contentsOf: element.utf8)
        }
        return bytes
    }

    /// The list that `encoded` wrote.
    static func decoded(_ bytes: ArraySlice<UInt8>) -> [String] {
        var list: [String] = []
        var reader = ByteReader(bytes)
        while reader.remaining > 0, let element = try? reader.text() { list.append(element) }
        return list
    }

    /// Whether an element of the list that `encoded` wrote contains a fragment.
    static func contains(_ fragment: Fragment, in bytes: ArraySlice<UInt8>) -> Bool {
        var reader = ByteReader(bytes)
        while reader.remaining > 0, let count = try? reader.count(), let element = try? reader.raw(count) {
            if fragment.occurs(in: element.span) { return true }
        }
        return false
    }

    /// Whether bytes are what `encoded` writes.
    static func isSound(_ bytes: ArraySlice<UInt8>) -> Bool {
        var reader = ByteReader(bytes)
        while reader.remaining > 0 {
            guard let length = try? reader.count(), let element = try? reader.raw(length),
                UTF8Text.isValid(element.span)
            else { return false }
        }
        return true
    }
}

/// What may be decoded without change.
enum UTF8Text {
    static func isValid(_ bytes: Span<UInt8>) -> Bool {
        do {
            _ = try UTF8Span(validating: bytes)
            return true
        } catch {
            return false
        }
    }
}

extension TextColumn {
    mutating func append(list: [String]) { numbers.append(values.intern(ListCode.encoded(list).span)) }

    mutating func set(list: [String], at row: Int) {
        numbers[row] = values.intern(ListCode.encoded(list).span)
    }

    func list(at row: Int) -> [String] { ListCode.decoded(values.bytes(numbers[row])) }
}
