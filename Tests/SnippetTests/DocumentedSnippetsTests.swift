import Foundation
import Testing

/// The library's guide shows the code of these tests and nothing else.
@Suite struct DocumentedSnippetsTests {
    @Test func `the guide shows every snippet as it compiles`() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
        let root = folder.deletingLastPathComponent().deletingLastPathComponent()
        let guide = try String(
            contentsOf: root.appending(path: "Documentation/Libraries.md"), encoding: .utf8)
        var names: [String] = []
        for file in try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil) {
            let text = try String(contentsOf: file, encoding: .utf8)
            for match in text.matches(of: #/(?ms)^// snippet: ([a-z ]+)\n(.*?)^// snippet: end$/#)
            where match.1 != "end" {
                names.append(String(match.1))
                // The store is long; the guide points at its file.
                let shown =
                    guide.contains("```swift\n\(match.2)```")
                    || guide.contains("(../Tests/SnippetTests/\(file.lastPathComponent))")
                #expect(shown, "\(match.1) differs from Documentation/Libraries.md")
            }
        }
        #expect(names.sorted() == ["filter", "own engine", "own store", "rebuild", "recording", "search"])
    }
}
