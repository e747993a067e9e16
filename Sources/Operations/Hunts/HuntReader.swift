import AnomalyDetection
import Decisions
public import VectorStores

/// Searches a store for the same story by other principals.
public struct HuntReader: Sendable {
    /// Results that a search asks for.
    static let breadth = 128
    /// The most searches of one question.
    static let maximumSearches = 20

    private let store: any VectorStore

    /// Creates a reader.
    public init(store: any VectorStore) {
        self.store = store
    }

    /// Who else did what a decision did, in the same tenant or in all.
    ///
    /// Each search leaves out who was found, so that one who did it often hides nobody. Costs at most
    /// twenty searches; where walks find nobody more, everything is compared once, which is then told.
    public func hunt(_ question: HuntQuestion) async throws -> HuntReport {
        let shape = Hunt.shape(of: question.decision)
        var report = HuntReport()
        var known: [Query] = [Self.who(question.decision)]
        let scope = question.tenant.map { Query.tenant($0) }
        while report.finds.count < HuntReport.maximumFinds, report.searches < Self.maximumSearches {
            try Task.checkCancellation()
            let others = Query.not(known.count == 1 ? known[0] : .any(known))
            let request = SearchRequest(
                target: .embedding(shape), query: scope?.and(others) ?? others, limit: Self.breadth)
            let answer =
                try await report.isExact ? store.exactSearch(request) : store.search(request)
            report.note(answer)
            let found = Self.finds(in: answer.results.map(\.stored.decision), for: question.decision)
            if found.isEmpty {
                if report.isExact || answer.exact {
                    report.isExact = true
                    break
                }
                report.isExact = true
                continue
            }
            report.finds += found
            known += found.map { Self.who($0.nearest) }
        }
        report.isCut = report.finds.count > HuntReport.maximumFinds || report.searches >= Self.maximumSearches
        report.finds = Array(
            report.finds.sorted {
                ($1.similarity, $0.tenant, $0.principal) < ($0.similarity, $1.tenant, $1.principal)
            }.prefix(HuntReport.maximumFinds))
        try await count(question, into: &report)
        return report
    }

    /// The principals of some decisions that are the same story, each with its nearest.
    private static func finds(in decisions: [Decision], for own: Decision) -> [HuntReport.Find] {
        var places: [EntryIdentity: Int] = [:]
        var finds: [HuntReport.Find] = []
        for decision in decisions {
            let similarity = Hunt.similarity(decision, own)
            guard similarity >= Hunt.leastSimilarity else { continue }
            let name = EntryIdentity(tenant: decision.tenant, id: decision.principal.id)
            if let place = places[name] {
                if similarity > finds[place].similarity {
                    finds[place] = HuntReport.Find(nearest: decision, similarity: similarity)
                }
            } else {
                places[name] = finds.count
                finds.append(HuntReport.Find(nearest: decision, similarity: similarity))
            }
        }
        return finds
    }

    /// Counts what they did, from the newest decisions of the same kinds, actions and effect.
    private func count(_ question: HuntQuestion, into report: inout HuntReport) async throws {
        if report.finds.isEmpty { return }
        let kinds = Set(report.finds.map(\.nearest.resource.kind)).sorted()
        let query = Query.any(report.finds.map { Self.who($0.nearest) })
            .and(Self.oneOf("kind", kinds))
            .and(Self.oneOf("effect", [question.decision.effect.rawValue]))
        let request = SearchRequest(
            query: question.tenant.map { Query.tenant($0).and(query) } ?? query,
            limit: HuntReport.maximumRows)
        let answer = try await store.search(request)
        report.note(answer)
        let isCut = answer.results.count >= HuntReport.maximumRows
        var places: [EntryIdentity: Int] = [:]
        for (place, find) in report.finds.enumerated() {
            places[EntryIdentity(tenant: find.tenant, id: find.principal)] = place
        }
        var counts = [Int](repeating: 0, count: report.finds.count)
        for decision in answer.results.map(\.stored.decision) {
            let name = EntryIdentity(tenant: decision.tenant, id: decision.principal.id)
            guard let place = places[name],
                Hunt.similarity(decision, question.decision) >= Hunt.leastSimilarity
            else { continue }
            counts[place] += 1
            report.finds[place].first = min(report.finds[place].first, decision.time)
            report.finds[place].last = max(report.finds[place].last, decision.time)
        }
        for place in report.finds.indices {
            report.finds[place].count = max(1, counts[place])
            report.finds[place].isCut = isCut
        }
    }

    private static func who(_ decision: Decision) -> Query {
        Query.tenant(decision.tenant).and(oneOf("principal", [decision.principal.id]))
    }

    private static func oneOf(_ field: String, _ values: [String]) -> Query {
        .comparison(Query.Comparison(field: field, operation: .equals, operands: values))
    }
}

extension HuntReport {
    fileprivate mutating func note(_ answer: SearchAnswer) {
        searches += 1
        scanned += answer.scanned
        elapsedMicroseconds += answer.elapsedMicroseconds
    }
}
