import Decisions
import VectorStores

extension RecallProbe {
    /// Recall and median time at each breadth, over the same sample of stored vectors.
    ///
    /// What has the very vector that is asked about is left out of the comparison: every walk finds it, and in a
    /// log that repeats itself it would be most of the answer. Where that leaves too little to compare, since most
    /// vectors have more entries than walks keep candidates, all of it counts.
    ///
    /// Where the last breadth has less than a recall that is sought, wider ones are measured until one has it.
    static func curve(
        of store: any VectorStore, sample: [Embedding], breadths: [Int], seeking: SoughtRecall? = nil
    ) async throws -> [RecallPoint] {
        var questions: [CurveQuestion] = []
        for embedding in sample {
            try Task.checkCancellation()
            questions.append(try await CurveQuestion(embedding, in: store))
        }
        let points = try await points(of: store, questions, breadths, seeking)
        guard points.isEmpty else { return points }
        return try await self.points(of: store, questions.map(\.withItsOwn), breadths, seeking)
    }

    /// Fewer questions than so many judge no breadth, unless there are no more.
    private static let leastQuestions = 20

    private static func points(
        of store: any VectorStore, _ questions: [CurveQuestion], _ breadths: [Int], _ sought: SoughtRecall?
    ) async throws -> [RecallPoint] {
        var points: [RecallPoint] = []
        for breadth in breadths {
            if let point = try await point(of: store, questions, breadth) { points.append(point) }
        }
        guard let sought else { return points }
        let start = ContinuousClock.now
        var took = Duration.zero
        for breadth in sought.breadths {
            guard let last = points.last, last.recall < sought.recall else { break }
            let before = ContinuousClock.now
            // Each takes about twice as long as the one before it.
            if before - start + took * 2 >= sought.patience { break }
            if let point = try await point(of: store, questions, breadth) { points.append(point) }
            took = ContinuousClock.now - before
        }
        return points
    }

    /// What one breadth has; `nil` where too few questions judge it.
    private static func point(
        of store: any VectorStore, _ questions: [CurveQuestion], _ breadth: Int
    ) async throws -> RecallPoint? {
        var latency = LatencyHistogram()
        var total = 0.0
        var counted = 0
        for question in questions {
            try Task.checkCancellation()
            let request = question.request(breadth: breadth)
            let answer = try await store.search(request)
            latency.record(microseconds: answer.elapsedMicroseconds)
            let truth = question.truth(of: request)
            if let recall = recall(of: answer, against: truth, leavingOut: question.own) {
                total += recall
                counted += 1
            }
        }
        guard counted >= max(1, min(questions.count, leastQuestions)), let median = latency.quantile(0.5)
        else { return nil }
        return RecallPoint(breadth: breadth, recall: total / Double(counted), p50Microseconds: median)
    }
}

/// A recall that wider walks are tried for.
struct SoughtRecall {
    /// The recall at 10.
    var recall: Double
    /// The wider breadths, ascending.
    var breadths: [Int]
    /// How long measuring them may take, about.
    var patience: Duration
}

/// A stored vector whose neighbours are sought at several breadths.
private struct CurveQuestion {
    private let embedding: Embedding
    private let truth: SearchAnswer
    /// How many entries have the vector itself.
    private let repeats: Int
    /// The vector whose entries are left out of the comparison; `nil` when none are.
    private(set) var own: Embedding?

    init(_ embedding: Embedding, in store: any VectorStore) async throws {
        self.embedding = embedding
        truth = try await store.exactSearch(
            SearchRequest(
                target: .embedding(embedding), limit: RecallProbe.neighbours + RecallProbe.mostRepeats))
        repeats = truth.results.count { $0.stored.embedding == embedding }
        own = embedding
    }

    /// The question with what has the very vector.
    var withItsOwn: CurveQuestion {
        var question = self
        question.own = nil
        return question
    }

    /// The search at a breadth, for as many neighbours beside its own entries as that leaves room for.
    ///
    /// A walk keeps at least as many candidates as rows are asked for, so no more are. One candidate is the vector
    /// itself, which no question about a new decision has.
    func request(breadth: Int) -> SearchRequest {
        var request = SearchRequest(
            target: .embedding(embedding), limit: RecallProbe.neighbours, breadth: breadth,
            forcesGraph: true)
        if own != nil {
            request.limit = min(RecallProbe.neighbours + repeats, breadth + 1)
            request.breadth = breadth + 1
        }
        return request
    }

    /// The exact answer to such a search.
    func truth(of request: SearchRequest) -> SearchAnswer {
        var truth = truth
        truth.results = Array(truth.results.prefix(request.limit))
        return truth
    }
}
