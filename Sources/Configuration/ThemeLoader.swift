public import TerminalUI

/// Reads published colour schemes: Base16 (builder 0.11.2, and the older form) and Base24 (0.1.3).
public enum ThemeLoader {
    /// The most bytes of a scheme.
    public static let maximumBytes = 64 * 1024

    /// A scheme and the name it is chosen by.
    public struct LoadedScheme: Sendable, Equatable {
        /// The slug it gives itself, else made from its name.
        public let slug: String
        /// The colours.
        public let scheme: Scheme
    }

    /// Reads a scheme from a file.
    public static func load(path: String) throws(ConfigurationError) -> LoadedScheme {
        try parse(TextFile.read(path, maximumBytes: maximumBytes), file: path)
    }

    /// Reads a scheme from text; keys it does not know are left alone.
    public static func parse(_ text: String, file: String) throws(ConfigurationError) -> LoadedScheme {
        guard text.utf8.count <= maximumBytes else {
            throw ConfigurationError(file: file, problem: "is larger than \(maximumBytes / 1024) KiB")
        }
        let root = try YAMLDocument.parse(text, file: file)
        func fail(_ problem: String, at line: Int?) -> ConfigurationError {
            ConfigurationError(file: file, line: line, problem: problem)
        }
        guard let entries = root.entries else {
            throw fail(
                "a colour scheme has keys such as `name` and `palette`, this is \(root.kindName)",
                at: root.line)
        }
        let nested = root["scheme"]?.entries != nil
        let system = (root["system"] ?? root["scheme"]?["system"])?.text?.lowercased()
        if let system, !["base16", "base24"].contains(system) {
            let place = root["system"] ?? root["scheme"]?["system"]
            throw fail(
                system == "tinted8" || nested
                    ? "tinted8 schemes are not supported yet; choose a base16 or base24 scheme"
                    : "unknown scheme system \"\(system.terminalSafe)\"; base16 and base24 can be read",
                at: place?.line)
        }
        guard let name = (root["name"] ?? root["scheme"])?.text, !name.isEmpty else {
            throw fail("the scheme has no `name`", at: nil)
        }
        if let palette = root["palette"], palette.entries == nil {
            throw fail("`palette` must hold base00 to base0F, it is \(palette.kindName)", at: palette.line)
        }
        let colors = try colors(root["palette"]?.entries ?? entries, file: file)
        let wanted = try palette(colors, system: system, file: file, line: root["palette"]?.line)
        let variant = root["variant"]?.text.flatMap { Scheme.Variant(rawValue: $0.lowercased()) }
        guard
            let scheme = Scheme(
                name: name, author: root["author"]?.text ?? "", variant: variant, palette: wanted)
        else { throw fail("the scheme has \(wanted.count) colours, 16 or 24 are needed", at: nil) }
        let slug = root["slug"]?.text.flatMap { $0.isEmpty ? nil : $0 }
        return LoadedScheme(slug: slugified(slug ?? name), scheme: scheme)
    }

    /// The colours given, by number: the labels are hexadecimal, so base10 follows base0F.
    private static func colors(
        _ entries: [YAMLValue.Entry], file: String
    ) throws(ConfigurationError) -> [Int: RGB] {
        var colors: [Int: RGB] = [:]
        for entry in entries {
            guard entry.key.count == 6, entry.key.lowercased().hasPrefix("base"),
                let number = Int(entry.key.dropFirst(4), radix: 16), number < 24
            else { continue }
            guard let text = entry.value.text, let color = RGB(hex: text) else {
                let shown =
                    entry.value.text.map { "\"\(String($0.prefix(40)).terminalSafe)\"" }
                    ?? entry.value.kindName
                throw ConfigurationError(
                    file: file, line: entry.line,
                    problem: "\(entry.key) is \(shown), six hexadecimal digits are needed, such as \"1e1e2e\""
                )
            }
            colors[number] = color
        }
        return colors
    }

    private static func palette(
        _ colors: [Int: RGB], system: String?, file: String, line: Int?
    ) throws(ConfigurationError) -> [RGB] {
        let count =
            system == "base24" || system == nil && (16..<24).allSatisfy { colors[$0] != nil } ? 24 : 16
        let missing = (0..<count).filter { colors[$0] == nil }.map(label)
        guard missing.isEmpty else {
            throw ConfigurationError(
                file: file, line: line, problem: "the palette lacks \(missing.joined(separator: ", "))")
        }
        return (0..<count).compactMap { colors[$0] }
    }

    private static func label(_ number: Int) -> String {
        "base" + (number < 16 ? "0" : "") + String(number, radix: 16, uppercase: true)
    }

    /// A name as a file name would have it: lower case, words joined by hyphens.
    static func slugified(_ name: String) -> String {
        var slug = ""
        for scalar in name.lowercased().unicodeScalars {
            let plain = plainLetters[scalar] ?? scalar
            if plain.isASCII, plain.properties.isAlphabetic || plain.properties.numericType != nil {
                slug.unicodeScalars.append(plain)
            } else if !slug.isEmpty, !slug.hasSuffix("-"), plain.properties.generalCategory != .nonspacingMark
            {
                slug += "-"
            }
        }
        while slug.hasSuffix("-") { slug.removeLast() }
        return slug
    }

    private static let plainLetters: [Unicode.Scalar: Unicode.Scalar] = [
        "é": "e", "è": "e", "ê": "e", "ë": "e", "á": "a", "à": "a", "â": "a", "ä": "a", "å": "a", "ã": "a",
        "í": "i", "ì": "i", "î": "i", "ï": "i", "ó": "o", "ò": "o", "ô": "o", "ö": "o", "õ": "o", "ø": "o",
        "ú": "u", "ù": "u", "û": "u", "ü": "u", "ç": "c", "ñ": "n",
    ]
}
