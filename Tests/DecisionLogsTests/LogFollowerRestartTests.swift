import Decisions
import Foundation
import Glibc
import Testing

@testable import DecisionLogs

/// Following that ends and begins again, with what the first one told of its positions.
@Suite struct LogFollowerRestartTests {
    /// A folder that is followed, and how far that came.
    private final class Scene {
        let folder: TemporaryFolder
        private(set) var kept: [String: [ReadPosition]] = [:]

        init() throws { folder = try TemporaryFolder() }

        var log: String { folder.file("audit.log") }

        func write(_ ids: String..., to name: String = "audit.log") throws {
            try folder.append(ids.map { nativeLine($0) + "\n" }.joined(), to: name)
        }

        func rename(_ from: String, _ to: String) throws {
            try FileManager.default.moveItem(atPath: folder.file(from), toPath: folder.file(to))
        }

        func truncate(_ name: String = "audit.log") throws {
            let handle = try #require(FileHandle(forWritingAtPath: folder.file(name)))
            try handle.truncate(atOffset: 0)
            try handle.close()
        }

        /// Follows for some polls and keeps the positions; answers the identifiers that were read.
        func follow(_ path: String? = nil, polls: Int = 3, keeping: Bool = true) -> [String] {
            var follower = LogFollower(paths: [path ?? log], parser: LineParser(), resuming: kept)
            return poll(&follower, polls: polls, keeping: keeping)
        }

        func poll(_ follower: inout LogFollower, polls: Int = 3, keeping: Bool = true) -> [String] {
            var ids: [String] = []
            for _ in 0..<polls {
                for batch in follower.poll() {
                    ids += batch.items.decisions.map(\.id)
                    guard keeping, let position = batch.position else { continue }
                    kept[batch.source, default: []].removeAll { $0.identity == position.identity }
                    kept[batch.source, default: []].append(position)
                }
            }
            return ids
        }
    }

    @Test func `a restart goes on where reading stopped, with the numbers of the lines`() throws {
        let scene = try Scene()
        try scene.write("a", "b")
        #expect(scene.follow() == ["a", "b"])
        try scene.write("c")
        var follower = LogFollower(paths: [scene.log], parser: LineParser(), resuming: scene.kept)
        let batch = try #require(follower.poll().first)
        #expect(batch.items.decisions.map(\.id) == ["c"])
        #expect(batch.items.map(\.line) == [3])
        let resumed = follower.takeResumed()
        #expect(resumed.map(\.source) == [scene.log] && resumed.map(\.line) == [3])
        #expect(follower.takeResumed().isEmpty)
        #expect(scene.follow(keeping: false) == ["c"])
    }

    @Test func `an unfinished line is read whole after a restart`() throws {
        let scene = try Scene()
        try scene.write("a")
        let line = nativeLine("b")
        try scene.folder.append(String(line.prefix(30)), to: "audit.log")
        #expect(scene.follow() == ["a"])
        try scene.folder.append(line.dropFirst(30) + "\n", to: "audit.log")
        #expect(scene.follow() == ["b"])
    }

    @Test func `a file that was rotated away is read to its end, then the new one`() throws {
        let scene = try Scene()
        try scene.write("a", "b")
        #expect(scene.follow() == ["a", "b"])
        try scene.write("c")
        try scene.rename("audit.log", "audit-2026-01-05T09-00-00.000.log")
        try scene.write("d")
        #expect(scene.follow() == ["c", "d"])
        #expect(scene.follow().isEmpty)
    }

    @Test func `what was written to a rotated file before its writer turned is read`() throws {
        let scene = try Scene()
        try scene.write("a")
        var follower = LogFollower(paths: [scene.log], parser: LineParser())
        #expect(scene.poll(&follower) == ["a"])
        try scene.rename("audit.log", "audit.log.1")
        try scene.write("c")
        #expect(scene.poll(&follower) == ["c"])
        try scene.write("b", to: "audit.log.1")
        try scene.write("d")
        #expect(scene.poll(&follower).sorted() == ["b", "d"])
    }

