import Decisions
import PostgresTesting
import Testing
import VectorStores

@testable import PostgresStore

/// A store that was opened to be written, on a server that follows another.
@Suite(.timeLimit(.minutes(5))) struct StandbyWritingTests {
    private static let reason = "the server is a standby: name the primary server"

    private static let writes: [(name: String, perform: @Sendable (any DecisionStore) async throws -> Void)] =
        [
            ("insert", { _ = try await $0.insert(Sample.entries(20..<21)) }),
            ("delete", { _ = try await $0.delete(.ids(["d-1"], tenant: nil)) }),
            (
                "write",
                { try await $0.write([RecordChange(collection: "tests", key: "a", value: .bool(true))]) }
            ),
            ("rebuild", { _ = try await $0.rebuild(RebuildRequest()) { _ in } }),
        ]

    @Test(arguments: PostgresVersion.allCases)
    func `a standby is told as one, answers, and refuses each write with the reason`(
        version: PostgresVersion
    ) async throws {
        let group = try StandbyGroup(version)
        let writer = try group.open(.write)
        _ = try await writer.insert(Sample.entries(0..<20))
        let standby = group.standbys[0]
        try group.settle(standby)
        let address = standby.address(database: group.name)
        let store = try PostgresStore.open(.postgres(address), options: StoreOptions(clock: Sample.clock))
        #expect(await store.capabilities.readOnlyReason == Self.reason)
        #expect(await writer.capabilities.readOnlyReason == nil)
        let mirror = try #require(try await store.health().first { $0.name == "mirror" })
        #expect(mirror.detail.hasPrefix("20 rows, as a standby server has them"), "\(mirror.detail)")
        let found = try await store.search(
            SearchRequest(target: .embedding(Sample.entry(7).embedding), limit: 1, exact: true))
        #expect(found.results.first?.stored.storedID == "d-7")
        for write in Self.writes {
            let error = await #expect(throws: StoreError.self, "\(write.name)") {
                try await write.perform(store)
            }
            #expect(error?.code == .readOnly, "\(write.name)")
            #expect(
                error?.description.hasSuffix("may not be written: \(Self.reason)") == true, "\(write.name)")
        }
        // Nothing of it is on either server, and whoever names the primary goes on.
        for each in [store, writer] { #expect(try await each.statistics().vectors == 20) }
        #expect(try await writer.record(in: "tests", key: "a") == nil)
        for write in Self.writes { try await write.perform(writer) }
        #expect(try await writer.statistics().vectors == 20)
        await store.close()
        await writer.close()
    }
}
