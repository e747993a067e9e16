import DecisionLogs
import Decisions
import Foundation
import Locks
import Testing
import VectorStores

@testable import Operations

/// Following that ends and begins again over the same store.
@Suite struct FollowingRestartTests {
    /// A folder of logs that is followed into a store, by one follower after another.
    private final class Scene {
        let folder = NSTemporaryDirectory() + "verdict-restart-\(UUID().uuidString)"
        let session: Session
        let store: FlakyStore
        let ingester: LogIngester
        let told = Sentences()
        var now = ContinuousClock.now

        init() async throws {
            session = try await Session()
            store = FlakyStore(session.store)
            ingester = LogIngester(
                pipeline: DecisionPipeline(store: store, detection: nil), parser: LineParser(format: .auto),
                board: session.board)
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        }

        deinit { try? FileManager.default.removeItem(atPath: folder) }

        var log: String { file("audit.log") }

        func file(_ name: String) -> String { folder + "/" + name }

        func append(_ decisions: [Decision], to name: String = "audit.log") throws {
            if !FileManager.default.fileExists(atPath: file(name)) {
                try Data().write(to: URL(filePath: file(name)))
            }
            let handle = try #require(FileHandle(forWritingAtPath: file(name)))
            try handle.seekToEnd()
            try handle.write(contentsOf: Data(decisions.map { $0.nativeLine() + "\n" }.joined().utf8))
            try handle.close()
        }

        func append(_ numbers: Range<Int>, to name: String = "audit.log") throws {
            try append(numbers.map { Session.decision($0) }, to: name)
        }

        func keeper(host: String = "alpha", over other: (any RecordStore)? = nil) -> PositionKeeper {
            let clock = session.clock
            return PositionKeeper(store: other ?? store, host: host, folder: "/", clock: { clock.now })
        }

        /// Follows for some turns and ends, saving positions or not; answers what became of all.
        func follow(
            _ path: String? = nil, turns: Int = 3, saving: Bool = true, settling: Bool = true,
            reorder: Int64 = 0,
            host: String = "alpha", parser: LineParser = LineParser(format: .auto)
        ) async throws -> IngestReport {
            let keeper = keeper(host: host)
            let kept = try await keeper.load([path ?? log], parser: parser)
            var options = FollowOptions()
            options.keeper = keeper
            options.reorderSeconds = reorder
            let clock = session.clock
            options.clock = { clock.now }
            session.board.begin(path ?? log, following: true)
            let sentences = told
            var following = LogFollowing(
                [path ?? log], ingester: ingester, options: options, resuming: kept
            ) { level, sentence in
                sentences.all.withLock { $0.append(sentence) }
                sentences.levels.withLock { $0.append(level) }
            }
            for _ in 0..<turns {
                now = now.advanced(by: .milliseconds(250))
                _ = await following.turn(at: now)
            }
            var rest = following.rest
            if settling { try await rest.settle(at: now) }
            if saving { try await keeper.save() }
            return rest.report
        }

        func vectors() async throws -> Int { try await session.store.statistics().vectors }

        func source() -> SourceSummary? { session.board.summaries(elapsedSeconds: 1).first }
    }

    /// What was told.
    private final class Sentences: Sendable {
        let all = Mutex<[String]>([])
        let levels = Mutex<[LogLine.Level]>([])
    }

    @Test func `a restart reads only what was added since`() async throws {
        let scene = try await Scene()
        try scene.append(0..<20)
        #expect(try await scene.follow().read == 20)
        try scene.append(20..<25)
        let report = try await scene.follow()
        #expect(report.read == 5 && report.accepted == 5)
        #expect(scene.told.all.withLock { $0.last } == "\(scene.log): goes on at line 21, where it was left")
        // That is as it should be, and no warning.
        #expect(scene.told.levels.withLock { $0.last } == .info)
        #expect(try await scene.follow().read == 0)
        #expect(try await scene.vectors() == 25)
    }

    @Test func `a crash between the store's answer and the writing of positions loses and doubles nothing`()
        async throws
    {
        let scene = try await Scene()
        try scene.append(0..<20)
        _ = try await scene.follow()
        try scene.append(20..<40)
        // Accepted, and never saved.
        #expect(try await scene.follow(saving: false).accepted == 20)
        try scene.append(40..<50)
        let report = try await scene.follow()
        #expect(report.duplicates == 20 && report.accepted == 10)
        #expect(try await scene.vectors() == 50)
    }

    @Test func `what a crash catches held back is read again`() async throws {
        let scene = try await Scene()
        try scene.append(0..<20)
        // Nineteen are older than the window, and one is held back when all ends.
        let report = try await scene.follow(settling: false, reorder: 1)
        #expect(report.accepted == 19)
        #expect(try await scene.vectors() == 19)
        // The position of what was read stands for all of it, so none was kept.
        let again = try await scene.follow(reorder: 1)
        #expect(again.duplicates == 19 && again.accepted == 1)
        #expect(try await scene.follow(reorder: 1).read == 0)
        #expect(try await scene.vectors() == 20)
    }

    @Test func `what is held back while its file is renamed is read again after a crash`() async throws {
        let scene = try await Scene()
        try scene.append(0..<10)
        let keeper = scene.keeper()
        _ = try await keeper.load([scene.folder], parser: LineParser(format: .auto))
        var options = FollowOptions()
        options.keeper = keeper
        options.reorderSeconds = 60
        var following = LogFollowing([scene.folder], ingester: scene.ingester, options: options) { _, _ in }
        let start = ContinuousClock.now
        _ = await following.turn(at: start)
        try FileManager.default.moveItem(atPath: scene.log, toPath: scene.file("audit.log.1"))
        _ = await following.turn(at: start.advanced(by: .milliseconds(250)))
        try await keeper.save()
        #expect(try await scene.vectors() == 0)
        #expect(try await scene.follow(scene.folder).accepted == 10)
    }

