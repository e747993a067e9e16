import CPostgres
import Glibc

extension PostgresConnection {
    /// Writes rows by a `copy … from stdin (format binary)`; returns how many.
    ///
    /// All rows are stored or, where the closure or the server throws, none. Outside a transaction a connection that
    /// breaks throws `.unknownOutcome`.
    @discardableResult
    package func copyIn(
        _ sql: SQL, deadline: Deadline? = nil, _ body: (inout CopyWriter) throws(PostgresError) -> Void
    ) throws(PostgresError) -> Int {
        let loss: PostgresError.Code = isInTransaction ? .connection : .unknownOutcome
        return try exchanging(deadline: deadline, loss: loss) { exchange throws(PostgresError) in
            try exchange.startCopy(sql, wanted: PGRES_COPY_IN)
            do throws(PostgresError) {
                var writer = CopyWriter(into: exchange)
                try body(&writer)
                try writer.finish()
            } catch {
                throw exchange.endWriting(for: error)
            }
            try exchange.require(unsafe PQputCopyEnd(exchange.pointer, nil))
            return try exchange.allResults().first?.affected ?? 0
        }
    }

    /// Reads rows by a `copy … to stdout (format binary)`, calling the closure with each; returns how many.
    ///
    /// What the closure throws ends it.
    @discardableResult
    package func copyOut(
        _ sql: SQL, deadline: Deadline? = nil, _ row: (inout CopyRow) throws(PostgresError) -> Void
    ) throws(PostgresError) -> Int {
        try exchanging(deadline: deadline, loss: .connection) { exchange throws(PostgresError) in
            try exchange.startCopy(sql, wanted: PGRES_COPY_OUT)
            let rows: Int
            do throws(PostgresError) {
                rows = try exchange.readRows(row)
            } catch {
                exchange.endReading()
                throw error
            }
            try exchange.allResults()
            return rows
        }
    }
}

extension Exchange: CopySink {
    /// Sends the statement and waits until the server wants, or has, rows.
    fileprivate func startCopy(_ sql: SQL, wanted: ExecStatusType) throws(PostgresError) {
        guard sql.values.isEmpty else { throw PostgresError(.usage, "COPY takes no values") }
        try require(unsafe PQsendQuery(pointer, sql.text))
        try flush()
        guard let result = try nextResult() else { throw lost() }
        if result.status == wanted { return }
        guard [PGRES_FATAL_ERROR, PGRES_BAD_RESPONSE].contains(result.status) else {
            connection.giveUp()
            throw PostgresError(.usage, "the statement is no COPY in this direction")
        }
        while try nextResult() != nil {}
        throw connection.error(of: result)
    }

    // MARK: Writing

    func send(_ bytes: [UInt8]) throws(PostgresError) {
        let status = unsafe bytes.withUnsafeBytes { buffer in
            unsafe PQputCopyData(
                pointer, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(buffer.count))
        }
        // Everything was sent before, so that there is always room to begin.
        try require(status)
        try flush()
    }

    /// Ends a COPY that failed here and returns why: the server is told, and keeps none of its rows.
    fileprivate func endWriting(for failure: PostgresError) -> PostgresError {
        guard connection.isHealthy else { return failure }
        do throws(PostgresError) {
            try require(unsafe PQputCopyEnd(pointer, "stopped by verdict"))
            try allResults()
        } catch {
            // The server says that it was stopped, which is known, or what was wrong before, which is not.
            return error.sqlState == "57014" && stop == nil ? failure : error
        }
        return failure
    }

    // MARK: Reading

    fileprivate func readRows(
        _ body: (inout CopyRow) throws(PostgresError) -> Void
    ) throws(PostgresError) -> Int {
        var rows = 0
        var hasHeader = false
        while let message = try nextMessage() {
            defer { message.free() }
            var content = unsafe message.content()
            // The header comes before the first row in one message with it, or alone.
            if !hasHeader {
                guard let length = unsafe CopyRow.headerBytes(content.bytes) else {
                    throw PostgresError(
                        .protocolViolation, "\(connection.address): the rows do not begin as binary COPY does"
                    )
                }
                unsafe content = unsafe message.content(from: length)
                hasHeader = true
            }
            if unsafe content.isEmpty || CopyRow.isEnd(content.bytes) { continue }
            guard var row = unsafe CopyRow(content) else {
                throw PostgresError(
                    .protocolViolation, "\(connection.address): row \(rows + 1) of the COPY is damaged")
            }
            try body(&row)
            rows += 1
        }
        return rows
    }

    /// The next message of a COPY; `nil` after the last.
    private func nextMessage() throws(PostgresError) -> CopyMessage? {
        while true {
            var start: UnsafeMutablePointer<CChar>?
            let length = unsafe PQgetCopyData(pointer, &start, 1)
            switch length {
            case 0:
                try wait(for: POLLIN)
                guard unsafe PQconsumeInput(pointer) != 0 else { throw lost() }
            case -1: return nil
            case ..<0: throw lost()
            default:
                if let start = unsafe start { return unsafe CopyMessage(start: start, count: Int(length)) }
            }
        }
    }

    /// Stops a COPY whose rows nobody wants, and takes what is on its way.
    fileprivate func endReading() {
        guard connection.isHealthy else { return }
        stopNow()
        do throws(PostgresError) {
            while let message = try nextMessage() { message.free() }
            try allResults()
        } catch {
            // Stopped, as asked, or broken, which the connection knows itself.
        }
    }
}

/// One message of a COPY, in memory of libpq.
@safe struct CopyMessage {
    private let start: UnsafeMutablePointer<CChar>
    private let count: Int

    init(start: UnsafeMutablePointer<CChar>, count: Int) {
        unsafe self.start = unsafe start
        self.count = count
    }

    /// Its bytes from a place on, there until it is freed.
    func content(from place: Int = 0) -> UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(start: start + place, count: count - place)
    }

    func free() { unsafe PQfreemem(start) }
}
