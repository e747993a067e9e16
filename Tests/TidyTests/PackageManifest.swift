/// The targets of Package.swift with their dependencies, as far as the rules need them.
struct PackageManifest {
    /// A target, the targets it may import, and whether it is C.
    struct Target {
        let name: String
        let dependencies: Set<String>
        let isTest: Bool
    }

    let targets: [Target]

    /// Reads the list of targets from the text of a manifest.
    init(_ text: String) {
        // Comments hold brackets and quotes of their own.
        let code = text.split(separator: "\n").filter { !$0.drop { $0 == " " }.hasPrefix("//") }.joined(
            separator: "\n")
        let starts = code.matches(of: #/\.(target|testTarget|executableTarget|systemLibrary)\(/#)
        targets = starts.compactMap { start in
            let body = Self.balanced(code[start.range.upperBound...])
            guard let name = body.firstMatch(of: #/name:\s*"([^"]+)"/#)?.1 else { return nil }
            var list = Substring()
            if let dependencies = body.firstMatch(of: #/dependencies:\s*\[/#) {
                list = body[dependencies.range.upperBound...]
            }
            // A product's package is quoted too; it is no module, and no harm.
            let names = list.matches(of: #/"([^"]+)"/#).map { String($0.1) }
            return Target(
                name: String(name), dependencies: Set(names), isTest: start.output.1 == "testTarget")
        }
    }

    /// The text up to the bracket that closes the one before it.
    private static func balanced(_ text: Substring) -> Substring {
        var depth = 1
        for place in text.indices {
            switch text[place] {
            case "(": depth += 1
            case ")": depth -= 1
            default: break
            }
            if depth == 0 { return text[..<place] }
        }
        return text
    }
}
