import PostgresStore
import VectorStores

/// Asks a server one question, without a store of it in memory.
enum ServerSearch {
    /// The server's answer, within a limit; `nil` where the address is none of Verdict's own tables on a server.
    static func answer(
        _ request: SearchRequest, at address: StoreAddress, within limit: Duration
    ) async throws -> SearchAnswer? {
        guard let server = try self.server(address) else { return nil }
        let (result, notice) = try await BlockingSession.run(at: server, isReading: true, limit: limit) {
            connection, _ throws(PostgresError) in
            let searcher = try ServerSearcher(opening: connection)
            let answer = ask(request, searcher, connection)
            // What the server has to say counts, but not that the time was over while it was asked.
            if case .failure = answer, let late = connection.deadline, late <= .now {
                throw PostgresError(.timeout, "the time is over")
            }
            return (answer, searcher.notice)
        }
        if let notice { StandardError.write("verdict: \(notice)\n") }
        return try result.get()
    }

    private static func server(_ address: StoreAddress) throws -> PostgresServerAddress? {
        do throws(PostgresError) {
            guard let server = try PostgresServerAddress(address), server.table == nil else { return nil }
            return server
        } catch {
            throw CommandFailure(postgres: error)
        }
    }

    private static func ask(
        _ request: SearchRequest, _ searcher: ServerSearcher, _ connection: PostgresConnection
    ) -> Result<SearchAnswer, StoreError> {
        Result { () throws(StoreError) in try searcher.search(request, on: connection) }
    }
}
