import DecisionLogs
import Decisions
import Foundation
import Gzip
import Testing

/// Files of the fixture folder, and files made for one test.
enum Fixture {
    static func path(_ name: String) throws -> String {
        let folder = try #require(Bundle.module.resourceURL).appending(path: "Fixtures")
        return folder.appending(path: name).path(percentEncoded: false)
    }

    static func text(_ name: String) throws -> String {
        try String(contentsOfFile: try path(name), encoding: .utf8)
    }
}

/// A folder that exists while a test runs.
final class TemporaryFolder {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "verdict-\(UUID().uuidString)")
            .path(percentEncoded: false)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    func file(_ name: String) -> String { path + "/" + name }

    @discardableResult
    func write(_ bytes: some Sequence<UInt8>, to name: String) throws -> String {
        let url = URL(filePath: file(name))
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: url)
        return file(name)
    }

    func append(_ text: String, to name: String) throws {
        if !FileManager.default.fileExists(atPath: file(name)) { try write([], to: name) }
        let handle = try #require(FileHandle(forWritingAtPath: file(name)))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(text.utf8))
        try handle.close()
    }
}

/// Everything a source holds.
func readAll(_ path: String, parser: LineParser = LineParser()) throws -> [LogItem] {
    var items: [LogItem] = []
    for source in LogSource.expand([path]) {
        var reader = try LogReader(source, parser: parser)
        while let batch = reader.nextBatch() { items += batch }
    }
    return items
}

extension [LogItem] {
    var decisions: [Decision] {
        compactMap { if case .decision(let decision) = $0.item { decision } else { nil } }
    }
    var rejects: [(line: Int, reason: String)] {
        compactMap { if case .rejected(let reason) = $0.item { ($0.line, reason) } else { nil } }
    }
    var skips: [SkipReason] { compactMap { if case .skipped(let reason) = $0.item { reason } else { nil } } }
}

/// A native line with an id.
func nativeLine(_ id: String) -> String {
    #"{"id":"\#(id)","time":"2026-01-05T09:00:00Z","principal":{"id":"p"},"resource":{"kind":"k"},"#
        + #""actions":["a"],"effect":"allow"}"#
}

/// A text as one gzip stream.
func gzip(_ text: String) throws -> [UInt8] {
    var bytes: [UInt8] = []
    var deflater = try GzipDeflater()
    let append = { (piece: Span<UInt8>) in for index in piece.indices { bytes.append(piece[index]) } }
    try deflater.deflate(Array(text.utf8).span, append)
    try deflater.finish(append)
    return bytes
}

/// A small repeatable generator: splitmix64.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
