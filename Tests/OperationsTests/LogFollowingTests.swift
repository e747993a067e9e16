import DecisionLogs
import Decisions
import Foundation
import Locks
import Testing
import VectorStores

@testable import Operations

@Suite struct LogFollowingTests {
    /// What was told.
    private final class Sentences: Sendable {
        let all = Mutex<[String]>([])
    }

    /// A folder of logs that is followed into a store that may refuse.
    private final class Scene {
        let path = NSTemporaryDirectory() + "verdict-following-\(UUID().uuidString)"
        let session: Session
        let store: FlakyStore
        let ingester: LogIngester
        let told = Sentences()

        init(rules: [LogRule] = []) async throws {
            session = try await Session()
            store = FlakyStore(session.store)
            ingester = LogIngester(
                pipeline: DecisionPipeline(store: store, detection: nil),
                parser: LineParser(format: .auto, rules: LogRules(rules)),
                board: session.board)
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }

        func file(_ name: String) -> String { path + "/" + name }

        func append(_ numbers: Range<Int>, to name: String) throws {
            let old = (try? String(contentsOfFile: file(name), encoding: .utf8)) ?? ""
            let lines = numbers.map { Session.decision($0).nativeLine() + "\n" }.joined()
            // In place: another file of the name would be a rotation.
            if old.isEmpty { try Data().write(to: URL(filePath: file(name))) }
            let handle = try #require(FileHandle(forWritingAtPath: file(name)))
            try handle.seekToEnd()
            try handle.write(contentsOf: Data(lines.utf8))
            try handle.close()
        }

        func source(_ id: String) -> SourceSummary? {
            session.board.summaries(elapsedSeconds: 1).first { $0.id == id }
        }

        func vectors() async throws -> Int { try await session.store.statistics().vectors }
    }

    private let start = ContinuousClock.now

    @Test func `what the store refuses is kept and taken in once it accepts`() async throws {
        let scene = try await Scene()
        let log = scene.file("log")
        try scene.append(0..<3, to: "log")
        scene.session.board.begin(log, following: true)
        let told = scene.told
        var following = LogFollowing([log], ingester: scene.ingester) { _, sentence in
            told.all.withLock { $0.append(sentence) }
        }
        scene.store.refusal.withLock { $0.inserts = StoreError(.inputOutput, "the disk is full") }
        _ = await following.turn(at: start)
        #expect(scene.source(log)?.state == .failed)
        #expect(scene.source(log)?.lastReject == "the disk is full")
        try scene.append(3..<5, to: "log")
        _ = await following.turn(at: start.advanced(by: .seconds(2)))
        _ = await following.turn(at: start.advanced(by: .seconds(3)))
        #expect(told.all.withLock { $0.count } == 1)
        scene.store.refusal.withLock { $0.inserts = nil }
        _ = await following.turn(at: start.advanced(by: .milliseconds(3_500)))
        #expect(try await scene.vectors() == 0)
        _ = await following.turn(at: start.advanced(by: .seconds(10)))
        #expect(try await scene.vectors() == 5)
        #expect(following.report.accepted == 5)
        #expect(scene.source(log)?.state == .following)
        #expect(told.all.withLock { $0.count } == 2)
    }

    @Test func `a file that cannot be read stops no other and is read when it can be`() async throws {
        let scene = try await Scene()
        let (loop, log) = (scene.file("loop"), scene.file("log"))
        try FileManager.default.createSymbolicLink(atPath: loop, withDestinationPath: loop)
        try scene.append(0..<3, to: "log")
        for path in [loop, log] { scene.session.board.begin(path, following: true) }
        var following = LogFollowing([loop, log], ingester: scene.ingester) { _, _ in }
        _ = await following.turn(at: start)
        #expect(try await scene.vectors() == 3)
        #expect(scene.source(loop)?.state == .failed)
        #expect(scene.source(log)?.state == .following)
        try FileManager.default.removeItem(atPath: loop)
        try scene.append(10..<12, to: "loop")
        _ = await following.turn(at: start.advanced(by: .seconds(1)))
        #expect(try await scene.vectors() == 5)
        #expect(scene.source(loop)?.state == .following)
    }

    @Test func `a followed directory is heard when one of its files grows`() async throws {
        let scene = try await Scene()
        scene.session.board.begin(scene.path, following: true)
        var following = LogFollowing([scene.path], ingester: scene.ingester) { _, _ in }
        for number in 0..<40 {
            scene.session.clock.advance(30)
            try scene.append(number..<number + 1, to: "audit.log.\(number / 20)")
            _ = await following.turn(at: start)
        }
        let sources = scene.session.board.summaries(elapsedSeconds: 1)
        #expect(sources.map(\.id) == [scene.path])
        #expect(sources.first?.state == .following)
        #expect(sources.first?.accepted == 40)
    }

