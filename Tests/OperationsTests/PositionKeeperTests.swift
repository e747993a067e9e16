import DecisionLogs
import Decisions
import Locks
import Testing
import VectorStores

@testable import Operations

@Suite struct PositionKeeperTests {
    private func position(_ inode: UInt, offset: Int = 500, line: Int = 3) -> ReadPosition {
        ReadPosition(
            path: "/logs/audit.log", identity: FileIdentity(device: 64_769, inode: inode), offset: offset,
            line: line, isPacked: inode % 2 == 0, head: BytesMark(count: 500, hash: .max),
            tail: BytesMark(count: 500, hash: UInt64(inode)))
    }

    private func keeper(_ session: Session, folder: String = "/logs") -> PositionKeeper {
        let clock = session.clock
        return PositionKeeper(store: session.store, host: "alpha", folder: folder, clock: { clock.now })
    }

    @Test func `positions come back as they were kept, the latest last`() async throws {
        let session = try await Session()
        let first = keeper(session)
        #expect(try await first.load(["audit.log"], parser: LineParser()).isEmpty)
        first.note([position(3), position(1)], of: "audit.log")
        #expect(first.isDue)
        try await first.save()
        #expect(!first.isDue)
        session.clock.advance(10)
        first.note([position(3, offset: 900, line: 7)], of: "audit.log")
        first.note([position(2)], of: "audit.log")
        try await first.save()
        let kept = try await keeper(session).load(["audit.log"], parser: LineParser())
        #expect(kept == ["audit.log": [position(1), position(3, offset: 900, line: 7), position(2)]])
        // The same path from elsewhere is the same, and a relative one of another folder is not.
        let absolute = try await keeper(session, folder: "/").load(["/logs/audit.log"], parser: LineParser())
        #expect(absolute["/logs/audit.log"]?.count == 3)
        let other = try await keeper(session, folder: "/tmp").load(["audit.log"], parser: LineParser())
        #expect(other["audit.log"] == nil && other[""]?.count == 3)
    }

    @Test func `what is known already is not written again`() async throws {
        let session = try await Session()
        let keeper = keeper(session)
        _ = try await keeper.load(["audit.log"], parser: LineParser())
        keeper.note([position(1)], of: "audit.log")
        try await keeper.save()
        keeper.note([position(1)], of: "audit.log")
        #expect(!keeper.isDue)
        keeper.note([position(2)], of: "a path that nobody asked for")
        #expect(!keeper.isDue)
    }

    @Test func `the number of records is bounded, and who was read longest ago is forgotten`() async throws {
        let session = try await Session()
        let keeper = keeper(session)
        _ = try await keeper.load(["audit.log"], parser: LineParser())
        let count = PositionKeeper.filesLimit + 100
        for inode in 1...count { keeper.note([position(UInt(inode))], of: "audit.log") }
        try await keeper.save()
        let records = try await session.store.records(in: PositionKeeper.collection)
        #expect(records.count == PositionKeeper.filesLimit)
        let kept = try await self.keeper(session).load(["audit.log"], parser: LineParser())["audit.log"] ?? []
        #expect(kept.count == PositionKeeper.filesLimit)
        #expect(!kept.contains(position(1)) && kept.contains(position(UInt(count))))
    }

    @Test func `files that nobody reads any more are forgotten`() async throws {
        let session = try await Session()
        let first = keeper(session)
        _ = try await first.load(["audit.log", "old.log"], parser: LineParser())
        first.note([position(1)], of: "old.log")
        try await first.save()
        session.clock.advance(PositionKeeper.rememberedDays * 86_400 + 1)
        first.note([position(2)], of: "audit.log")
        try await first.save()
        let second = keeper(session)
        let kept = try await second.load(["audit.log", "old.log"], parser: LineParser())
        #expect(kept == ["audit.log": [position(2)]])
        try await second.save()
        #expect(try await session.store.records(in: PositionKeeper.collection).count == 1)
    }

