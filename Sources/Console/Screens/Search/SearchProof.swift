import Operations
import TerminalUI
import VectorStores

/// A question answered twice, by the graph and exactly, and how the answers compare.
struct SearchProof: Equatable, Sendable {
    /// The question, as it is asked exactly.
    var question: SearchQuestion
    /// The exact answer.
    var exact: SearchOutcome?
    /// The graph's answer.
    var walked: SearchOutcome? {
        didSet { comparison = compared }
    }
    /// Both held against each other, once both came.
    private(set) var comparison: AnswerComparison?
    /// Rows scrolled away.
    var offset = 0

    init(_ question: SearchQuestion) {
        self.question = question
        self.question.exact = true
    }

    /// The question as the graph is asked.
    var walk: SearchQuestion {
        var walk = question
        walk.exact = false
        walk.forcesGraph = true
        return walk
    }

    /// The tenant it is about: the one it is narrowed to, else that of the decision to be near to.
    var tenant: String? { question.query?.tenantScope ?? question.like?.tenant }

    private var compared: AnswerComparison? {
        guard let exact, let walked else { return nil }
        return AnswerComparison(of: walked.results, with: exact.results)
    }

    /// The rows side by side: the exact answer's, each with what the graph gave for it, then the graph's others.
    var pairs: [Pair] {
        guard let exact, let walked, let comparison else {
            return (exact?.results ?? []).map { Pair(walked: nil, exact: $0, isMissed: false) }
        }
        let found = zip(exact.results, comparison.standings).map { result, standing in
            switch standing {
            case .found(let place), .tied(let place):
                Pair(walked: walked.results[place], exact: result, isMissed: false)
            case .missed: Pair(walked: nil, exact: result, isMissed: true)
            }
        }
        return found + comparison.extras.map { Pair(walked: walked.results[$0], exact: nil, isMissed: false) }
    }

    /// What stands on one row.
    struct Pair: Equatable, Sendable {
        /// What the graph gave.
        var walked: SearchResult?
        /// What is true.
        var exact: SearchResult?
        /// Whether the graph gave nothing for it.
        var isMissed: Bool
    }
}

extension ConsoleState {
    /// Whether both answers are at hand.
    var isOnProof: Bool { view == .search && search.page == .proof }

    /// Asks the question at hand exactly; the graph is asked when that is answered.
    ///
    /// In this order, what is stored between both can only be found, never missed.
    mutating func prove() -> [ConsoleRequest] {
        guard let question = searchQuestion() else { return [] }
        let proof = SearchProof(question)
        search.proof = proof
        search.page = .proof
        return [ask(.search(proof.question), .proof)]
    }

    mutating func takeProof(_ outcome: SearchOutcome) -> [ConsoleRequest] {
        guard let proof = search.proof else { return [] }
        guard proof.exact != nil else {
            search.proof?.exact = outcome
            return [ask(.search(proof.walk), .proof)]
        }
        search.proof?.walked = outcome
        return []
    }

    mutating func moveProof(by rows: Int) {
        guard let proof = search.proof else { return }
        let limit = ProofPage(state: self).scrollLimit
        search.proof?.offset = max(
            0, min(proof.offset + max(-SearchState.maximumLimit, min(rows, SearchState.maximumLimit)), limit))
    }
}
