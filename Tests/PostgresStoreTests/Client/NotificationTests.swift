import Foundation
import PostgresStore
import PostgresTesting
import Testing

/// What one session tells others.
@Suite struct NotificationTests {
    @Test(arguments: PostgresVersion.allCases)
    func `who listens is told`(version: PostgresVersion) throws {
        let database = try TestDatabase(version)
        defer { database.drop() }
        let listener = try database.connect()
        let speaker = try database.connect()
        try listener.listen("odd \"name")
        try speaker.run("select pg_notify(\("odd \"name"), \("what's new"))")
        try speaker.run("select pg_notify(\("another"), \("nobody hears"))")
        let told = try listener.waitForNotification(milliseconds: 60_000)
        #expect(told.map(\.channel) == ["odd \"name"] && told.map(\.payload) == ["what's new"])
        #expect(told.map(\.processNumber) == [speaker.processNumber])
        #expect(try listener.waitForNotification(milliseconds: 0) == [])
        #expect(try listener.run("select 1").onlyRow().int(0) == 1)
    }

    @Test func `a transaction tells when it is committed`() throws {
        let database = try TestDatabase()
        defer { database.drop() }
        let listener = try database.connect()
        let speaker = try database.connect()
        try listener.listen("changes")
        try speaker.transaction { speaker throws(PostgresError) in
            try speaker.run("notify changes, 'one'")
            let early = try listener.waitForNotification(milliseconds: 0)
            #expect(early == [])
        }
        #expect(try listener.waitForNotification(milliseconds: 60_000).map(\.payload) == ["one"])
    }

    @Test func `waiting is stopped from another thread`() throws {
        let database = try TestDatabase()
        defer { database.drop() }
        let listener = try database.connect()
        try listener.listen("changes")
        let cancellation = listener.cancellation
        let isOver = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            // Once is not enough where the wait has not begun.
            while isOver.wait(timeout: .now() + .milliseconds(1)) == .timedOut { cancellation.cancel() }
        }
        #expect(try listener.waitForNotification(milliseconds: 3_600_000) == [])
        isOver.signal()
        #expect(listener.isHealthy)
    }

    @Test func `a connection that breaks while waiting is told`() throws {
        let server = try PostgresServer.shared(.fifteen)
        let proxy = try TestProxy(to: server.port)
        defer { proxy.end() }
        let listener = try PostgresConnection.open(PostgresServerAddress(proxy.address(of: server)))
        try listener.listen("changes")
        proxy.cut()
        let error = try #require(throws: PostgresError.self) {
            try listener.waitForNotification(milliseconds: 60_000)
        }
        #expect(error.code == .connection && !listener.isHealthy)
    }
}
