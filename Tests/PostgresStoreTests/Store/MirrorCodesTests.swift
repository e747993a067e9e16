import Decisions
import PostgresTesting
import Testing
import VectorStores

@testable import PostgresStore

/// The mirror over each kind of codes, and as it comes back from its saved form.
@Suite(.timeLimit(.minutes(5))) struct MirrorCodesTests {
    private static let rows = 300
    private static let names = QuantizationSetting.names.filter { $0 != "none" }

    /// A decision and what is nearest to it, by a walk over the codes.
    private static func walk(_ number: Int, in store: MemoryStore) async throws -> [SearchResult] {
        let answer = try await store.search(
            SearchRequest(target: .embedding(Sample.entry(number).embedding), forcesGraph: true))
        #expect(answer.strategy == .mirrorGraph && answer.results.count == 10)
        return answer.results
    }

    /// The share of what is nearest that walks find; what is as near counts as found.
    private static func recall(_ store: MemoryStore) async throws -> Double {
        var (found, wanted) = (0, 0)
        for number in stride(from: 0, to: rows, by: 5) {
            let exact = try await store.search(
                SearchRequest(target: .embedding(Sample.entry(number).embedding), exact: true))
            #expect(exact.strategy == .mirrorExact && exact.results.count == 10)
            let least = (exact.results.last?.similarity ?? 2) - 1e-6
            let near = try await walk(number, in: store).filter { $0.similarity ?? -2 >= least }
            found += Set(near.map(\.stored.identity)).count
            wanted += exact.results.count
        }
        return Double(found) / Double(wanted)
    }

    /// What must hold of a mirror with such codes, however it came to them.
    private static func check(_ store: MemoryStore, has name: String) async throws {
        let statistics = try await store.statistics()
        #expect(statistics.vectors == rows)
        #expect(statistics.index.quantization == name && statistics.index.chosen?.name == name)
        #expect(try await store.health().first { $0.name == "quantization" }?.detail == "\(name) in use")
        for number in stride(from: 0, to: rows, by: 7) {
            // Cosines are told of the vectors themselves, whatever was walked over.
            let first = try await walk(number, in: store).prefix { $0.similarity ?? 0 >= 1 - 1e-5 }
            #expect(first.contains { $0.stored.storedID == "d-\(number)" }, "\(name): d-\(number)")
        }
        let recall = try await recall(store)
        #expect(recall >= 0.9, "\(name): \(recall)")
    }

    @Test func `every kind of codes is tried here`() {
        #expect(Self.names == ["sq8", "sq4", "pq4", "pq8", "pq16"])
    }

    @Test(arguments: names)
    func `the mirror takes the codes, searches by them, and has them when it is opened again`(
        name: String
    ) async throws {
        let database = try StoreDatabase(.eighteenWithVectors)
        defer { database.drop() }
        let folder = ScratchFolder()
        let first = try OpenedStore(database.address, in: folder)
        _ = try await first.store.insert(Sample.entries(0..<Self.rows))
        try await database.waitForEmptyInbox()
        // What was written here is known as such once it was read past.
        try first.store.followNow()
        try await first.store.finish()
        let second = try OpenedStore(database.address, in: folder)
        #expect(second.rowsRead == 0)
        #expect(try await second.store.statistics().index.quantization == "none")
        let report = try await second.store.rebuild(RebuildRequest(quantization: name)) { _ in }
        // The server has no such codes.
        #expect(report.server == nil && report.after.recall >= 0.9)
        try await Self.check(second.store, has: name)
        // No row changed: that the graph is another one is reason enough to save it.
        try second.store.followNow()
        try await second.store.finish()
        let third = try OpenedStore(database.address, in: folder, access: .read)
        #expect(third.rowsRead == 0)
        try await Self.check(third.store, has: name)
        await third.store.close()
    }
}
