import AnomalyDetection
import Decisions
import TerminalUI
import VectorStores

/// What the search screen remembers.
struct SearchState: Equatable, Sendable {
    /// The query line.
    var editor = LineEditor()
    /// Whether the query is being typed.
    var isEditing = false
    /// The query that was last asked, to go back to.
    var asked = ""
    /// Why the query cannot be read; `nil` when it can.
    var problem: QueryError?
    /// How many results are asked for.
    var limit = 20
    /// Whether every match is compared.
    var exact = false
    /// The decision to be near to.
    var like: Decision?
    /// The newest answer.
    var outcome: SearchOutcome?
    /// When it came, on the console's own clock.
    var answeredMilliseconds: Int64 = 0
    /// The result at hand, by tenant and stored identifier.
    var cursor = ListCursor<String>()
    /// How deep the person has gone.
    var page = Page.results
    /// Rows of details scrolled away.
    var detailsOffset = 0
    /// The graph's answer and the exact one, once they were asked for.
    var proof: SearchProof?

    /// The page that led to this one, where Esc leads back to it.
    var returnPage: Page?

    /// The most results a screen asks for.
    static let maximumLimit = 1_000
    /// An answer younger than this says nothing of its age and is not asked for again.
    static let freshMilliseconds: Int64 = 5_000

    /// The levels of the screen.
    enum Page: Equatable, Sendable {
        case results, details, proof, policies, hunt, hunts
    }
}

extension SearchResult {
    /// What tells it apart among results of several tenants.
    var rowID: String { stored.decision.tenant + "\u{0}" + stored.storedID }
}

extension ConsoleState {
    /// The result at hand.
    var selectedResult: SearchResult? {
        guard let results = search.outcome?.results else { return nil }
        return results.first { $0.rowID == search.cursor.selected } ?? results.first
    }

    /// The decision that `m`, `y` and `Y` are about.
    var decisionAtHand: Decision? {
        switch view {
        case .anomalies: selectedMember?.decision ?? selectedIncident?.evidence.decision
        case .search: isOnResults || isOnDetails ? selectedResult?.stored.decision : nil
        case .overview: overview.focus == .incidents ? overviewIncident?.evidence.decision : nil
        case .metrics, .tenants, .map, .index, .health, .log: nil
        }
    }

    /// Whether the results are at hand; what changes them would replace a decision that is being read.
    var isOnResults: Bool { view == .search && search.page == .results }

    /// Whether a result is read.
    var isOnDetails: Bool { view == .search && search.page == .details }

    mutating func reconcileSearch() {
        let read = search.cursor.selected
        search.cursor.reconcile((search.outcome?.results ?? []).map(\.rowID), height: pageRows)
        guard search.page == .details else { return }
        if search.cursor.selected == nil || search.cursor.selected != read { search.page = .results }
    }

    /// Goes from the results to the decision at hand, which stays at hand whatever the answers bring.
    mutating func showDetails() {
        guard selectedResult != nil else { return }
        search.cursor.choose()
        search.page = .details
    }

    mutating func moveSearch(by rows: Int) {
        if isOnProof { return moveProof(by: rows) }
        if isOnHunt || isOnHunts { return moveHunting(by: rows) }
        if search.page == .policies {
            let limit = PoliciesPage(state: self).scrollLimit
            search.detailsOffset = max(0, min(search.detailsOffset + max(-500, min(rows, 500)), limit))
            return
        }
        if search.page == .details {
            let limit = SearchScreen(state: self).detailsLimit
            search.detailsOffset = max(0, min(search.detailsOffset + max(-500, min(rows, 500)), limit))
            return
        }
        search.cursor.move(by: rows, in: (search.outcome?.results ?? []).map(\.rowID), height: pageRows)
        search.detailsOffset = 0
    }

    mutating func takeSearch(_ outcome: SearchOutcome) {
        search.outcome = outcome
        search.answeredMilliseconds = milliseconds
        search.detailsOffset = 0
        reconcileSearch()
    }

    mutating func changeSearch(_ id: ActionID) -> [ConsoleRequest] {
        switch id {
        case .moreResults: search.limit = min(SearchState.maximumLimit, search.limit * 2)
        case .fewerResults: search.limit = max(1, search.limit / 2)
        case .toggleExact: search.exact.toggle()
        case .clearLike: search.like = nil
        default: return []
        }
        return runSearch()
    }

    /// Shows the decisions nearest to the one at hand; Esc leads back to where it was asked.
    mutating func moreLikeThis() -> [ConsoleRequest] {
        guard let decision = decisionAtHand else { return [] }
        if view != .search { returnView = view }
        view = .search
        search.like = decision
        search.page = .results
        search.returnPage = nil
        search.isEditing = false
        search.problem = nil
        search.editor.replace(with: "")
        search.asked = ""
        search.cursor = ListCursor()
        search.outcome = nil
        return runSearch()
    }
}
