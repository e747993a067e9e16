import Decisions
import Testing

@testable import VectorStores

/// Which queued entries are given to whoever detects.
@Suite struct UnscoredEntriesTests {
    private static func identities(_ ids: String...) -> [EntryIdentity] {
        ids.map { EntryIdentity(tenant: "acme", id: $0) }
    }

    @Test func `what is confirmed while it waits is scored, the rest is not`() {
        var entries = UnscoredEntries()
        entries.add(Self.identities("left"))
        let (first, second) = (
            entries.addWithReceipt(Self.identities("a", "b")), entries.addWithReceipt(Self.identities("c"))
        )
        #expect(first != second && min(first, second) >= UnscoredEntries.firstReceipt)
        let isOurs = entries.confirm(first)
        #expect(isOurs)
        #expect(
            entries.among(Self.identities("a", "b", "c", "left", "no")) == Set(Self.identities("c", "left")))
        let isAgain = entries.confirm(first)
        #expect(!isAgain)
    }

    @Test func `what the server has already is given, not scored by whoever inserted it`() {
        var entries = UnscoredEntries()
        let receipt = entries.addWithReceipt(Self.identities("a", "b"))
        entries.remove(Self.identities("a"))
        let isOurs = entries.confirm(receipt)
        #expect(!isOurs)
        #expect(entries.among(Self.identities("a", "b")) == Set(Self.identities("b")))
    }

    @Test func `once nothing waits no receipt is kept`() {
        var entries = UnscoredEntries()
        let receipts = [entries.addWithReceipt(Self.identities("a")), entries.addWithReceipt([])]
        entries.remove(Self.identities("a"))
        let areOurs = receipts.map { entries.confirm($0) }
        #expect(areOurs == [false, false])
    }

    @Test func `receipts that nobody confirms are forgotten, their entries are not`() {
        var entries = UnscoredEntries()
        let first = entries.addWithReceipt(Self.identities("a"))
        for number in 0..<1_024 { _ = entries.addWithReceipt(Self.identities("x\(number)")) }
        let isOurs = entries.confirm(first)
        #expect(!isOurs)
        #expect(entries.among(Self.identities("a")).count == 1)
    }
}
