import Decisions
import Foundation
import Testing

@testable import DecisionLogs

@Suite struct LogFollowerTests {
    private func ids(_ batches: [LogFollower.Batch]) -> [String] {
        batches.flatMap(\.items).decisions.map(\.id)
    }

    @Test func `what is added is read, and an unfinished line waits`() throws {
        let folder = try TemporaryFolder()
        try folder.append(nativeLine("a") + "\n", to: "log")
        var follower = LogFollower(paths: [folder.file("log")], parser: LineParser())
        #expect(ids(follower.poll()) == ["a"])
        #expect(follower.poll().isEmpty)
        let line = nativeLine("b")
        try folder.append(String(line.prefix(20)), to: "log")
        #expect(ids(follower.poll()).isEmpty)
        try folder.append(line.dropFirst(20) + "\n" + nativeLine("c") + "\n", to: "log")
        let batches = follower.poll()
        #expect(ids(batches) == ["b", "c"])
        #expect(batches[0].items.map(\.line) == [2, 3])
        #expect(!batches[0].hasMore)
    }

    @Test func `a file that is cut short begins again`() throws {
        let folder = try TemporaryFolder()
        try folder.append(nativeLine("a") + "\n" + nativeLine("b") + "\n{\"half", to: "log")
        var follower = LogFollower(paths: [folder.file("log")], parser: LineParser())
        #expect(ids(follower.poll()) == ["a", "b"])
        let handle = try #require(FileHandle(forWritingAtPath: folder.file("log")))
        try handle.truncate(atOffset: 0)
        try handle.close()
        try folder.append(nativeLine("c") + "\n", to: "log")
        #expect(ids(follower.poll()) == ["c"])
    }

    @Test func `a rotated file is read to its end, then the new one`() throws {
        let folder = try TemporaryFolder()
        try folder.append(nativeLine("a") + "\n", to: "log")
        var follower = LogFollower(paths: [folder.file("log")], parser: LineParser())
        #expect(ids(follower.poll()) == ["a"])
        try folder.append(nativeLine("b") + "\n" + nativeLine("c"), to: "log")
        try FileManager.default.moveItem(atPath: folder.file("log"), toPath: folder.file("log.1"))
        try folder.append(nativeLine("d") + "\n", to: "log")
        #expect(ids(follower.poll()) == ["b", "d"])
        // The line without an end is taken for whole once nothing more came.
        #expect(ids(follower.poll()) == ["c"])
        try FileManager.default.removeItem(atPath: folder.file("log"))
        #expect(follower.poll().isEmpty)
        try folder.append(nativeLine("e") + "\n", to: "log")
        #expect(ids(follower.poll()) == ["e"])
    }

    @Test func `a line that is half written as its file is renamed is read whole`() throws {
        let folder = try TemporaryFolder()
        try folder.append(nativeLine("a") + "\n", to: "log")
        var follower = LogFollower(paths: [folder.file("log")], parser: LineParser())
        #expect(ids(follower.poll()) == ["a"])
        let line = nativeLine("b") + "\n"
        try folder.append(String(line.prefix(40)), to: "log")
        try FileManager.default.moveItem(atPath: folder.file("log"), toPath: folder.file("log.1"))
        #expect(ids(follower.poll()).isEmpty)
        try folder.append(String(line.dropFirst(40)), to: "log.1")
        #expect(ids(follower.poll()) == ["b"])
    }

