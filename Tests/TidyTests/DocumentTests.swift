import Foundation
import Testing

/// Rules of the documents and of what is kept in the repository.
@Suite struct DocumentTests {
    private static let roots = ["README.md", "CHANGELOG.md", "NOTICE", "sample-data/README.md"]

    private static func documents() -> [Tree.File] {
        Tree.files(in: "Documentation", withExtension: "md")
            + roots.compactMap { path in (try? Tree.text(path)).map { Tree.File(path: path, text: $0) } }
    }

    /// The files a document links to, as paths from the root.
    private static func links(of document: Tree.File) -> [String] {
        document.text.matches(of: #/\]\(([^)#\s]+)[^)]*\)/#).map { String($0.1) }.filter {
            !$0.contains("://")
        }.map {
            let folder = URL(filePath: "/" + document.path).deletingLastPathComponent()
            return String(folder.appending(path: $0).standardized.path.dropFirst())
        }
    }

    @Test func `every link between documents leads somewhere`() {
        var broken: [String] = []
        for document in Self.documents() {
            for link in Self.links(of: document) where !Tree.exists(link) {
                broken.append("\(document.path) -> \(link)")
            }
        }
        #expect(broken == [])
    }

    @Test func `every document can be reached from the front page`() {
        let documents = Dictionary(uniqueKeysWithValues: Self.documents().map { ($0.path, $0) })
        var reached: Set<String> = []
        var ahead = ["README.md"]
        while let path = ahead.popLast() {
            guard reached.insert(path).inserted, let document = documents[path] else { continue }
            ahead += Self.links(of: document)
        }
        let documentation = documents.keys.filter { $0.hasPrefix("Documentation/") }
        #expect(documentation.filter { !reached.contains($0) } == [])
        #expect(reached.contains("Documentation/Architecture.md"))
    }

    @Test func `every target is described in the architecture`() throws {
        let architecture = try Tree.text("Documentation/Architecture.md")
        let targets = PackageManifest(try Tree.text("Package.swift")).targets.filter { !$0.isTest }
        #expect(targets.map(\.name).filter { !architecture.contains("`\($0)`") } == [])
    }

    @Test func `every script is described where work on the project is`() throws {
        let development = try Tree.text("Documentation/Development.md")
        let scripts = try FileManager.default.contentsOfDirectory(
            atPath: Tree.root.appending(path: "scripts").path)
        #expect(scripts.filter { !development.contains("scripts/\($0)") } == [])
    }

    @Test func `what is built is not kept`() throws {
        let ignored = try Tree.text(".gitignore").split(separator: "\n")
        for name in [".build/", ".build-*/", "Package.resolved"] {
            #expect(ignored.contains(Substring(name)))
        }
    }

    @Test func `every package has an exact version and a reason`() throws {
        let manifest = try Tree.text("Package.swift")
        let reasons = try Tree.text("Documentation/Dependencies.md")
        let packages = manifest.matches(of: #/\.package\(url: "([^"]+)", ([^)]*)\)/#)
        #expect(!packages.isEmpty)
        for package in packages {
            #expect(package.2.hasPrefix("exact:"), "\(package.1)")
            let name = package.1.split(separator: "/").last.map(String.init) ?? ""
            #expect(reasons.contains(name), "\(name) is not in Documentation/Dependencies.md")
        }
    }

    @Test func `the licence and the credits are there`() throws {
        #expect(try Tree.text("LICENSE").contains("Apache License"))
        let notice = try Tree.text("NOTICE")
        #expect(notice.contains("CC BY 4.0") && notice.contains("tinted-theming"))
    }
}
