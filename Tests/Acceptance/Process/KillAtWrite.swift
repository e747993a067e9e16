import Foundation
import Testing

/// The library that kills the program at a chosen call that changes a store's files; see `kill_at_write.c`.
struct KillAtWrite {
    /// When the program ends.
    struct Moment {
        /// Before which of its calls, from 1.
        var call: Int
        /// Whether half of what that call writes is written first.
        var isTorn: Bool
    }

    /// A call that came back.
    struct Call {
        var name: String
        var bytes: Int
        var path: String

        /// Whether it wrote what is kept to a journal: more than a lease or a mark.
        var isCommit: Bool {
            name == "write" && bytes >= 1_024 && path.contains("/journal-") && !path.hasSuffix(".new")
        }
    }

    /// What a run did until it ended or was killed.
    struct Run {
        var result: VerdictProcess.Result
        var calls: [Call]
        /// The call it was killed at, as the library tells it.
        var end: String?
    }

    private let folder: TemporaryFolder
    private var library: String { folder.path("kill_at_write.so") }

    /// Builds the library into a folder of its own.
    init() async throws {
        folder = try TemporaryFolder()
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        let built = try await shell(
            "clang -shared -fPIC -O1 -o '\(folder.path("kill_at_write.so"))' '\(Fixture.path("kill_at_write.c"))'",
            environment: ["PATH": path])
        try #require(built.status == 0, "\(built.errors)")
    }

    /// Runs the program on a store's directory, to its end or to a moment.
    func run(_ words: [String], on directory: String, until moment: Moment? = nil) async throws -> Run {
        let log = folder.path("calls")
        try? FileManager.default.removeItem(atPath: log)
        var environment = ["LD_PRELOAD": library, "KILL_BELOW": directory, "KILL_LOG": log]
        if let moment {
            environment["KILL_AT"] = "\(moment.call)"
            if moment.isTorn { environment["KILL_TORN"] = "1" }
        }
        let result = try await verdict(words, environment: environment)
        let lines = (try? folder.read("calls"))?.split(separator: "\n").map(String.init) ?? []
        let calls = lines.filter { !$0.hasPrefix("killed ") }.compactMap { line -> Call? in
            let words = line.split(separator: " ", maxSplits: 3).map(String.init)
            guard words.count == 4, let bytes = Int(words[2]) else { return nil }
            return Call(name: words[1], bytes: bytes, path: words[3])
        }
        return Run(result: result, calls: calls, end: lines.first { $0.hasPrefix("killed ") })
    }
}
