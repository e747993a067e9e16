import Testing

@testable import PostgresStore

/// The list of migrations, as databases out there were made by it.
@Suite struct MigrationListTests {
    @Test func `migrations are numbered from 1 without gaps, each with a name of its own`() {
        #expect(Migration.all.map(\.number) == Array(1...Migration.all.count))
        #expect(Set(Migration.all.map(\.name)).count == Migration.all.count)
        #expect(Migration.newest == Migration.all.count)
    }

    /// What databases that are out there have noted; a line here is never changed, and a new migration gets one.
    private static let noted = [
        "1 record of migrations 6843fb12b4002ced",
        "2 pgvector 27c1c7e1a555c51b",
        "3 decision_vectors 605bea6a2fa9302b",
        "4 decision_inbox cfb38ee720cb1733",
        "5 verdict_records 93963e78334d7fff",
        "6 verdict_changes 35b4561593de7cbf",
        "7 change triggers 06b4d6ebfdfbe123",
        "8 verdict_retired 1f2ce3c9f02f9653",
        "9 decision_vectors_metadata_gin 9b43899f8fa5f399",
        "10 decision_vectors_tenant 68a85c879ae8c94f",
        "11 decision_vectors_embedding_hnsw c9c20a50212c2461",
        "12 change triggers for all but movers 7f6a2736f2a92de7",
    ]

    @Test func `databases that are out there were made by the same statements`() {
        #expect(Migration.all.map { "\($0.number) \($0.name) \($0.checksum)" } == Self.noted)
    }

    @Test func `nothing is written anew, and no statement waits for what it need not`() {
        for migration in Migration.all {
            #expect(!migration.rewrites, "\(migration.name)")
            for storage in EmbeddingStorage.allCases {
                let script = migration.script(for: storage)?.lowercased() ?? ""
                for words in ["alter column", "set data type", "vacuum full", "cluster ", "drop table"] {
                    #expect(!script.contains(words), "\(migration.name)")
                }
            }
        }
    }

    @Test func `only pgvector's own steps are left out without it`() {
        let withVector = Migration.all.filter { $0.script(for: .vector) != nil }
        let without = Migration.all.filter { $0.script(for: .array) != nil }
        #expect(withVector.count == Migration.all.count)
        #expect(
            Set(withVector.map(\.name)).subtracting(without.map(\.name))
                == ["pgvector", "decision_vectors_embedding_hnsw"])
        #expect(without.allSatisfy { $0.script(for: .array)?.contains("vector(384)") == false })
    }

    @Test func `a checksum follows every character of every storage's statements`() {
        let one = Migration(1, "one") { _ in "create table a ()" }
        let same = Migration(2, "other") { _ in "create table a ()" }
        let longer = Migration(1, "one") { _ in "create table a () " }
        let apart = Migration(1, "one") { $0 == .vector ? "create table a ()" : "create table b ()" }
        #expect(one.checksum == same.checksum && one.checksum.count == 16)
        #expect(Set([one.checksum, longer.checksum, apart.checksum]).count == 3)
        // The published value of FNV-1a for this text.
        #expect(Migration.digest("foobar") == "85944171f73967e8")
    }

    @Test(arguments: [
        ("0.8.0", "0.8.0", false), ("0.7.4", "0.8.0", true), ("0.8.10", "0.8.6", false),
        ("0.8.6", "0.8.10", true),
        ("1.0", "0.9.9", false), ("0.8", "0.8.0", false), ("0.8", "0.8.1", true),
        ("0.8.5-dev", "0.8.6", true),
        ("", "0.0.1", true),
    ])
    func `versions of pgvector are compared by their numbers`(one: String, other: String, isOlder: Bool) {
        #expect((ExtensionVersion(one) < ExtensionVersion(other)) == isOlder)
    }

    @Test(arguments: [
        (0, "1 s"), (99, "99 s"), (100, "2 min"), (5_999, "100 min"), (6_000, "2 h"), (86_400, "24 h"),
    ])
    func `an estimate has one unit`(seconds: Int, text: String) {
        #expect(MigrationStep.text(seconds: seconds) == text)
    }
}