    @Test func `two rotations while nobody followed leave no gap`() throws {
        let scene = try Scene()
        try scene.write("a")
        #expect(scene.follow() == ["a"])
        try scene.write("b")
        try scene.rename("audit.log", "audit.log.1")
        try scene.write("c")
        try scene.rename("audit.log.1", "audit.log.2")
        try scene.rename("audit.log", "audit.log.1")
        try scene.write("d")
        #expect(scene.follow() == ["b", "c", "d"])
        #expect(scene.follow().isEmpty)
        let folder = try Scene()
        try folder.write("a")
        #expect(folder.follow(folder.folder.path) == ["a"])
        try folder.write("b")
        try folder.rename("audit.log", "audit.log.1")
        try folder.write("c")
        try folder.rename("audit.log.1", "audit.log.2")
        try folder.rename("audit.log", "audit.log.1")
        try folder.write("d")
        #expect(folder.follow(folder.folder.path).sorted() == ["b", "c", "d"])
        #expect(folder.follow(folder.folder.path).isEmpty)
    }

    @Test func `a file that was cut short is read from its beginning after a restart`() throws {
        let scene = try Scene()
        try scene.write("a", "b")
        #expect(scene.follow() == ["a", "b"])
        try scene.truncate()
        try scene.write("c")
        #expect(scene.follow() == ["c"])
        try scene.truncate()
        // Longer than what was read: only what it holds tells it from a file that grew.
        try scene.write("d", "e", "f", "g")
        #expect(scene.follow() == ["d", "e", "f", "g"])
    }

    @Test func `a file that was cut short and has grown past its old end is noticed while it is followed`()
        throws
    {
        let scene = try Scene()
        try scene.write("a")
        var follower = LogFollower(paths: [scene.log], parser: LineParser())
        #expect(scene.poll(&follower) == ["a"])
        try scene.truncate()
        try scene.write("b", "c", "d")
        #expect(scene.poll(&follower) == ["b", "c", "d"])
    }

    @Test(arguments: [false, true])
    func `what a copy holds that was cut off is read from the copy, once`(restarts: Bool) throws {
        let scene = try Scene()
        try scene.write("a", "b")
        var follower = LogFollower(paths: [scene.log], parser: LineParser())
        #expect(scene.poll(&follower) == ["a", "b"])
        try scene.write("c")
        try FileManager.default.copyItem(atPath: scene.log, toPath: scene.folder.file("audit.log.1"))
        try scene.truncate()
        try scene.write("d")
        #expect((restarts ? scene.follow() : scene.poll(&follower)) == ["c", "d"])
        #expect(scene.follow().isEmpty)
    }

    @Test(arguments: [false, true])
    func `a rotated file that was compressed is read on, not again`(asFolder: Bool) throws {
        let scene = try Scene()
        let path = asFolder ? scene.folder.path : scene.log
        try scene.write("a", "b")
        #expect(scene.follow(path) == ["a", "b"])
        let text = ["a", "b", "c"].map { nativeLine($0) + "\n" }.joined()
        try FileManager.default.removeItem(atPath: scene.log)
        try scene.folder.write(try gzip(text), to: "audit.log.1.gz")
        try scene.write("d")
        #expect(scene.follow(path).sorted() == ["c", "d"])
        #expect(scene.follow(path).isEmpty)
    }

    @Test func `a long log is known again by its end too`() throws {
        let scene = try Scene()
        let ids = (0..<200).map { "id-\($0)" }
        try scene.folder.append(ids.map { nativeLine($0) + "\n" }.joined(), to: "audit.log")
        #expect(scene.follow(scene.folder.path) == ids)
        // It begins like the other one, and goes on otherwise.
        for (name, isPacked) in [("other.log", false), ("packed.log.gz", true)] {
            let others = ids.prefix(100) + (100..<200).map { "\(name)-\($0)" }
            let text = others.map { nativeLine($0) + "\n" }.joined()
            try scene.folder.write(isPacked ? gzip(text) : Array(text.utf8), to: name)
            #expect(scene.follow(scene.folder.path) == Array(others))
        }
    }

    @Test func `a compressed file that was read to its end is not opened up again`() throws {
        let scene = try Scene()
        try scene.folder.write(try gzip(nativeLine("a") + "\n" + nativeLine("b")), to: "old.log.gz")
        #expect(scene.follow(scene.folder.path) == ["a", "b"])
        try scene.rename("old.log.gz", "older.log.gz")
        #expect(scene.follow(scene.folder.path).isEmpty)
        try scene.folder.write(try gzip(nativeLine("c")), to: "older.log.gz")
        #expect(scene.follow(scene.folder.path) == ["c"])
    }

