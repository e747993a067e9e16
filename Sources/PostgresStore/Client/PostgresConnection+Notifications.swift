import CPostgres
import Glibc

extension PostgresConnection {
    /// What another session told those who listen.
    package struct Notification: Sendable, Hashable {
        /// The name it was told under.
        package var channel: String
        /// What was told; empty where nothing was.
        package var payload: String
        /// The number of the server process that told it.
        package var processNumber: Int32
    }

    /// Asks to be told what others notify under a name, once the current transaction is committed.
    package func listen(_ channel: String) throws(PostgresError) {
        guard !isPooled else {
            throw PostgresError(
                .usage, "\(address): a pooler between passes no notifications on; name the server itself")
        }
        try script("listen \(SQL.quoted(identifier: channel))")
    }

    /// Waits for notifications and returns those that came; none when the time is over or it was cancelled.
    ///
    /// Throws where the connection breaks meanwhile.
    package func waitForNotification(milliseconds: Int) throws(PostgresError) -> [Notification] {
        let pointer = unsafe try usable()
        guard cancellation.begin() else { throw cancelled() }
        defer { cancellation.end() }
        let deadline = Deadline.now + .milliseconds(max(0, milliseconds))
        while true {
            guard unsafe PQconsumeInput(pointer) != 0, isHealthy else {
                giveUp()
                throw problem(.connection, unsafe String(cString: PQerrorMessage(pointer)))
            }
            let found = unsafe takeNotifications(pointer)
            let remaining = deadline.remainingMilliseconds
            if !found.isEmpty || remaining == 0 { return found }
            var watched = [
                pollfd(fd: unsafe PQsocket(pointer), events: Int16(POLLIN), revents: 0),
                pollfd(fd: cancellation.signal, events: Int16(POLLIN), revents: 0),
            ]
            _ = unsafe poll(&watched, 2, Int32(remaining))
            if watched[1].revents != 0 { return [] }
        }
    }

    private func takeNotifications(_ pointer: OpaquePointer) -> [Notification] {
        var found: [Notification] = []
        while let told = unsafe PQnotifies(pointer) {
            defer { unsafe PQfreemem(told) }
            unsafe found.append(
                Notification(
                    channel: String(cString: told.pointee.relname),
                    payload: String(cString: told.pointee.extra),
                    processNumber: told.pointee.be_pid))
        }
        return found
    }
}
