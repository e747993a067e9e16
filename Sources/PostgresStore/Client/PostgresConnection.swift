import CPostgres
import Glibc
import VectorStores

/// One connection to a server, confined to whoever holds it.
///
/// Every call blocks the thread it is made on until the server has answered, the deadline is over or
/// ``PostgresCancellation`` stops it: never make one on the pool of tasks.
@safe package final class PostgresConnection {
    /// The address it was opened with.
    package let address: PostgresServerAddress
    /// Stops what it does, from any thread.
    package let cancellation: PostgresCancellation
    /// When every call without a deadline of its own has to be done.
    package var deadline: Deadline?
    /// Whether something stands between it and the server that gives it another session for each transaction.
    ///
    /// Then statements are not prepared, and notifications and locks of a session are not to be had.
    package private(set) var isPooled = false
    /// What the server told besides its answers, the latest last; a few only.
    package var notices: [String] { noticeBox.notices }

    let statements = PreparedStatements()
    private(set) var pointer: OpaquePointer?
    private let noticeBox: NoticeBox
    private let openedAt = ContinuousClock.now
    /// Set once the answers can no longer be told apart from those of an earlier statement.
    private var isBroken = false

    /// Connects by the rules of libpq.
    ///
    /// Looking up names, connecting and authenticating happen in the time the address gives each host, and before the
    /// deadline. With one, it is given up soon after the closure says that nobody wants it.
    package static func open(
        _ address: PostgresServerAddress, deadline: Deadline? = nil, isUnwanted: () -> Bool = { false }
    ) throws(PostgresError) -> PostgresConnection {
        let handle = try ConnectionAttempt.open(address, deadline: deadline, isUnwanted: isUnwanted)
        guard let pointer = unsafe handle.pointer else {
            throw PostgresError(.server, "there is no memory for a connection to \(address)")
        }
        guard handle.failure == nil, unsafe PQstatus(pointer) == CONNECTION_OK else {
            defer { handle.close() }
            throw unsafe ConnectionFailure.error(of: pointer, at: address, because: handle.failure)
        }
        let connection = unsafe PostgresConnection(pointer, address: address, notices: handle.notices)
        connection.deadline = deadline ?? .now + .seconds(handle.timeoutSeconds)
        defer { connection.deadline = nil }
        try connection.begin()
        return connection
    }

    private init(_ pointer: OpaquePointer, address: PostgresServerAddress, notices: NoticeBox) {
        unsafe self.pointer = unsafe pointer
        noticeBox = notices
        self.address = address
        cancellation = unsafe PostgresCancellation(pointer)
        unsafe PQsetnonblocking(pointer, 1)
    }

    deinit { unsafe PQfinish(pointer) }

    /// Finds out whether a pooler stands between: it invents the number of the server's process.
    private func begin() throws(PostgresError) {
        let row = try unprepared("select pg_backend_pid()").onlyRow()
        isPooled = try row.int8(0) != Int64(processNumber)
    }

    /// Closes the connection; calls after that throw.
    package func close() {
        unsafe PQfinish(pointer)
        unsafe pointer = nil
    }

    /// The server's version as libpq counts it: 180001 is 18.1.
    package var serverVersion: Int { unsafe pointer.map { Int(unsafe PQserverVersion($0)) } ?? 0 }

    /// The number of the server's process, as it is told.
    package var processNumber: Int32 { unsafe pointer.map { unsafe PQbackendPID($0) } ?? 0 }

    /// The host and port that it leads to, or the folder of a socket with its port.
    package var server: String {
        guard let pointer = unsafe pointer, let host = unsafe PQhost(pointer),
            let port = unsafe PQport(pointer)
        else { return "" }
        return PrintedText.escaped(unsafe "\(String(cString: host)):\(String(cString: port))", limit: 200)
    }

    /// Whether what is sent is encrypted.
    package var isEncrypted: Bool { unsafe pointer.map { unsafe PQsslInUse($0) != 0 } ?? false }

    /// How long ago it was opened.
    package var age: Duration { .now - openedAt }

    /// Whether it can be used: open, and not in the middle of an answer.
    ///
    /// Asks nobody.
    package var isHealthy: Bool {
        guard !isBroken, let pointer = unsafe pointer else { return false }
        return unsafe PQstatus(pointer) == CONNECTION_OK
    }

    /// Whether a transaction is open, failed or not.
    package var isInTransaction: Bool {
        guard let pointer = unsafe pointer else { return false }
        let status = unsafe PQtransactionStatus(pointer)
        return status == PQTRANS_INTRANS || status == PQTRANS_INERROR
    }

    /// Whether it is usable for the next one: healthy, and whatever it did is over.
    var isAtRest: Bool {
        guard isHealthy, let pointer = unsafe pointer else { return false }
        return unsafe PQtransactionStatus(pointer) == PQTRANS_IDLE
    }

    /// Whether the server has closed an idle connection, as far as the socket tells; asks nobody.
    var isCutOff: Bool {
        guard isHealthy, let pointer = unsafe pointer else { return true }
        // What the server says last may come before the end itself.
        for _ in 0..<4 {
            var watched = pollfd(fd: unsafe PQsocket(pointer), events: Int16(POLLIN), revents: 0)
            guard unsafe poll(&watched, 1, 0) > 0 else { return false }
            guard unsafe PQconsumeInput(pointer) != 0, isHealthy else { return true }
        }
        return true
    }

    /// Makes every further call throw: what comes next from the server may belong to what was given up.
    func giveUp() { isBroken = true }

    /// The connection of libpq, if it can be used.
    func usable() throws(PostgresError) -> OpaquePointer {
        guard isHealthy, let pointer = unsafe pointer else {
            throw PostgresError(.connection, "the connection to \(address) is closed")
        }
        return unsafe pointer
    }
}
