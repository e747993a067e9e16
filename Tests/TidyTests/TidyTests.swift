import Foundation
import Testing

/// Rules of the tree that no compiler checks.
@Suite struct TidyTests {
    /// A file longer than this does more than one thing.
    private static let linesMax = 400
    /// The formatter keeps code within 110; comments may stand out a little.
    private static let columnsMax = 120

    @Test func `no source file is too long`() {
        let long = (Tree.sources + Tree.tests).filter { !$0.isGenerated && $0.lines.count > Self.linesMax }
        #expect(long.map { "\($0.path): \($0.lines.count) lines" } == [])
    }

    @Test func `no line of code is too long`() {
        var found: [String] = []
        for file in Tree.sources where !file.isGenerated {
            for (number, line) in file.lines.enumerated() where line.count > Self.columnsMax {
                found.append("\(file.path):\(number + 1): \(line.count) columns")
            }
        }
        #expect(found == [])
    }

    @Test func `no source has tabs or blanks at the end of a line, and each ends with one newline`() {
        var found: [String] = []
        for file in Tree.sources + Tree.tests {
            for (number, line) in file.lines.enumerated() where line.contains("\t") || line.hasSuffix(" ") {
                found.append("\(file.path):\(number + 1)")
            }
            if !file.text.hasSuffix("\n") || file.text.hasSuffix("\n\n") { found.append("\(file.path): end") }
        }
        #expect(found == [])
    }

