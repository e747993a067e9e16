import Decisions
import Testing
import VectorStores

@testable import PostgresStore

@Suite struct ArrivalWatchTests {
    private static func snapshot(_ text: String) throws -> ServerSnapshot {
        try #require(ServerSnapshot(text))
    }

    private static func identity(_ id: String) -> EntryIdentity { EntryIdentity(tenant: "acme", id: id) }

    @Test func `a snapshot shows what had ended`() throws {
        let snapshot = try Self.snapshot("10:20:12,15")
        let seen = (8...22).filter { snapshot.sees(UInt64($0)) }
        #expect(seen == [8, 9, 10, 11, 13, 14, 16, 17, 18, 19])
        for text in ["", "10:20", "10:20:x", "a:b:", "1:2:3:4"] {
            #expect(ServerSnapshot(text) == nil, "\(text)")
        }
    }

    @Test func `a position comes back as it was saved`() throws {
        let position = ArrivalPosition(
            snapshot: try Self.snapshot("10:20:12"), more: [12, 31], less: [7, 18_446_744_073_709_551_615])
        #expect(ArrivalPosition(json: position.json) == position)
        #expect(position.covers(12) && position.covers(31) && position.covers(8))
        #expect(!position.covers(7) && !position.covers(20))
        #expect(position.oldest == 7)
        #expect(ArrivalPosition(json: .string("10:20:12")) == nil)
    }

    @Test func `what others stored is given once, and the position goes with it`() throws {
        var watch = ArrivalWatch()
        watch.add([Self.identity("before")], upTo: try Self.snapshot("5:5:"))
        let early = watch.take()
        #expect(early.isEmpty && watch.position == nil)
        watch.begin(at: try Self.snapshot("10:10:"), own: [12])
        watch.add([Self.identity("a")], upTo: try Self.snapshot("20:20:"))
        #expect(watch.position?.covers(12) == true && watch.position?.covers(15) == false)
        watch.add([Self.identity("b")], upTo: try Self.snapshot("30:30:"))
        let told = watch.take()
        #expect(told == [Self.identity("a"), Self.identity("b")])
        #expect(watch.position?.covers(29) == true && watch.position?.covers(30) == false)
        let rest = watch.take()
        #expect(rest.isEmpty)
    }

    @Test func `an insert counts when it is confirmed, whether others were read meanwhile or not`() throws {
        for isReadBetween in [false, true] {
            var watch = ArrivalWatch()
            watch.begin(at: try Self.snapshot("10:10:"), own: [])
            watch.wrote(11, storesNew: true)
            let receipts = [watch.takeReceipt(), watch.takeReceipt()]
            #expect(receipts == [11, nil])
            if isReadBetween {
                watch.add([], upTo: try Self.snapshot("20:20:"))
                _ = watch.take()
            }
            #expect(watch.position?.covers(11) == false)
            let isOurs = watch.confirm(11)
            #expect(isOurs)
            #expect(watch.position?.covers(11) == true)
            watch.add([], upTo: try Self.snapshot("30:30:"))
            _ = watch.take()
            #expect(watch.position?.covers(11) == true && watch.position?.more.isEmpty == true)
        }
    }

    @Test func `an insert that watching began after is given already`() throws {
        var watch = ArrivalWatch()
        watch.begin(at: try Self.snapshot("10:10:"), own: [12])
        let isOurs = [9, 12].map { watch.confirm($0) }
        #expect(isOurs == [false, false])
    }

    @Test func `what was queued unscored is given once the server has it, and counts only then`() throws {
        for isReadBetween in [false, true] {
            var watch = ArrivalWatch()
            watch.begin(at: try Self.snapshot("10:10:"), own: [])
            watch.beginQueued()
            watch.wrote(11, storesNew: true)
            if isReadBetween {
                watch.add([Self.identity("a")], upTo: try Self.snapshot("20:20:"))
                let early = watch.take()
                #expect(early == [Self.identity("a")])
            }
            #expect(watch.position?.covers(11) == false)
            watch.endQueued(giving: [Self.identity("q")])
            let receipt = watch.takeReceipt()
            #expect(receipt == nil && watch.position?.covers(11) == false)
            let told = watch.take()
            #expect(told == [Self.identity("q")])
            #expect(watch.position?.covers(11) == true)
            let rest = watch.take()
            #expect(rest.isEmpty)
        }
    }

    @Test func `what was scored when it was queued counts once the server has it`() throws {
        var watch = ArrivalWatch()
        watch.begin(at: try Self.snapshot("10:10:"), own: [])
        watch.beginQueued()
        watch.wrote(11, storesNew: true)
        #expect(watch.position?.covers(11) == false)
        watch.endQueued(giving: [])
        let told = watch.take()
        #expect(told.isEmpty && watch.position?.covers(11) == true)
        // And no receipt of it is left for the next insert.
        let receipt = watch.takeReceipt()
        #expect(receipt == nil)
    }

    @Test func `another life of the server gives numbers anew`() throws {
        var watch = ArrivalWatch()
        watch.begin(at: try Self.snapshot("10:10:"), own: [12])
        watch.wrote(14, storesNew: true)
        let taken = watch.takeReceipt()
        let receipt = try #require(taken)
        watch.wrote(15, storesNew: true)
        watch.forgetNumbers()
        for number: UInt64 in [12, 14, 15] { #expect(watch.position?.covers(number) == false) }
        #expect(watch.position?.covers(9) == true)
        watch.add([], upTo: try Self.snapshot("20:20:"))
        _ = watch.take()
        let isOurs = watch.confirm(receipt)
        #expect(isOurs)
        let next = watch.takeReceipt()
        #expect(next == nil)
    }

    @Test func `what nobody wants to confirm counts at once`() throws {
        var watch = ArrivalWatch()
        watch.begin(at: try Self.snapshot("10:10:"), own: [])
        watch.wrote(11, storesNew: false)
        let receipt = watch.takeReceipt()
        #expect(receipt == nil)
        #expect(watch.position?.covers(11) == true)
    }
}