    @Test func `a copy is known although numbers of files are others now`() throws {
        let scene = try Scene()
        try scene.write("a", "b")
        #expect(scene.follow() == ["a", "b"])
        // As after moving to another disk.
        try scene.rename("audit.log", "moved")
        try FileManager.default.copyItem(atPath: scene.folder.file("moved"), toPath: scene.log)
        try FileManager.default.removeItem(atPath: scene.folder.file("moved"))
        try scene.write("c")
        #expect(scene.follow() == ["c"])
    }

    @Test func `the file with the number of one that is gone is read from its beginning`() throws {
        let scene = try Scene()
        try scene.write("a")
        #expect(scene.follow() == ["a"])
        let kept = try #require(scene.kept[scene.log]?.first)
        try FileManager.default.removeItem(atPath: scene.log)
        try scene.write("b", "c")
        var file = stat()
        let found = unsafe stat(scene.log, &file)
        try #require(found == 0)
        var position = kept
        position.identity = FileIdentity(device: UInt(file.st_dev), inode: UInt(file.st_ino))
        var follower = LogFollower(
            paths: [scene.log], parser: LineParser(), resuming: [scene.log: [position]])
        #expect(scene.poll(&follower) == ["b", "c"])
    }

    @Test func `a file that vanished is no hindrance, and its successor is read`() throws {
        let scene = try Scene()
        try scene.write("a")
        #expect(scene.follow() == ["a"])
        try FileManager.default.removeItem(atPath: scene.log)
        #expect(scene.follow().isEmpty)
        try scene.write("b")
        #expect(scene.follow() == ["b"])
    }

    @Test func `a folder with many files keeps few of them open and hears all that grow`() throws {
        let scene = try Scene()
        let count = LogFollower.openLimit * 2
        for number in 0..<count { try scene.write("a\(number)", to: "\(number).log") }
        var follower = LogFollower(paths: [scene.folder.path], parser: LineParser())
        #expect(scene.poll(&follower).count == count)
        #expect(follower.openCount <= LogFollower.openLimit)
        for number in 0..<count { try scene.write("b\(number)", to: "\(number).log") }
        #expect(Set(scene.poll(&follower)) == Set((0..<count).map { "b\($0)" }))
        #expect(scene.poll(&follower).isEmpty)
        #expect(follower.openCount <= LogFollower.openLimit)
        #expect(scene.follow(scene.folder.path).isEmpty)
    }

    @Test func `older files of a folder come before newer ones`() throws {
        let scene = try Scene()
        try scene.write("new", to: "audit.log")
        try scene.write("old", to: "audit.log.1")
        try scene.write("oldest", to: "audit.log.2")
        for (age, name) in ["audit.log", "audit.log.1", "audit.log.2"].enumerated() {
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSince1970: 1_700_000_000 - Double(age) * 3_600)],
                ofItemAtPath: scene.folder.file(name))
        }
        #expect(scene.follow(scene.folder.path) == ["oldest", "old", "new"])
    }

    @Test(arguments: [
        ("audit.log.1", true), ("audit.log-20260105", true), ("audit-2026-01-05T09-00-00.000.log", true),
        ("audit.log.2.gz", true), ("audit.log.lock", false), ("audit-policy.log", false),
        ("audit.log", false),
        ("audit-2026.yaml", false),
    ])
    func `a rotated file is told from others by its name`(name: String, isRotation: Bool) {
        #expect(SiblingFiles.isRotation(name, of: "audit.log") == isRotation)
    }

    @Test func `what is known of files is bounded, and the oldest is forgotten`() {
        var known = KnownPositions()
        func position(_ number: Int) -> ReadPosition {
            ReadPosition(
                path: "\(number)", identity: FileIdentity(device: 1, inode: UInt(number)), offset: 1, line: 1,
                isPacked: false, head: BytesMark(count: 1, hash: 1), tail: BytesMark(count: 1, hash: 1))
        }
        for number in 0...KnownPositions.limit { known.keep(position(number)) }
        #expect(known.position(of: FileIdentity(device: 1, inode: 0)) == nil)
        #expect(known.position(of: FileIdentity(device: 1, inode: UInt(KnownPositions.limit))) != nil)
    }
}