    @Test func `a record that cannot be read is left alone and hinders nothing`() async throws {
        let session = try await Session()
        let first = keeper(session)
        _ = try await first.load(["audit.log"], parser: LineParser())
        first.note([position(1)], of: "audit.log")
        try await first.save()
        let good = try #require(try await session.store.records(in: PositionKeeper.collection).first)
        var object = try #require(good.value?.object)
        object["offset"] = .number("-5")
        let strange: [JSONValue] = [.null, .string("x"), .object(object), try #require(good.value)]
        try await session.store.write(
            strange.enumerated().map { number, value in
                RecordChange(collection: PositionKeeper.collection, key: "strange-\(number)", value: value)
            })
        let second = keeper(session)
        #expect(try await second.load(["audit.log"], parser: LineParser()) == ["audit.log": [position(1)]])
        try await second.save()
        #expect(try await session.store.records(in: PositionKeeper.collection).count == 5)
    }

    @Test func `positions that could not be written are written later, unless newer ones came`() async throws
    {
        let session = try await Session()
        let store = FlakyStore(session.store)
        let clock = session.clock
        let keeper = PositionKeeper(store: store, host: "alpha", folder: "/", clock: { clock.now })
        _ = try await keeper.load(["/a"], parser: LineParser())
        keeper.note([position(1), position(2)], of: "/a")
        store.refusal.withLock { $0.records = StoreError(.inputOutput, "the server is away") }
        await #expect(throws: StoreError.self) { try await keeper.save() }
        keeper.note([position(2, offset: 900, line: 9)], of: "/a")
        store.refusal.withLock { $0.records = nil }
        #expect(keeper.isDue)
        try await keeper.save()
        let again = PositionKeeper(store: store, host: "alpha", folder: "/", clock: { clock.now })
        let kept = try await again.load(["/a"], parser: LineParser())["/a"] ?? []
        #expect(Set(kept) == [position(1), position(2, offset: 900, line: 9)])
    }
}

@Suite struct FollowedLaneTests {
    private let start = ContinuousClock.now

    private func position(_ offset: Int, inode: UInt = 1) -> ReadPosition {
        ReadPosition(
            path: "log", identity: FileIdentity(device: 1, inode: inode), offset: offset, line: offset,
            isPacked: false, head: BytesMark(count: 1, hash: 1), tail: BytesMark(count: 1, hash: 1))
    }

    @Test func `a position is told once all that was read before it is acknowledged`() {
        var lane = FollowedLane(source: "log", limits: ReorderWindow.Limits(seconds: 60, count: 100))
        // The second read brings what belongs before the first.
        lane.take([Session.decision(9)], to: position(10), at: start, clock: nil)
        lane.take([Session.decision(1), Session.decision(2)], to: position(20), at: start, clock: nil)
        lane.take([], to: position(25), at: start, clock: nil)
        #expect(lane.takeAcknowledged().isEmpty)
        #expect(lane.release(at: start, all: true).isPlain)
        #expect(lane.next(2).map(\.id) == ["d-1", "d-2"])
        lane.acknowledge(first: 2)
        #expect(lane.takeAcknowledged().isEmpty)
        lane.acknowledge(first: 1)
        #expect(lane.takeAcknowledged() == [position(25)])
        #expect(lane.isEmpty)
        lane.take([], to: position(30), at: start, clock: nil)
        #expect(lane.takeAcknowledged() == [position(30)])
    }

    @Test func `the positions of a file and of the one that took its name are both told`() {
        var lane = FollowedLane(source: "log", limits: .none)
        lane.take([Session.decision(1)], to: position(10), at: start, clock: nil)
        lane.take([Session.decision(2)], to: position(5, inode: 2), at: start, clock: nil)
        _ = lane.release(at: start)
        lane.acknowledge(first: 2)
        #expect(lane.takeAcknowledged() == [position(10), position(5, inode: 2)])
    }

    @Test func `what cannot be begun at has no position, and what follows has`() {
        var lane = FollowedLane(source: "log.gz", limits: .none)
        lane.take([Session.decision(1)], to: nil, at: start, clock: nil)
        lane.take([Session.decision(2)], to: position(9), at: start, clock: nil)
        _ = lane.release(at: start)
        lane.acknowledge(first: 1)
        #expect(lane.takeAcknowledged().isEmpty)
        lane.acknowledge(first: 1)
        #expect(lane.takeAcknowledged() == [position(9)])
    }
}
