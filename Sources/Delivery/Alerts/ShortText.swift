/// Texts of a bounded size, for receivers with limits and for people.
enum ShortText {
    /// The text, or its beginning and an ellipsis where it is longer than so many bytes.
    static func cut(_ text: String, toBytes limit: Int) -> String {
        guard text.utf8.count > limit else { return text }
        var result = ""
        var bytes = 3
        for scalar in text.unicodeScalars {
            bytes += UTF8.width(scalar)
            if bytes > limit { break }
            result.unicodeScalars.append(scalar)
        }
        return result + "…"
    }

    /// The same, told apart from every other text that begins so.
    static func cutApart(_ text: String, toBytes limit: Int) -> String {
        guard text.utf8.count > limit else { return text }
        return cut(text, toBytes: limit - 17) + "~" + Fingerprint.of([text])
    }

    /// One line without control characters and marks that reorder text, cut to so many bytes.
    static func line(_ text: String, toBytes limit: Int) -> String {
        var result = ""
        for scalar in text.unicodeScalars.prefix(limit) {
            let isPlain = !scalar.properties.isDefaultIgnorableCodePoint && !isControl(scalar)
            result.unicodeScalars.append(isPlain ? scalar : " ")
        }
        return cut(result, toBytes: limit)
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}