    @Test func `a target imports only what the manifest gives it`() throws {
        let manifest = PackageManifest(try Tree.text("Package.swift"))
        let own = Set(manifest.targets.map(\.name))
        let allowed = Dictionary(uniqueKeysWithValues: manifest.targets.map { ($0.name, $0.dependencies) })
        #expect(own.count > 10)
        var found: [String] = []
        for file in Tree.sources + Tree.tests {
            let imports = file.text.matches(
                of: #/(?m)^(?:@\w+ )*(?:public |internal |private )?import (?:\w+ )?(\w+)/#)
            for name in imports.map({ String($0.1) }) where own.contains(name) {
                if allowed[file.target]?.contains(name) != true {
                    found.append("\(file.path) imports \(name)")
                }
            }
        }
        #expect(found == [])
    }

    @Test func `targets stand bottom up in the manifest`() throws {
        var above: Set<String> = []
        let targets = PackageManifest(try Tree.text("Package.swift")).targets
        let own = Set(targets.map(\.name))
        for target in targets {
            #expect(target.dependencies.intersection(own).subtracting(above) == [], "\(target.name)")
            above.insert(target.name)
        }
    }

    @Test func `every folder of sources is a target and every target has tests`() throws {
        let targets = PackageManifest(try Tree.text("Package.swift")).targets
        let named = Set(targets.filter { !$0.isTest }.map(\.name))
        #expect(Set(Tree.sources.map(\.target)).subtracting(named) == [])
        let tested = targets.filter(\.isTest).reduce(into: Set<String>()) { $0.formUnion($1.dependencies) }
        let modules = Set(Tree.sources.map(\.target))
        #expect(modules.subtracting(tested) == [])
    }

    /// These start with the program and run for every decision or every key; Foundation is slow to do either.
    private static let withoutFoundation: Set<String> = [
        "Console", "CursesTerminal", "Decisions", "Gzip", "PolicyEngine", "TerminalUI", "VectorIndex",
    ]

    @Test func `the core does without Foundation`() {
        let found = Tree.sources.filter { file in
            Self.withoutFoundation.contains(file.target)
                && file.text.contains(#/(?m)^(?:public |internal )?import Foundation/#)
        }
        #expect(found.map(\.path) == [])
    }

    @Test func `locks are those that the thread sanitizer can check`() {
        // The code that the documents show stands on its own.
        let found = (Tree.sources + Tree.tests).filter { file in
            !["Locks", "SnippetTests"].contains(file.target) && file.text.contains(#/\bMutex\b/#)
                && !file.text.contains(#/(?m)^(?:public |internal )?import Locks$/#)
        }
        #expect(found.map(\.path) == [])
    }

    @Test func `what is called sendable without proof says why`() {
        var found: [String] = []
        for file in Tree.sources + Tree.tests {
            let lines = file.lines
            for (number, line) in lines.enumerated() where line.contains("@unchecked Sendable") {
                let before = lines[max(0, number - 8)..<number]
                if !before.contains(where: { $0.drop { $0 == " " }.hasPrefix("//") }) && !line.contains("//")
                {
                    found.append("\(file.path):\(number + 1)")
                }
            }
        }
        #expect(found == [])
    }

    /// Folders that call C, or whose speed is made of pointers.
    private static let withUnsafeCode = [
        "Configuration/TextFile", "Console/Runtime/", "CursesTerminal/", "DecisionLogs/", "Decisions/",
        "Delivery/Sending/CurlTransport", "Gzip/",
        "Locks/", "Operations/", "PostgresStore/Client/", "VectorIndex/", "VectorStores/", "verdict/",
    ]

    @Test func `unsafe code stays where it has to be`() {
        let found = Tree.sources.filter { file in
            !Self.withUnsafeCode.contains { file.path.hasPrefix("Sources/\($0)") }
                && file.lines.contains { line in
                    !line.drop { $0 == " " }.hasPrefix("//") && line.contains(#/\bunsafe [a-zA-Z&(]/#)
                        && !line.contains("\"")
                }
        }
        #expect(found.map(\.path) == [])
    }

    @Test func `nothing is left to be done and nothing points at one machine`() {
        let forbidden: [(name: String, pattern: Regex<Substring>)] = [
            ("a note of work to do", #/\b(?:TODO|FIXME|XXX|HACK)\b/#),
            ("a path of one machine", #/(?:^|["'\s(])\/(?:work|home|root)\//#),
            ("an empty promise", #/(?i)not (?:yet )?implemented|lorem ipsum/#),
        ]
        let texts =
            Tree.sources + Tree.tests + Tree.files(in: "Documentation", withExtension: "md")
            + ["README.md", "CHANGELOG.md", "Package.swift"].compactMap { path in
                (try? Tree.text(path)).map { Tree.File(path: path, text: $0) }
            }
        var found: [String] = []
        for file in texts {
            for (number, line) in file.lines.enumerated() {
                for rule in forbidden where line.contains(rule.pattern) {
                    found.append("\(file.path):\(number + 1): \(rule.name)")
                }
            }
        }
        #expect(found == [])
    }

    @Test func `files are named for what they are`() {
        let vague = (Tree.sources + Tree.tests).filter {
            $0.path.contains(#/(?:Manager|Helper|Helpers|Utils|Util)\.swift$/#)
        }
        #expect(vague.map(\.path) == [])
    }

    @Test func `tests wait for events, never for time`() {
        let sleeping = Tree.tests.filter { file in
            // An hour is a wait that only cancelling ends; `clock.sleep` is a clock that tests hold.
            let text = file.text.replacing("Task.sleep(for: .seconds(3_600))", with: "")
                .replacing("func sleep(", with: "").replacing("clock.sleep(", with: "")
            return text.contains(#/\b(?:u|nano)?sleep\(|Task\.sleep/#)
        }
        // Programs and servers under test run for themselves there, and are polled with a limit.
        let polling = ["Tests/Acceptance/Process/", "Tests/PostgresTesting/"]
        #expect(sleeping.map(\.path).filter { path in !polling.contains { path.hasPrefix($0) } } == [])
    }

    @Test func `every test states something`() {
        var found: [String] = []
        for functions in Dictionary(grouping: Tree.tests, by: \.target).values.map({ $0.map(\.functions) }) {
            let stating = TestFunction.stating(functions.flatMap { $0 })
            for function in functions.joined() where function.isTest && !function.states(through: stating) {
                found.append("\(function.path): \(function.name)")
            }
        }
        #expect(found.sorted() == [])
    }

    @Test func `a test that states nothing is found out`() {
        let text = """
            struct Tests {
                private func check(_ sum: Int) {
                    #expect(sum == 2)
                }
                private func prepare() { print("check") }
                @Test func `states itself`() {
                    #expect(1 + 1 == 2)
                }
                @Test(arguments: [1, 2])
                func `states through another`(number: Int) throws {
                    check(number)
                }
                @Test func `only mentions what checks`() {
                    // check that it does not crash
                    prepare()
                }
            }
            """
        let functions = Tree.File(path: "Tests/T/T.swift", text: text).functions
        let stating = TestFunction.stating(functions)
        #expect(functions.count == 5 && stating == ["check"])
        #expect(
            functions.filter { $0.isTest && !$0.states(through: stating) }.map(\.name)
                == ["`only mentions what checks`"])
    }
}