    @Test func `positions stand for what the store accepted only`() async throws {
        let scene = try await Scene()
        try scene.append(0..<20)
        scene.store.refusal.withLock { $0.inserts = StoreError(.inputOutput, "the disk is full") }
        #expect(try await scene.follow(settling: false).accepted == 0)
        scene.store.refusal.withLock { $0.inserts = nil }
        #expect(try await scene.session.store.records(in: PositionKeeper.collection).isEmpty)
        #expect(try await scene.follow().accepted == 20)
    }

    @Test func `a store that keeps no positions hinders nothing`() async throws {
        let scene = try await Scene()
        try scene.append(0..<20)
        scene.store.refusal.withLock { $0.records = StoreError(.readOnly, "no right to write records") }
        await #expect(throws: StoreError.self) { _ = try await scene.follow() }
        #expect(try await scene.vectors() == 20)
        scene.store.refusal.withLock { $0.records = nil }
        let report = try await scene.follow()
        #expect(report.duplicates == 20)
        #expect(try await scene.follow().read == 0)
    }

    @Test func `a rotation, a copy and a compressed file are taken once across restarts`() async throws {
        let scene = try await Scene()
        let manager = FileManager.default
        try scene.append(0..<10)
        _ = try await scene.follow()
        try scene.append(10..<20)
        try manager.moveItem(atPath: scene.log, toPath: scene.file("audit.log.1"))
        try scene.append(20..<30)
        #expect(try await scene.follow().accepted == 20)
        try scene.append(30..<40)
        try manager.copyItem(atPath: scene.log, toPath: scene.file("audit.log.2"))
        let handle = try #require(FileHandle(forWritingAtPath: scene.log))
        try handle.truncate(atOffset: 0)
        try handle.close()
        try scene.append(40..<45)
        let report = try await scene.follow()
        #expect(report.accepted == 15 && report.duplicates == 0)
        #expect(try await scene.follow().read == 0)
        #expect(try await scene.vectors() == 45)
    }

    @Test func `a folder is taken up again file by file, new ones too`() async throws {
        let scene = try await Scene()
        for number in 0..<5 { try scene.append(number * 10..<number * 10 + 10, to: "\(number).log") }
        #expect(try await scene.follow(scene.folder).accepted == 50)
        try scene.append(50..<55, to: "2.log")
        try scene.append(60..<65, to: "7.log")
        let report = try await scene.follow(scene.folder)
        #expect(report.read == 10 && report.accepted == 10)
    }

    @Test func `a log that is read another way is read from its beginning`() async throws {
        let scene = try await Scene()
        try scene.append(0..<10)
        _ = try await scene.follow()
        let other = LineParser(format: .auto, tenantRule: TenantRule(fallback: "globex"))
        #expect(try await scene.follow(parser: other).read == 10)
        // A machine with another name that sees the same file goes on.
        #expect(try await scene.follow(host: "beta").read == 0)
    }

    @Test func `times ahead of the clock are told, taken in, and make nothing late`() async throws {
        let scene = try await Scene()
        let now = scene.session.clock.now
        func decision(_ id: String, _ seconds: Int64) -> Decision {
            var decision = Session.decision(0, id: id)
            decision.time = now.advanced(bySeconds: seconds)
            return decision
        }
        try scene.append([
            decision("c", -60), decision("b", -61), decision("skewed", 7_200), decision("a", -62),
        ])
        _ = try await scene.follow(reorder: 2)
        try scene.append([decision("d", -50)])
        var report = try await scene.follow(reorder: 0)
        #expect(report.late == 0)
        try scene.append([decision("e", -10), decision("f", -9)])
        report = try await scene.follow(reorder: 0)
        #expect(report.late == 0 && report.accepted == 2)
        let source = try #require(scene.source())
        #expect(source.ahead == 1 && source.aheadSeconds == 7_200 && source.late == 0)
        #expect(source.check(at: scene.session.clock.now)?.status == .degraded)
        scene.session.clock.advance(SourceSummary.aheadToldSeconds)
        #expect(source.check(at: scene.session.clock.now) == nil)
        #expect(try await scene.vectors() == 7)
    }

    @Test func `the store gets a followed file's decisions in the order of their times`() async throws {
        let scene = try await Scene()
        let order = [3, 1, 0, 2, 4, 9, 6, 5, 8, 7]
        try scene.append(order.map { Session.decision($0) })
        _ = try await scene.follow(reorder: 10)
        let stored = try await scene.session.store.export(matching: nil)
        var ids: [String] = []
        for try await batch in stored { ids += batch.map(\.decision.id) }
        #expect(ids == (0..<10).map { "d-\($0)" })
    }

    @Test func `following holds back what is new for as long as it was asked to`() async throws {
        let scene = try await Scene()
        try scene.append(0..<10)
        var options = FollowOptions()
        options.reorderSeconds = 2
        var following = LogFollowing([scene.log], ingester: scene.ingester, options: options) { _, _ in }
        let start = ContinuousClock.now
        _ = await following.turn(at: start)
        #expect(try await scene.vectors() == 8)
        _ = await following.turn(at: start.advanced(by: .milliseconds(1_999)))
        #expect(try await scene.vectors() == 8)
        _ = await following.turn(at: start.advanced(by: .seconds(2)))
        #expect(try await scene.vectors() == 10)
        var late = Session.decision(1)
        late.id = "late"
        try scene.append([late])
        _ = await following.turn(at: start.advanced(by: .seconds(3)))
        #expect(following.report.late == 1)
        #expect(try await scene.vectors() == 11)
    }
}