    @Test func `a compressed file that was to be followed is read once, and that is said`() async throws {
        let scene = try await Scene()
        let (packed, log) = (scene.file("a.gz"), scene.file("log"))
        // The beginning of a gzip stream, and no more.
        try Data([0x1F, 0x8B, 8]).write(to: URL(filePath: packed))
        try scene.append(0..<3, to: "log")
        for path in [packed, log] { scene.session.board.begin(path, following: true) }
        let told = scene.told
        var following = LogFollowing([packed, log], ingester: scene.ingester) { _, sentence in
            told.all.withLock { $0.append(sentence) }
        }
        for _ in 0..<4 { _ = await following.turn(at: start) }
        #expect(following.report.accepted == 3)
        #expect(following.report.rejects.map(\.file) == [packed])
        #expect(
            told.all.withLock { $0 } == ["\(packed): is compressed, so it is read once and not followed"])
        #expect(scene.source(packed)?.state == .done)
        #expect(scene.source(log)?.state == .following)
    }

    @Test func `a file that is not there yet is waited for, which is said once and on the board`()
        async throws
    {
        let scene = try await Scene()
        let log = scene.file("log")
        scene.session.board.begin(log, following: true)
        let told = scene.told
        var following = LogFollowing([log], ingester: scene.ingester) { _, sentence in
            told.all.withLock { $0.append(sentence) }
        }
        for _ in 0..<3 { _ = await following.turn(at: start) }
        #expect(told.all.withLock { $0 } == ["\(log): does not exist; it is read as soon as it does"])
        #expect(scene.source(log)?.state == .waiting)
        scene.session.clock.advance(10_000)
        try scene.append(0..<3, to: "log")
        _ = await following.turn(at: start)
        #expect(scene.source(log)?.state == .following)
        #expect(scene.source(log)?.accepted == 3)
        try FileManager.default.removeItem(atPath: log)
        _ = await following.turn(at: start)
        #expect(scene.source(log)?.state == .following && told.all.withLock { $0.count } == 1)
    }

    @Test func `decisions that were known already are counted on the board`() async throws {
        let scene = try await Scene()
        let log = scene.file("log")
        try scene.append(0..<3, to: "log")
        var report = IngestReport()
        for _ in 0..<2 { try await scene.ingester.ingest(LogSource.expand([log]), into: &report) }
        let source = try #require(scene.source(log))
        #expect(source.accepted == 3 && source.duplicates == 3 && source.state == .done)
    }

    @Test func `rules hold while a log is followed, and a source that they empty is not silent`() async throws
    {
        let scene = try await Scene(rules: [try LogRule(parsing: "drop kind:invoice")])
        let log = scene.file("log")
        scene.session.board.begin(log, following: true)
        var following = LogFollowing([log], ingester: scene.ingester) { _, _ in }
        for number in 0..<50 {
            scene.session.clock.advance(30)
            try scene.append(number..<number + 1, to: "log")
            _ = await following.turn(at: start)
        }
        #expect(following.report.read == 50)
        #expect(following.report.skipped == 50 && following.report.dropped == 50)
        #expect(try await scene.vectors() == 0)
        let source = try #require(scene.source(log))
        #expect(source.accepted == 0 && source.leftOut == 50)
        #expect(source.state == .following)
        scene.session.clock.advance(10_000)
        #expect(scene.source(log)?.state == .silent)
    }

    @Test func `a log that is read again is sampled alike`() async throws {
        let scene = try await Scene(rules: [try LogRule(parsing: "sample 40 % kind:invoice")])
        let log = scene.file("log")
        try scene.append(0..<300, to: "log")
        var reports: [IngestReport] = []
        for _ in 0..<2 {
            var report = IngestReport()
            try await scene.ingester.ingest(LogSource.expand([log]), into: &report)
            reports.append(report)
        }
        #expect(reports[0].accepted > 0 && reports[0].sampledOut > 0)
        #expect(reports[0].accepted + reports[0].sampledOut == 300)
        #expect(reports[1].accepted == 0 && reports[1].duplicates == reports[0].accepted)
        #expect(reports[1].sampledOut == reports[0].sampledOut)
        #expect(reports[1].read == 300)
    }

    @Test func `a file that cannot be read is a reject and keeps no other from being read`() async throws {
        let scene = try await Scene()
        try scene.append(0..<3, to: "a.log")
        try Data([0x1F, 0x8B, 8]).write(to: URL(filePath: scene.file("b.log.gz")))
        try scene.append(3..<5, to: "c.log")
        var report = IngestReport()
        let missing = scene.file("missing")
        try await scene.ingester.ingest(LogSource.expand([missing, scene.path]), into: &report)
        #expect(report.accepted == 5)
        #expect(report.rejects.map(\.file) == [missing, scene.file("b.log.gz")])
        #expect(report.rejects.map(\.line) == [1, 1])
        #expect(report.read == 7)
        await #expect(throws: LogSourceError.self) {
            var report = IngestReport()
            try await scene.ingester.ingest(LogSource.expand([missing]), into: &report)
        }
    }

    @Test func `what came through a pipe is stored while the writer waits, and cancelling ends the wait`()
        async throws
    {
        let scene = try await Scene()
        let path = scene.file("pipe")
        let made = unsafe mkfifo(path, 0o600)
        try #require(made == 0)
        let writer = try #require(FileHandle(forUpdatingAtPath: path))
        try writer.write(
            contentsOf: Data((0..<3).map { Session.decision($0).nativeLine() + "\n" }.joined().utf8))
        let ingester = scene.ingester
        let (seen, sight) = AsyncStream<Int>.makeStream()
        let task = Task {
            var report = IngestReport()
            try await ingester.ingest([LogSource(path: path)], into: &report) {
                if $0.report.accepted == 3 { sight.finish() }
            }
        }
        for await _ in seen {}
        #expect(try await scene.vectors() == 3)
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        try writer.close()
    }

    @Test func `following ends when it is cancelled and says so on the board`() async throws {
        let scene = try await Scene()
        let log = scene.file("log")
        try scene.append(0..<3, to: "log")
        let ingester = scene.ingester
        let (seen, sight) = AsyncStream<Int>.makeStream()
        let task = Task {
            await ingester.follow([log], progress: { if $0.accepted == 3 { sight.finish() } })
        }
        for await _ in seen {}
        task.cancel()
        let report = await task.value
        #expect(report.accepted == 3)
        #expect(report.seconds > 0)
        #expect(scene.source(log)?.state == .done)
    }
}