    @Test func `a file of a folder that is gone for good is let go, its last line taken`() throws {
        let folder = try TemporaryFolder()
        for name in ["a.jsonl", "b.jsonl"] { try folder.append(nativeLine(name) + "\n", to: name) }
        var follower = LogFollower(paths: [folder.path], parser: LineParser())
        #expect(ids(follower.poll()) == ["a.jsonl", "b.jsonl"])
        let writer = try #require(FileHandle(forWritingAtPath: folder.file("a.jsonl")))
        try writer.seekToEnd()
        try FileManager.default.removeItem(atPath: folder.file("a.jsonl"))
        for _ in 1..<FollowedFile.patientLooks { #expect(follower.poll().isEmpty) }
        // What writes to it may have it open for long after its name is gone.
        try writer.write(contentsOf: Data(nativeLine("late").utf8))
        try writer.close()
        for _ in 1..<FollowedFile.patientLooks { #expect(ids(follower.poll()).isEmpty) }
        #expect(ids(follower.poll()) == ["late"])
        #expect(follower.fileCount == 1)
        #expect(follower.poll().isEmpty)
    }

    @Test func `a file that is not there yet is waited for`() throws {
        let folder = try TemporaryFolder()
        var follower = LogFollower(paths: [folder.file("log")], parser: LineParser())
        #expect(follower.poll().isEmpty)
        #expect(follower.awaited == [folder.file("log")])
        try folder.append(nativeLine("a") + "\n", to: "log")
        #expect(ids(follower.poll()) == ["a"])
        #expect(follower.awaited.isEmpty)
        try FileManager.default.removeItem(atPath: folder.file("log"))
        #expect(follower.poll().isEmpty)
        #expect(follower.awaited.isEmpty)
    }

    @Test(.timeLimit(.minutes(1)))
    func `a pipe is not waited for but refused with a sentence, and followed once it is a file`() throws {
        let folder = try TemporaryFolder()
        let made = unsafe mkfifo(folder.file("log"), 0o600)
        try #require(made == 0)
        var follower = LogFollower(paths: [folder.file("log")], parser: LineParser())
        let failure = try #require(follower.poll().first?.failure)
        #expect(failure.reason.contains("verdict ingest -"))
        #expect(follower.awaited.isEmpty)
        try FileManager.default.removeItem(atPath: folder.file("log"))
        try folder.append(nativeLine("a") + "\n", to: "log")
        #expect(ids(follower.poll()) == ["a"])
    }

    @Test func `files that appear in a directory are followed too`() throws {
        let folder = try TemporaryFolder()
        try folder.append(nativeLine("a") + "\n", to: "one.log")
        var follower = LogFollower(paths: [folder.path], parser: LineParser())
        #expect(ids(follower.poll()) == ["a"])
        try folder.append(nativeLine("b") + "\n", to: "two.log")
        try folder.append(nativeLine("c") + "\n", to: "one.log")
        let batches = follower.poll()
        #expect(ids(batches) == ["c", "b"])
        #expect(batches.map(\.path) == [folder.file("one.log"), folder.file("two.log")])
        #expect(batches.map(\.source) == [folder.path, folder.path])
    }

    @Test func `a file that cannot be read is told and keeps no other from being read`() throws {
        let folder = try TemporaryFolder()
        let manager = FileManager.default
        try manager.createSymbolicLink(atPath: folder.file("loop"), withDestinationPath: folder.file("loop"))
        try folder.append(nativeLine("a") + "\n", to: "log")
        var follower = LogFollower(paths: [folder.file("loop"), folder.file("log")], parser: LineParser())
        let batches = follower.poll()
        #expect(ids(batches) == ["a"])
        #expect(batches.first { $0.failure != nil }?.path == folder.file("loop"))
        try folder.append(nativeLine("b") + "\n", to: "log")
        #expect(follower.poll(except: [folder.file("loop"), folder.file("log")]).isEmpty)
        try manager.removeItem(atPath: folder.file("loop"))
        try folder.append(nativeLine("c") + "\n", to: "loop")
        let later = follower.poll()
        #expect(ids(later) == ["b", "c"])
        #expect(later.allSatisfy { $0.failure == nil })
    }

    @Test func `a compressed file is read once it has stopped growing, and again when it has changed`()
        throws
    {
        let folder = try TemporaryFolder()
        let packed = try gzip(nativeLine("a") + "\n" + nativeLine("b"))
        try folder.write(packed.dropLast(9), to: "a.log.1.gz")
        try folder.append(nativeLine("c") + "\n", to: "a.log")
        var follower = LogFollower(paths: [folder.path], parser: LineParser())
        #expect(ids(follower.poll()) == ["c"])
        // Opened again and written to its end, as what compresses does: the same file, larger.
        let handle = try #require(FileHandle(forWritingAtPath: folder.file("a.log.1.gz")))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(packed.suffix(9)))
        #expect(follower.poll().isEmpty)
        let batches = follower.poll()
        #expect(ids(batches) == ["a", "b"])
        #expect(batches.map(\.isCompressed) == [true])
        #expect(batches.flatMap(\.items).rejects.isEmpty)
        #expect(follower.poll().isEmpty)
        try handle.write(contentsOf: Data(try gzip("\n" + nativeLine("d"))))
        try handle.close()
        #expect(follower.poll().isEmpty)
        #expect(ids(follower.poll()) == ["a", "b", "d"])
        #expect(follower.poll().isEmpty)
    }

    @Test func `a poll takes a bounded amount of what a compressed file inflates to`() throws {
        let folder = try TemporaryFolder()
        let line = nativeLine("a") + "\n"
        let count = LogFollower.pollBytes / line.utf8.count + 10_000
        try folder.write(try gzip(String(repeating: line, count: count)), to: "log.gz")
        var follower = LogFollower(paths: [folder.file("log.gz")], parser: LineParser())
        #expect(follower.poll().isEmpty)
        let first = follower.poll()
        #expect(first[0].hasMore)
        let second = follower.poll()
        #expect(!second[0].hasMore)
        #expect(first[0].items.count + second[0].items.count == count)
    }

    @Test func `a poll takes a bounded amount and says that more waits`() throws {
        let folder = try TemporaryFolder()
        let line = nativeLine("a") + "\n"
        let count = LogFollower.pollBytes / line.utf8.count + 1000
        try folder.append(String(repeating: line, count: count), to: "log")
        var follower = LogFollower(paths: [folder.file("log")], parser: LineParser())
        let first = follower.poll()
        #expect(first[0].hasMore)
        let second = follower.poll()
        #expect(!second[0].hasMore)
        #expect(first[0].items.count + second[0].items.count == count)
    }
}
