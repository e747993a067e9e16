/// A function of a test file, as its text.
struct TestFunction {
    let path: String
    let name: String
    let body: String
    let isTest: Bool

    /// Whether it states something itself; what is overdue fails a test as well.
    private var statesItself: Bool {
        body.contains(#/#expect\b|#require\b|Issue\.record\(|confirmation\(|throw Overdue\(/#)
    }

    /// Whether it states something, itself or through a function that does.
    func states(through others: Set<String>) -> Bool {
        statesItself || body.matches(of: #/(\w+)\(/#).contains { others.contains(String($0.1)) }
    }

    /// The names of those that are no tests and state something, if only through each other.
    static func stating(_ functions: [TestFunction]) -> Set<String> {
        var names: Set<String> = []
        while true {
            let more = functions.filter {
                !$0.isTest && !names.contains($0.name) && $0.states(through: names)
            }
            if more.isEmpty { return names }
            names.formUnion(more.map(\.name))
        }
    }
}

extension Tree.File {
    /// Its functions; each ends at the closing brace that stands as far in as it begins.
    var functions: [TestFunction] {
        let lines = lines
        return lines.indices.compactMap { place in
            guard let match = lines[place].firstMatch(of: #/^( *)(?:.*\s)?func (`[^`]+`|\w+)/#) else {
                return nil
            }
            let indent = match.1
            var body = [lines[place]]
            if !lines[place].hasSuffix("}") {
                body += lines[(place + 1)...].prefix { $0 != indent + "}" }
            }
            // Code alone can state something.
            let code = body.filter { !$0.drop { $0 == " " }.hasPrefix("//") }
            return TestFunction(
                path: path, name: String(match.2), body: code.joined(separator: "\n"),
                isTest: isTest(at: place, in: lines))
        }
    }

    /// Whether a test's mark stands before a function, on its line or in the lines of attributes above.
    private func isTest(at place: Int, in lines: [Substring]) -> Bool {
        if lines[place].contains("@Test") { return true }
        let above = lines[..<place].reversed().prefix {
            !$0.isEmpty && !$0.hasSuffix("}") && !$0.hasSuffix("{")
        }
        return above.contains { $0.contains("@Test") }
    }
}
