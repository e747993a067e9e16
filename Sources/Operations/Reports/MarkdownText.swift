import VectorStores

/// Text from outside as part of a Markdown document: shown as it is, never read as marks.
enum MarkdownText {
    /// The longest text that is shown, in characters.
    static let limit = 2_000

    /// A name or value in the type of code.
    static func code(_ text: String) -> String {
        let shown = text.isEmpty ? "(none)" : PrintedText.escaped(text, limit: limit)
        let longest = shown.split { $0 != "`" }.map(\.count).max() ?? 0
        let fence = String(repeating: "`", count: longest + 1)
        let pad = shown.first == "`" || shown.last == "`" ? " " : ""
        return fence + pad + shown + pad + fence
    }

    /// Prose whose marks are escaped; of several lines, one.
    static func prose(_ text: String) -> String {
        let line = String(text.map { $0 == "\n" ? " " : $0 })
        var result = ""
        for character in PrintedText.escaped(line, limit: limit) {
            if "\\`*_[]<>|#&~".contains(character) { result.append("\\") }
            result.append(character)
        }
        return result
    }

    /// A block of commands to copy.
    static func commands(_ lines: [String]) -> String {
        "```sh\n" + lines.joined(separator: "\n") + "\n```\n"
    }
}
