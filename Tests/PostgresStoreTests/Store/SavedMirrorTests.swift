import Decisions
import PostgresTesting
import Testing
import VectorStores

@testable import PostgresStore

/// A mirror that is kept on this machine between two openings.
@Suite(.timeLimit(.minutes(5))) struct SavedMirrorTests {
    /// A database with some rows, and the mirror of it in a folder.
    private static func saved(
        _ version: PostgresVersion, rows: Range<Int>
    ) async throws -> (StoreDatabase, ScratchFolder, [EntryIdentity: Decision]) {
        let database = try StoreDatabase(version)
        let folder = ScratchFolder()
        let opened = try OpenedStore(database.address, in: folder)
        _ = try await opened.store.insert(Sample.entries(rows))
        try await database.waitForEmptyInbox()
        // What was written here is known as such once it was read past.
        try opened.store.followNow()
        let everything = try await opened.store.everything()
        try await opened.store.finish()
        return (database, folder, everything)
    }

    @Test(arguments: PostgresVersion.allCases)
    func `a second start reads no row of the table and sees what changed meanwhile`(
        version: PostgresVersion
    ) async throws {
        let (database, folder, before) = try await Self.saved(version, rows: 0..<300)
        defer { database.drop() }
        let second = try OpenedStore(database.address, in: folder, access: .read)
        #expect(second.rowsRead == 0)
        // Of pgvector something may be told.
        #expect(await second.store.openingNotice?.contains("mirror") != true)
        #expect(try await second.store.everything() == before)
        let target = SearchRequest(target: .embedding(Sample.entry(7).embedding), limit: 5, exact: true)
        #expect(try await second.store.search(target).results.first?.stored.storedID == "d-7")
        await second.store.close()
        // Nobody who saves is there now.
        let writer = try database.open()
        _ = try await writer.insert(Sample.entries(300..<320))
        try await database.waitForEmptyInbox()
        _ = try await writer.delete(.ids(["d-1", "d-2"], tenant: nil))
        try database.run(
            "update decision_vectors set metadata = metadata || '{\"outcome\":\"late\"}' where id = 'd-3'")
        try await writer.write([RecordChange(collection: "c", key: "k", value: .bool(true), expected: nil)])
        await writer.close()
        let third = try OpenedStore(database.address, in: folder, access: .read)
        // Twenty came, two went, one changed.
        #expect(third.rowsRead == 21)
        let other = try database.open(.read)
        #expect(try await third.store.everything() == other.everything())
        #expect(try await third.store.statistics().vectors == 318)
        #expect(try await third.store.record(in: "c", key: "k")?.value == .bool(true))
        await third.store.close()
        await other.close()
    }

    @Test func `its files are the owner's alone, and one generation of them is kept`() async throws {
        let (database, folder, _) = try await Self.saved(.fifteen, rows: 0..<50)
        defer { database.drop() }
        let again = try OpenedStore(database.address, in: folder)
        _ = try await again.store.insert(Sample.entries(50..<90))
        try again.store.followNow()
        try await again.store.finish()
        let files = try folder.files(named: "snapshot-") + folder.files(named: "index-")
        #expect(files.count == 2)
        for file in files {
            #expect(try ScratchFolder.mode(file) == 0o600)
            let parent = file.split(separator: "/").dropLast().joined(separator: "/")
            #expect(try ScratchFolder.mode("/" + parent) == 0o700)
        }
        let last = try OpenedStore(database.address, in: folder, access: .read)
        #expect(last.rowsRead == 0)
        #expect(try await last.store.statistics().vectors == 90)
        await last.store.close()
    }

    @Test(arguments: ["snapshot-", "index-"])
    func `a damaged file is told, and everything is read anew`(kind: String) async throws {
        let (database, folder, before) = try await Self.saved(.fifteen, rows: 0..<200)
        defer { database.drop() }
        try ScratchFolder.damage(try #require(try folder.files(named: kind).first))
        let opened = try OpenedStore(database.address, in: folder)
        #expect(opened.rowsRead == 200)
        #expect(await opened.store.openingNotice?.contains("read anew") == true)
        #expect(try await opened.store.everything() == before)
        try await opened.store.finish()
        // What was written in its place is good again.
        let next = try OpenedStore(database.address, in: folder, access: .read)
        #expect(next.rowsRead == 0)
        #expect(await next.store.openingNotice == nil)
        await next.store.close()
    }

    @Test func `where the changes are no longer told everything is read anew`() async throws {
        let (database, folder, before) = try await Self.saved(.fifteen, rows: 0..<40)
        defer { database.drop() }
        try database.run("delete from verdict_changes")
        try database.run(
            """
            insert into verdict_records as held (collection, key, value, revision)
            select 'verdict.mirror', 'pruned', (pg_current_xact_id()::text::numeric + 1)::text, 1
            on conflict (collection, key) do update set value = excluded.value,
                revision = held.revision + 1, changed = pg_current_xact_id()
            """)
        let opened = try OpenedStore(database.address, in: folder, access: .read)
        #expect(opened.rowsRead == 40)
        #expect(await opened.store.openingNotice?.contains("no longer told") == true)
        #expect(try await opened.store.everything() == before)
        await opened.store.close()
    }

    @Test func `another database behind the same address is not taken for it`() async throws {
        let database = try StoreDatabase(.fifteen)
        let other = try StoreDatabase(.fifteen)
        defer {
            database.drop()
            other.drop()
        }
        let server = try PostgresServer.shared(.fifteen)
        let folder = ScratchFolder()
        let first = try OpenedStore(database.address, in: folder)
        _ = try await first.store.insert(Sample.entries(0..<30))
        try await first.store.finish()
        // The same name for another database, as after restoring one.
        let (name, otherName) = (database.database.name, other.database.name)
        let connection = try PostgresConnection.open(try PostgresServerAddress(server.address()))
        defer { connection.close() }
        let names = [name, otherName]
        try connection.run(
            "select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = any(\(names))")
        try connection.run("alter database \(identifier: name) rename to \(identifier: name + "_old")")
        try connection.run("alter database \(identifier: otherName) rename to \(identifier: name)")
        defer {
            _ = try? connection.run(
                "select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = \(name)")
            _ = try? connection.run("alter database \(identifier: name) rename to \(identifier: otherName)")
            _ = try? connection.run(
                "alter database \(identifier: name + "_old") rename to \(identifier: name)")
        }
        let second = try OpenedStore(database.address, in: folder)
        #expect(try await second.store.statistics().vectors == 0)
        #expect(await second.store.openingNotice?.contains("another database") == true)
        await second.store.close()
    }

    @Test func `mirror=unsaved keeps nothing`() async throws {
        let database = try StoreDatabase(.fifteen)
        defer { database.drop() }
        let folder = ScratchFolder()
        let address = database.address + "&mirror=unsaved"
        let opened = try OpenedStore(address, in: folder)
        _ = try await opened.store.insert(Sample.entries(0..<10))
        try await opened.store.finish()
        #expect(throws: (any Error).self) { try folder.files(named: "snapshot-") }
        #expect(try PostgresServerAddress(address).isSaved == false)
        #expect(throws: PostgresError.self) { try PostgresServerAddress("postgres://h/d?mirror=perhaps") }
    }

    @Test func `names and rows that cannot be held come back with the mirror`() throws {
        let note = SavedNote(
            identity: "form 1 \"quoted\"", snapshot: "10:20:11,12", layout: .partitioned,
            savedAt: Sample.start, rows: 3,
            names: [(EntryIdentity(tenant: "Ümläut", id: "a"), "a~0123")], leftOut: [("z\n", "it is zero")])
        let read = try #require(SavedNote(note.text))
        #expect(read.identity == note.identity)
        #expect(read.snapshot == note.snapshot)
        #expect(read.layout == .partitioned)
        #expect(read.savedAt == note.savedAt)
        #expect(read.rows == 3)
        #expect(read.names.map(\.rowID) == ["a~0123"])
        #expect(read.names.map(\.identity) == note.names.map(\.identity))
        #expect(read.leftOut.map(\.reason) == ["it is zero"])
        #expect(SavedNote("{}") == nil)
        #expect(SavedNote("no JSON") == nil)
    }
}
