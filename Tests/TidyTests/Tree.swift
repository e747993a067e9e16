import Foundation

/// The files of the repository, read as text.
struct Tree {
    /// A text file and its path from the root.
    struct File {
        let path: String
        let text: String

        var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
        /// The target a source file belongs to: the folder under Sources or Tests.
        var target: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }
    }

    /// The folder with Package.swift.
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Every file with an extension in a folder, in the order of paths.
    static func files(in folder: String, withExtension wanted: String) -> [File] {
        let start = root.appending(path: folder)
        guard let walker = FileManager.default.enumerator(at: start, includingPropertiesForKeys: nil) else {
            return []
        }
        var files: [File] = []
        for case let url as URL in walker where url.pathExtension == wanted {
            guard let text = try? String(contentsOf: url, encoding: .utf8) else { continue }
            files.append(File(path: String(url.path.dropFirst(root.path.count + 1)), text: text))
        }
        return files.sorted { $0.path < $1.path }
    }

    /// The Swift sources of the targets.
    static let sources = files(in: "Sources", withExtension: "swift")
    /// The Swift sources of the tests, without the rules themselves: they name what they forbid.
    static let tests = files(in: "Tests", withExtension: "swift").filter {
        !$0.path.hasPrefix("Tests/TidyTests/")
    }

    /// A text file by its path.
    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: root.appending(path: path).path)
    }
}

/// Files that a script writes: they may be long, and say so in their first line.
extension Tree.File {
    var isGenerated: Bool { lines.first?.contains("by scripts/") == true }
}
