import Locks
import VectorStores

extension PostgresLog {
    /// A mirror that was last brought up to its server longer ago than this is behind.
    private static let behindAfter = Duration.seconds(5)
    /// How long a search waits for the server before the mirror answers as it is.
    private static let searchLimit = Duration.seconds(2)
    /// How long the mirror answers alone after the server did not.
    private static let restAfterSilence = Duration.seconds(15)

    /// How long what was seen of the database's indexes and layout is gone by.
    private static let searcherLasts = Duration.seconds(5)

    var isBehind: Bool {
        guard standing.withLock({ $0.failure == nil && $0.sinceAsked > Self.behindAfter }) else {
            return false
        }
        return searchesResume.withLock { $0 <= .now }
    }

    func search(_ request: SearchRequest) throws(StoreError) -> SearchAnswer? {
        let storage = facts.storage
        let result: Result<SearchAnswer, StoreError>?
        do throws(PostgresError) {
            result = try reading(deadline: .now + Self.searchLimit) { connection throws(PostgresError) in
                let searcher = try self.searcher(connection, storage)
                return Result { () throws(StoreError) in try searcher.search(request, on: connection) }
            }
        } catch {
            result = nil
        }
        switch result {
        case .success(let answer)?: return answer
        case .failure(let error)? where Self.isAnswer(error): throw error
        default:
            searchesResume.withLock { $0 = .now + Self.restAfterSilence }
            return nil
        }
    }

    /// What searches go by; looked at anew every few seconds, since an index may come or go.
    private func searcher(
        _ connection: PostgresConnection, _ storage: EmbeddingStorage
    ) throws(PostgresError) -> ServerSearcher {
        if let known = searcher.withLock({ $0 }), .now < known.until, known.searcher.storage == storage {
            return known.searcher
        }
        let searcher = try ServerSearcher(connection, storage: storage)
        self.searcher.withLock { $0 = (searcher: searcher, until: .now + Self.searcherLasts) }
        return searcher
    }

    /// Whether a refusal is what the server has to say, not that it has nothing to say.
    private static func isAnswer(_ error: StoreError) -> Bool {
        switch error.code {
        case .usage, .unknownID, .ambiguousID: true
        default: false
        }
    }
}
