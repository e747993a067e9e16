import Foundation
import Testing

/// A path of its own under the temporary directory, where nothing is yet; removed with this value.
final class ScratchDirectory {
    let path: String

    init() {
        path = NSTemporaryDirectory() + "verdict-store-\(UUID().uuidString)"
    }

    /// Removes what was written.
    func remove() { try? FileManager.default.removeItem(atPath: path) }

    /// The bytes of a file in the directory.
    func bytes(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)")))
    }

    /// How large the newest snapshot is; what else there is, when there is none.
    func newestSnapshotBytes() throws -> Int {
        let names = try names()
        let numbers = names.compactMap { name in
            name.hasPrefix("snapshot-") ? Int(name.dropFirst("snapshot-".count)) : nil
        }
        let newest = try #require(numbers.max(), "no snapshot among \(names)")
        return try bytes("snapshot-\(newest)").count
    }

    /// Replaces a file in the directory, which is made when needed.
    func write(_ bytes: [UInt8], to name: String) throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
    }

    /// Removes a file in the directory.
    func delete(_ name: String) throws { try FileManager.default.removeItem(atPath: "\(path)/\(name)") }

    /// Takes the end of a file back and writes another, as a writer does whose write was refused.
    func replaceEnd(of name: String, from offset: Int, by bytes: [UInt8]) throws {
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: "\(path)/\(name)"))
        defer { try? file.close() }
        try file.truncate(atOffset: UInt64(offset))
        try file.seek(toOffset: UInt64(offset))
        try file.write(contentsOf: bytes)
    }

    /// The names in the directory, sorted.
    func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
}
