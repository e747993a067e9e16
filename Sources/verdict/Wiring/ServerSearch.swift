import PostgresStore
import VectorStores

/// Asks a server one question, without a store of it in memory.
enum ServerSearch {
    /// The server's answer; `nil` where the address is none of Verdict's own tables on a server.
    static func answer(_ request: SearchRequest, at address: StoreAddress) async throws -> SearchAnswer? {
        guard let server = try self.server(address) else { return nil }
        let (result, notice) = try await BlockingSession.run(at: server, isReading: true) {
            connection, _ throws(PostgresError) in
            let searcher = try ServerSearcher(opening: connection)
            return (ask(request, searcher, connection), searcher.notice)
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
